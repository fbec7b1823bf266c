package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMakeTestWithoutCompiler: Go's race detector wants a C compiler. Without one the
// tests run all the same, and it is said.
func TestMakeTestWithoutCompiler(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not on PATH")
	}
	for _, row := range []struct {
		name, compiler string
		race           bool
		reason         string
	}{
		{"with", "sh", true, "races are looked for"},
		{"without", "no-such-compiler", false, "a test without the detector is better than none"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(t.TempDir(), "go")
			script := "#!/bin/sh\n[ \"$1\" = env ] && echo " + row.compiler + " && exit\necho \"ran $*\"\n"
			if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "make", "-o", "test-infra", "test", "GO="+program)
			cmd.Dir = ".."
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			said := strings.Contains(string(out), "without the race detector")
			if ran := strings.Contains(string(out), "ran test -race"); ran != row.race || said == row.race || !strings.Contains(string(out), "ran test -") {
				t.Errorf("%s:\n%s", row.reason, out)
			}
		})
	}
}
