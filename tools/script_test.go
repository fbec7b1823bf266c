package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

var update = flag.Bool("update", false, "write the expected output in the scripts anew")

// TestMain lets the scripts run this very program as `exec flexsweep`. testscript.Main would
// do so, too, but then "flexsweep" alone could not be a word of the scripts.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "flexsweep" {
		main()
		return
	}
	os.Exit(m.Run())
}

// programs makes a folder with this program in it.
func programs(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "flexsweep")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestScripts plays every command as a person types it. There are two ways:
//
//	exec flexsweep …  the program, in the small project of testdata/project, which needs no
//	                  provider and which the word "project" lays out. What needs the
//	                  stand-ins is tested in internal/cli.
//	flexsweep …       in this process, in an account of the script's own
//
// The other words are in words_test.go.
func TestScripts(t *testing.T) {
	t.Parallel()
	caches, path := goCaches(t), programs(t)
	infra, err := filepath.Abs("../infra")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireUniqueNames: true, Cmds: words(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", path+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Vars = append(e.Vars, caches...)
			e.Vars = append(e.Vars, "HOME="+e.WorkDir, "INFRA="+infra, "CHECKPOINT_DISABLE=1", "FLEXSWEEP_NO_DOWNLOAD=1", "TF_CLI_CONFIG_FILE=", "NO_COLOR=1")
			e.Values[scriptKey{}] = &script{
				tool:    &tool{World: world.New(scriptT{e}, nil, faketwilio.Options{Seed: 1}), dir: e.WorkDir},
				threads: map[string]*world.Thread{}, jobs: map[string]*world.Job{}, applied: map[string]string{}, outputs: map[string]string{},
			}
			return nil
		},
	})
}

// scriptT makes a script what a world asks of a test.
type scriptT struct{ env *testscript.Env }

func (t scriptT) Helper()          {}
func (t scriptT) Cleanup(f func()) { t.env.Defer(f) }

func (t scriptT) Fatalf(format string, args ...any) { t.env.T().Fatal(fmt.Sprintf(format, args...)) }

// goCaches lets the go command of a script use this user's caches: its HOME is
// another.
func goCaches(t *testing.T) []string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("GOPATH")
	if path == "" {
		path = filepath.Join(home, "go")
	}
	return []string{"GOCACHE=" + filepath.Join(cache, "go-build"), "GOPATH=" + path}
}
