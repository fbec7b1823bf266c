package tfdouble

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// canary is the secret of these tests. Nothing but the file of the secret's
// version may hold it.
const canary = "c4n4ryT0ken2f7a91"

// workspace is a copy of a configuration with a state of its own, a fake
// Twilio and both stand-ins.
type workspace struct {
	t      *testing.T
	dir    string // the configuration, the state and the plans
	double string // what the stand-ins keep
	fake   *faketwilio.Server
	env    []string
	vars   map[string]string
	args   []string // for plan, apply and destroy
}

// newWorkspace copies the configuration in from, with the state on disk, and
// runs terraform init. It skips the test when there is no terraform.
func newWorkspace(t *testing.T, from string) *workspace {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("skipped: terraform is not on PATH")
	}
	w := &workspace{t: t, dir: t.TempDir(), double: t.TempDir(), fake: faketwilio.New(faketwilio.Options{
		AccountSID: "AC" + strings.Repeat("0", 31) + "1", AuthToken: canary,
		APIKey: "SK" + strings.Repeat("0", 31) + "2", APISecret: canary})}
	w.copyConfig(from)
	server := httptest.NewServer(w.fake)
	t.Cleanup(server.Close)
	reattach, stop, err := Serve(t.Context(), Options{
		Dir: w.double, TwilioBaseURL: server.URL, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	cliConfig := w.write("terraform.rc", "")
	w.env = append(os.Environ(),
		"TF_REATTACH_PROVIDERS="+reattach.Env(), "TF_CLI_CONFIG_FILE="+cliConfig,
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	w.vars = map[string]string{"bundle": w.write("a.zip", "bundle one")}
	w.run(0, "init", "-input=false")
	return w
}

// copyConfig copies the configuration without what an init in place has left.
func (w *workspace) copyConfig(from string) {
	w.t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(entry.Name(), ".terraform"):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(w.dir, "config", relative)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("config/backend_override.tf", "terraform {\n  backend \"local\" {}\n}\n")
}

// write puts a file beside the configuration and gives its path.
func (w *workspace) write(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// run runs terraform, wants that exit code and gives what it printed.
func (w *workspace) run(want int, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), "terraform", append([]string{"-chdir=" + filepath.Join(w.dir, "config")}, args...)...)
	cmd.Env = w.env
	for name, v := range w.vars {
		cmd.Env = append(cmd.Env, "TF_VAR_"+name+"="+v)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		w.t.Fatalf("terraform %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, want, out.String())
	}
	if strings.Contains(out.String(), canary) {
		w.t.Errorf("terraform %s printed the secret", args[0])
	}
	return out.String()
}

// withArgs gives the arguments of a command that takes variables.
func (w *workspace) withArgs(args ...string) []string {
	return append(append(args, "-input=false", "-no-color"), w.args...)
}

func (w *workspace) apply() {
	w.t.Helper()
	w.run(0, w.withArgs("apply", "-auto-approve")...)
}

// clean wants a plan without any change.
func (w *workspace) clean() {
	w.t.Helper()
	w.run(0, w.withArgs("plan", "-detailed-exitcode")...)
}

// planned gives the planned changes by address.
func (w *workspace) planned() map[string]plannedChange {
	w.t.Helper()
	w.run(2, w.withArgs("plan", "-detailed-exitcode", "-out=plan")...)
	var shown struct {
		Changes []plannedChange `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(w.run(0, "show", "-json", "plan")), &shown); err != nil {
		w.t.Fatal(err)
	}
	changes := map[string]plannedChange{}
	for _, change := range shown.Changes {
		changes[change.Address] = change
	}
	return changes
}

// plannedChange is one entry of a plan's resource_changes.
type plannedChange struct {
	Address string
	Change  struct {
		Actions []string
		After   map[string]any
		Unknown map[string]any `json:"after_unknown"`
	}
}

// actions gives the change's actions as "create", "delete,create"…
func (c plannedChange) actions() string { return strings.Join(c.Change.Actions, ",") }

// twilioCalls gives the fake's requests since the last call that change
// something, as "POST /v1/Sinks", SIDs written as their prefix.
func (w *workspace) twilioCalls() []string {
	var calls []string
	for _, e := range w.fake.Journal().Entries() {
		if e.Method != "GET" {
			calls = append(calls, e.Method+" "+withoutSIDs(e.Path))
		}
	}
	w.fake.Journal().Reset()
	return calls
}

func withoutSIDs(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) == 34 {
			parts[i] = part[:2]
		}
	}
	return strings.Join(parts, "/")
}

// actions gives the journal's actions on a provider's resources since entry
// number from, as "create google_storage_bucket".
func (w *workspace) actions(provider string, from int) []string {
	w.t.Helper()
	entries, err := Journal(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	var actions []string
	for _, e := range entries[from:] {
		if e.Provider == provider {
			actions = append(actions, e.Action+" "+e.Type)
		}
	}
	return actions
}

func (w *workspace) journalLength() int {
	w.t.Helper()
	entries, err := Journal(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(entries)
}
