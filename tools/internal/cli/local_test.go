package cli_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// copied is what a project needs to bring up the local environment.
var copied = []string{"cloudfunction", "infra", "docs", "test/faketwilio", "test/tfdouble", "tools", "go.mod", "go.sum"}

// site is a copy of the project with the tool in it, so that a test can change
// sources and nothing else on the machine is touched.
type site struct {
	t    *testing.T
	root string
	out  bytes.Buffer
	err  bytes.Buffer
	all  strings.Builder // everything that was ever printed
	naps []time.Duration // waits between repeated applies
}

func newSite(t *testing.T) *site {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not on PATH")
	}
	s := &site{t: t, root: t.TempDir()}
	project, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range copied {
		target := filepath.Join(s.root, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("cp", "-R", filepath.Join(project, name), target).CombinedOutput(); err != nil {
			t.Fatalf("copy %s: %v\n%s", name, err, out)
		}
	}
	t.Cleanup(func() { // whatever happened, no process stays
		if _, err := os.Stat(s.path("build", "local")); err == nil {
			s.run("destroy", "local", "--yes")
		}
	})
	return s
}

func (s *site) path(elements ...string) string {
	return filepath.Join(append([]string{s.root}, elements...)...)
}

// run runs one command line and returns its exit code.
func (s *site) run(args ...string) int {
	s.t.Helper()
	s.out.Reset()
	s.err.Reset()
	p := &cli.Program{
		In: strings.NewReader(""), Out: &s.out, Err: &s.err, Dir: s.root, Now: time.Now, Transport: http.DefaultTransport,
		Env:   func(string) (string, bool) { return "", false },
		Sleep: func(_ context.Context, d time.Duration) error { s.naps = append(s.naps, d); return nil },
	}
	code := p.Run(context.WithoutCancel(s.t.Context()), args)
	s.all.WriteString(s.out.String() + s.err.String())
	return code
}

// must runs a command line that has to end with the code.
func (s *site) must(code int, args ...string) {
	s.t.Helper()
	if got := s.run(args...); got != code {
		s.t.Fatalf("flexsweep %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, s.out.String(), s.err.String())
	}
}

func (s *site) says(text string) {
	s.t.Helper()
	if !strings.Contains(s.out.String()+s.err.String(), text) {
		s.t.Errorf("%q is not said:\n%s%s", text, s.out.String(), s.err.String())
	}
}

// replace edits the files that the pattern names.
func (s *site) replace(pattern, old, text string) {
	s.t.Helper()
	files, err := filepath.Glob(s.path(pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	found := false
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			s.t.Fatal(err)
		}
		found = found || bytes.Contains(src, []byte(old))
		if err := os.WriteFile(f, bytes.ReplaceAll(src, []byte(old), []byte(text)), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	if !found {
		s.t.Fatalf("no %q in %s", old, pattern)
	}
}

type fake struct {
	Address    string `json:"address"`
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	APISecret  string `json:"api_secret"`
}

func (s *site) fake() fake {
	s.t.Helper()
	var f fake
	text, err := os.ReadFile(s.path("build", "local", "fake.json"))
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// send makes a request to the fake; host empty means its control API.
func (s *site) send(method, host, path, body string) {
	s.t.Helper()
	f := s.fake()
	req, err := http.NewRequestWithContext(s.t.Context(), method, f.Address+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if host != "" {
		req.Host = host
		req.SetBasicAuth(f.AccountSID, f.AuthToken)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		s.t.Fatalf("%s %s%s: %s %s", method, host, path, resp.Status, text)
	}
}

// pids are the processes that run, by name.
func (s *site) pids() map[string]int {
	s.t.Helper()
	s.must(cli.ExitOK, "status", "local", "--json")
	var list []struct {
		Name string `json:"name"`
		PID  int    `json:"pid"`
	}
	if err := json.Unmarshal(s.out.Bytes(), &list); err != nil {
		s.t.Fatal(err)
	}
	pids := map[string]int{}
	for _, p := range list {
		pids[p.Name] = p.PID
	}
	return pids
}

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

	s.newBundle()
	s.sinkDeletedByHand()
	s.guard()
	s.renamedSetting()
	s.noSecrets()

	pids := s.pids()
	s.must(cli.ExitOK, "destroy", "local", "--yes")
	for name, pid := range pids {
		if syscall.Kill(pid, 0) == nil {
			t.Errorf("%s (pid %d) still runs", name, pid)
		}
	}
	if left, _ := os.ReadDir(s.path("build")); len(left) > 0 {
		t.Errorf("destroy left %v", left)
	}
	s.must(cli.ExitOK, "destroy", "local", "--yes")
	s.says("Nothing of local is there")
}

// newBundle: other source, another object, other processes from the same fake.
func (s *site) newBundle() {
	s.t.Helper()
	before := s.pids()
	s.replace("cloudfunction/function.go", "// Adapters replaces", "// Another comment.\n\n// Adapters replaces")
	s.must(cli.ExitOK, "plan", "local")
	s.says("google_storage_bucket_object.bundle  (the new one first)")
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
	s.send(http.MethodDelete, "events.twilio.com", "/v1/Sinks/"+sink, "")
	s.must(cli.ExitError, "plan", "local")
	s.says("twilio_events_sinks_v1.webhook (/v1/Sinks/" + sink + ")")
	s.says("flexsweep heal local")
	s.must(cli.ExitRefused, "heal", "local")
	s.must(cli.ExitOK, "heal", "local", "--yes", "--json")
	s.says("twilio_events_sinks_v1.webhook")
	s.send(http.MethodPost, "", "/_fake/faults", `{"product":"events","method":"POST","path":"/Sinks","times":2,"status":429}`)
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
