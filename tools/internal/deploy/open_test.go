package deploy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// program stands for Terraform: it writes down each command with the part of its
// environment that matters here, and answers as little as terraform-exec wants.
const program = `#!/bin/sh
case "$1" in
version) echo '{"terraform_version":"1.11.4"}'; exit ;;
show) echo '{"format_version":"1.2"}' ;;
esac
echo "$1 proxy=$HTTPS_PROXY ca=$SSL_CERT_FILE no_proxy=$NO_PROXY news=$CHECKPOINT_DISABLE reattach=$TF_REATTACH_PROVIDERS" >>"$(dirname "$0")/calls"
`

// TestEnvironment: init goes the user's way to the registry or a mirror, and
// everything after it goes through the fake's proxy.
func TestEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://company")
	t.Setenv("SSL_CERT_FILE", "company.pem")
	t.Setenv("NO_PROXY", "*")
	t.Setenv("CHECKPOINT_DISABLE", "")
	t.Setenv("TF_VAR_x", "terraform-exec refuses this beside an environment of one's own")
	const google = `{"registry.terraform.io/hashicorp/google":{"Protocol":"grpc","ProtocolVersion":6,"Pid":1,"Test":true,"Addr":{"Network":"unix","String":"s"}}}`
	for _, row := range []struct {
		name        string
		environment map[string]string
		after       string
		reason      string
	}{
		{"through a proxy", map[string]string{"HTTPS_PROXY": "http://fake", "SSL_CERT_FILE": "fake.pem", "NO_PROXY": "", "CHECKPOINT_DISABLE": "1"},
			"proxy=http://fake ca=fake.pem no_proxy= news=1", "the provider must reach the fake, and nothing else"},
		{"as it is", nil, "proxy=http://company ca=company.pem no_proxy=* news=", "without the official provider nothing is changed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			bin := t.TempDir()
			path := filepath.Join(bin, "terraform")
			if err := os.WriteFile(path, []byte(program), 0o755); err != nil {
				t.Fatal(err)
			}
			env := project(t, "local")
			s, err := Open(t.Context(), Options{Env: env, Terraform: path, Reattach: json.RawMessage(google), Environment: row.environment, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			env.VarFile = filepath.Join(env.Infra, "environments", "prod.tfvars")
			planned, err := s.Plan(t.Context(), s.PlanFile(), Goal{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Apply(t.Context(), planned, Patience{}, Talk{}); err != nil {
				t.Fatal(err)
			}
			calls, err := os.ReadFile(filepath.Join(bin, "calls"))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, command := range []string{"plan", "show", "apply"} {
				want = append(want, command+" "+row.after+" reattach="+google)
			}
			want = append([]string{"init proxy=http://company ca=company.pem no_proxy=* news= reattach=" + google}, want...)
			if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(calls)), "\n")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestKeepLock(t *testing.T) {
	t.Parallel()
	const (
		head     = "# This file is maintained automatically by \"terraform init\".\n"
		official = "\nprovider \"registry.terraform.io/twilio/twilio\" {\n  hashes = [\n    \"h1:a=\",\n    \"zh:0b\",\n  ]\n}\n"
		mirrored = "\nprovider \"registry.terraform.io/hashicorp/google\" {\n  hashes = [\n    \"h1:c=\",\n  ]\n}\n"
	)
	for _, row := range []struct {
		name, lock string
		kept       bool
		reason     string
	}{
		{"signed", head + official, true, "the registry's choice is the project's"},
		{"from a mirror", head + mirrored, false, "a mirror's build may be nobody else's"},
		{"one from a mirror", head + mirrored + official, false, "half a lock locks out every other machine"},
		{"no lock", "", false, "without providers there is none"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir, infra := t.TempDir(), t.TempDir()
			if row.lock != "" {
				if err := os.WriteFile(filepath.Join(dir, lockFile), []byte(row.lock), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := keepLock(dir, infra); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(infra, lockFile))
			if kept := err == nil; kept != row.kept || kept && string(got) != row.lock {
				t.Errorf("infra/ has %q (%v), want it kept: %t: %s", got, err, row.kept, row.reason)
			}
		})
	}
}
