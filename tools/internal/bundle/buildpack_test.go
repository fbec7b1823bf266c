package bundle

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/rig"
)

const declares = "import _ \"" + functionsPackage + "\"\n"

func TestInspectRoot(t *testing.T) {
	t.Parallel()
	const mod = "module github.com/flexsweep/flexsweep/cloudfunction\n"
	for _, row := range []struct {
		name   string
		files  map[string]string
		fault  string // part of the error; empty when it builds
		reason string
	}{
		{"good", map[string]string{"go.mod": mod, "f.go": "package function\n" + declares}, "", "what we ship"},
		{"no go.mod", map[string]string{"f.go": "package function\n"}, "no go.mod", "the build runs in module mode only"},
		{"no dot", map[string]string{"go.mod": "module flexsweep/cloudfunction\n", "f.go": "package function\n"}, "dot", "the module path's first element must have a dot"},
		{"nothing at the root", map[string]string{"go.mod": mod, "sub/f.go": "package function\n"}, "no Go package", "the converter looks at the root only"},
		{"two packages", map[string]string{"go.mod": mod, "f.go": "package function\n" + declares, "f_test.go": "package function_test\n"}, "multiple packages", "it parses tests too"},
		{"main", map[string]string{"go.mod": mod, "f.go": "package main\n" + declares}, "package main", "a program cannot be imported"},
		{"not declarative", map[string]string{"go.mod": mod, "f.go": "package function\n"}, functionsPackage, "it would look for an exported function named as the entry point"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := inspectRoot(write(t, row.files))
			switch {
			case row.fault == "" && err != nil:
				t.Errorf("%v: %s", err, row.reason)
			case row.fault != "" && (err == nil || !strings.Contains(err.Error(), row.fault)):
				t.Errorf("error %v lacks %q: %s", err, row.fault, row.reason)
			}
		})
	}
}

// TestBundleBuildsAndServes takes the project's own function the whole way that
// Google takes it: archive, unpack, generated main, go build, start, for both
// entry points.
func TestBundleBuildsAndServes(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b, err := Build(t.Context(), root, dir)
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "source")
	if err := Unpack(b.Path, source); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "function")
	if err := BuildFunction(t.Context(), source, binary); err != nil {
		t.Fatal(err)
	}
	sid := func(prefix string) string { return prefix + strings.Repeat("0", 32) }
	shared := []string{"TWILIO_ACCOUNT_SID=" + sid("AC"), "TWILIO_API_KEY=" + sid("SK"), "TWILIO_API_SECRET=secret", "SYNC_SERVICE_SID=" + sid("IS"), "TWILIO_BASE_URL=http://127.0.0.1:9"}
	for _, row := range []struct {
		target string
		env    []string
		want   int
		reason string
	}{
		{"EventStreams", []string{"TWILIO_AUTH_TOKEN=token", "WEBHOOK_URLS=https://example.test/hook"}, http.StatusForbidden, "unsigned is refused by the function itself, so it serves"},
		{"Sweep", []string{"CHAT_SERVICE_SIDS=" + sid("IS")}, http.StatusMethodNotAllowed, "a sweep is a POST"},
	} {
		t.Run(row.target, func(t *testing.T) {
			method := http.MethodPost
			if row.target == "Sweep" {
				method = http.MethodGet
			}
			if got := ask(t, binary, row.target, method, append(row.env, shared...)); got != row.want {
				t.Errorf("status %d, want %d: %s", got, row.want, row.reason)
			}
		})
	}
	t.Run("missing setting", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Env = append(shared, "FUNCTION_TARGET=EventStreams", "HOST=127.0.0.1", "PORT=0")
		out, err := cmd.CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("WEBHOOK_URLS")) {
			t.Errorf("a missing setting must end the process and be named: %v\n%s", err, out)
		}
	})
}

// ask starts the function and makes one request as soon as it listens.
func ask(t *testing.T, binary, target, method string, env []string) int {
	t.Helper()
	address, err := rig.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(address, ":")
	cmd := exec.CommandContext(t.Context(), binary)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = append(env, "FUNCTION_TARGET="+target, "HOST=127.0.0.1", "PORT="+port, "HOME="+os.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
	}()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+"/", strings.NewReader("[]"))
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			return resp.StatusCode
		}
		<-tick.C
	}
	t.Fatalf("%s does not answer", target)
	return 0
}
