package cli_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// TestLocal takes the local environment through its life: apply, check, a second
// plan that is clean, a new bundle, Twilio's refusals, an object deleted by hand,
// the guard, a setting that was renamed on one side only, destroy.
func TestLocal(t *testing.T) {
	t.Parallel()
	s := newSite(t)

	s.must(cli.ExitOK, "apply", "local", "--yes")
	s.must(cli.ExitOK, "check", "local")
	if out := s.out.String(); strings.Contains(out, "fail") || strings.Contains(out, "skip") || !strings.Contains(out, "whole loop") {
		t.Errorf("a check failed or was left out:\n%s", out)
	}
	s.must(cli.ExitOK, "plan", "local", "--detailed-exitcode")
	s.says("nothing to do")
	s.must(cli.ExitRefused, "plan", "local", "--official-twilio")
	s.says("before the official one can take over: flexsweep destroy local")

	s.newBundle()
	s.sinkDeletedByHand()
	s.guard()
	s.renamedSetting()
	s.noSecrets()

	pids := s.pids()
	s.must(cli.ExitOK, "destroy", "local", "--yes")
	s.says("local is destroyed")
	for name, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%s (pid %d) still runs", name, pid)
		}
	}
	s.nothingLeft()
	s.must(cli.ExitOK, "destroy", "local", "--yes")
	s.says("Nothing of local is there")
	s.remains()
}

func (s *site) nothingLeft() {
	s.t.Helper()
	if left, _ := os.ReadDir(s.path("build")); len(left) > 0 {
		s.t.Errorf("destroy left %v", left)
	}
}

// remains: what Terraform cannot destroy any more, here because infra/ is broken,
// goes all the same, since it is processes and files of this machine only.
func (s *site) remains() {
	s.t.Helper()
	s.replace("infra/main.tf", "locals {", "locals {{")
	s.must(cli.ExitError, "apply", "local", "--yes")
	s.says("on infra/main.tf line")
	s.must(cli.ExitOK, "destroy", "local", "--yes") // nothing was applied: Terraform is not even asked
	s.says("local is destroyed")
	s.nothingLeft()

	s.must(cli.ExitError, "apply", "local", "--yes")
	if err := os.WriteFile(s.path("build", "local", "terraform.tfstate"), nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.must(cli.ExitOK, "destroy", "local", "--yes")
	s.says("Terraform cannot")
	s.nothingLeft()
}

// newBundle: other source, another object, other processes from the same fake.
func (s *site) newBundle() {
	s.t.Helper()
	before := s.pids()
	s.replace("cloudfunction/function.go", "// Adapters replaces", "// Another comment.\n\n// Adapters replaces")
	s.must(cli.ExitOK, "plan", "local")
	s.says("google_storage_bucket_object.bundle  (the old one goes first)")
	s.must(cli.ExitOK, "apply", "local", "--yes")
	after := s.pids()
	if before["EventStreams"] == after["EventStreams"] || before["fake-twilio"] != after["fake-twilio"] {
		s.t.Errorf("processes before %v, after %v: the functions must be new, the fake must not", before, after)
	}
	s.must(cli.ExitOK, "check", "local")
}

// sinkDeletedByHand: the provider's 404 is explained, healed, and the apply that
// makes the sink anew gets through two refusals.
func (s *site) sinkDeletedByHand() {
	s.t.Helper()
	s.must(cli.ExitOK, "output", "local", "sink_sid")
	sink := strings.TrimSpace(s.out.String())
	client, err := s.fake().Client()
	if err == nil {
		err = client.Call(s.t.Context(), http.MethodDelete, "https://events.twilio.com/v1/Sinks/"+sink, nil, nil)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.must(cli.ExitError, "plan", "local")
	s.says("twilio_events_sinks_v1.webhook (/v1/Sinks/" + sink + ")")
	s.says("flexsweep heal local")
	s.must(cli.ExitRefused, "heal", "local")
	s.must(cli.ExitOK, "heal", "local", "--yes", "--json")
	s.says("twilio_events_sinks_v1.webhook")
	if err := s.fake().AddFault(s.t.Context(), faketwilio.Fault{Product: "events", Method: "POST", Path: "/Sinks", Times: 2, Status: 429}); err != nil {
		s.t.Fatal(err)
	}
	s.must(cli.ExitOK, "apply", "local", "--yes")
	s.says("Twilio refused for the moment")
	if len(s.naps) != 2 {
		s.t.Errorf("the apply waited %v, want twice", s.naps)
	}
	s.must(cli.ExitOK, "check", "local")
	s.must(cli.ExitOK, "heal", "local")
	s.says("needs no healing")
}

// guard: in a protected environment a shorter list of types is refused until its
// address is named, and the ledger cannot be destroyed in passing.
func (s *site) guard() {
	s.t.Helper()
	s.replace("infra/environments/local.tfvars", "protected   = false", "protected   = true")
	s.replace("infra/event_types.tf.json", `      "com.twilio.taskrouter.task.canceled",`+"\n", "")
	s.must(cli.ExitRefused, "plan", "local")
	s.says("no longer subscribed: com.twilio.taskrouter.task.canceled")
	s.says("--allow 'twilio_events_subscriptions_v1.tasks'")
	s.must(cli.ExitRefused, "apply", "local", "--yes")
	s.must(cli.ExitRefused, "destroy", "local", "--yes")
	s.says("twilio_sync_services_v1.ledger: the plan would delete the ledger")
	s.must(cli.ExitOK, "plan", "local", "--allow", "twilio_events_subscriptions_v1.tasks")
	s.replace("infra/environments/local.tfvars", "protected   = true", "protected   = false")
	s.replace("infra/event_types.tf.json", `"event_types": [`, `"event_types": [`+"\n"+`      "com.twilio.taskrouter.task.canceled",`)
}

// renamedSetting: what infra/ still gives by the old name stops the apply, with
// the function's own words.
func (s *site) renamedSetting() {
	s.t.Helper()
	s.replace("cloudfunction/*.go", "SYNC_SERVICE_SID", "SYNC_SERVICE")
	s.must(cli.ExitError, "apply", "local", "--yes", "--fresh")
	s.says("does not start")
	s.says("SYNC_SERVICE: is required")
	s.replace("cloudfunction/*.go", "SYNC_SERVICE", "SYNC_SERVICE_SID")
	s.must(cli.ExitOK, "apply", "local", "--yes", "--fresh")
	s.must(cli.ExitOK, "check", "local")
}

// noSecrets looks for the fake's secrets in all that was said and written, plan
// files unpacked. Left out is what holds them by its nature: the fake's own record
// and announcement, and the secrets that the stand-in for Secret Manager keeps.
func (s *site) noSecrets() {
	s.t.Helper()
	f := s.fake()
	s.replace("cloudfunction/function.go", "// Another comment.", "// Yet another.")
	s.must(cli.ExitOK, "plan", "local") // so that there is a plan file to look into
	secrets := []string{f.AuthToken, f.APISecret}
	find := func(where string, text []byte) {
		for i, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				s.t.Errorf("secret %d is in %s", i, where)
			}
		}
	}
	find("the output", []byte(s.all.String()))
	own := map[string]bool{"fake.json": true, filepath.Join("logs", "fake-twilio.log"): true}
	base := s.path("build", "local")
	files := 0
	err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(base, path)
		if err != nil || d.IsDir() || own[rel] || strings.HasPrefix(rel, filepath.Join("applied", "secrets")) || strings.HasPrefix(rel, "bin") {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		find(rel, text)
		if strings.HasSuffix(path, ".tfplan") {
			return s.unpacked(path, find)
		}
		return nil
	})
	if err != nil || files < 10 {
		s.t.Errorf("looked at %d files: %v", files, err)
	}
}

func (s *site) unpacked(path string, find func(string, []byte)) error {
	r, err := zip.OpenReader(path)
	if err != nil {
		return fmt.Errorf("a plan file is a zip: %w", err)
	}
	defer r.Close()
	for _, entry := range r.File {
		in, err := entry.Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			return err
		}
		find(path+"/"+entry.Name, text)
	}
	return nil
}
