package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// TestMain lets the scripts run this very program as `flexsweep`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"flexsweep": func() {
		program, err := cli.New("test")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(cli.ExitError)
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		os.Exit(program.Run(ctx, os.Args[1:]))
	}})
}

// TestScripts runs every command as a person does, in a small project that needs no
// provider. What needs the stand-ins is tested in internal/cli.
func TestScripts(t *testing.T) {
	t.Parallel()
	project, err := filepath.Abs("testdata/project")
	if err != nil {
		t.Fatal(err)
	}
	caches := goCaches(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			target := filepath.Join(e.WorkDir, "project")
			if err := os.CopyFS(target, os.DirFS(project)); err != nil {
				return err
			}
			e.Cd = target
			e.Vars = append(e.Vars, caches...)
			e.Vars = append(e.Vars, "HOME="+e.WorkDir, "CHECKPOINT_DISABLE=1", "FLEXSWEEP_NO_DOWNLOAD=1", "TF_CLI_CONFIG_FILE=", "NO_COLOR=1")
			return nil
		},
	})
}

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
