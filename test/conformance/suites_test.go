package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// suites are the tests of this project that talk to the fake, other than those above: the folder, and which of its tests.
var suites = []struct{ folder, run string }{
	{"./test/faketwilio", "."}, {"./test/integration", "."}, {"./test/model", "."}, {"./test/tfdouble", "."},
	{"./test/parity", "^TestBattery$"}, // the others play with altered fakes
}

// testSuites runs them once more and lets the fake record what it is asked. Whether they pass is their own affair: go test says so
// where it runs them for their own sake. But a suite that says nothing at all, because it does not compile for one, is a fault.
func testSuites(t *testing.T, folder string) {
	t.Helper()
	t.Parallel()
	for _, suite := range suites {
		t.Run(filepath.Base(suite.folder), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := timeout(t, 8*time.Minute)
			defer cancel()
			said := filepath.Join(folder, filepath.Base(suite.folder))
			if err := os.Mkdir(said, 0o700); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-run", suite.run, suite.folder)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "FLEXSWEEP_EXCHANGES="+said)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Logf("%v: %v\n%s", cmd.Args, err, out)
			}
			if files, globErr := filepath.Glob(filepath.Join(said, "*.jsonl")); globErr != nil || len(files) == 0 {
				t.Errorf("%s said nothing to the fake: %v\n%s", suite.folder, err, out)
			}
		})
	}
}
