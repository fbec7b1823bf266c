package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/rig"
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

// fake drives the fake Twilio of the local environment.
func (s *site) fake() *rig.Fake {
	s.t.Helper()
	var f rig.Fake
	text, err := os.ReadFile(s.path("build", "local", "fake.json"))
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return rig.Attach(f)
}

// pids are the processes that run, by name.
func (s *site) pids() map[string]int {
	s.t.Helper()
	s.must(cli.ExitOK, "status", "local", "--json")
	var status struct {
		Runs []struct {
			Name string `json:"name"`
			PID  int    `json:"pid"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(s.out.Bytes(), &status); err != nil {
		s.t.Fatal(err)
	}
	pids := map[string]int{}
	for _, p := range status.Runs {
		pids[p.Name] = p.PID
	}
	return pids
}
