package conformance

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Without npm nothing is installed, and nothing is left behind.
func TestInstallWithoutNPM(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	if _, err := Install(t.Context(), dir, "."); !errors.Is(err, ErrNoNPM) {
		t.Errorf("without npm: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What npm complains about is told, and nothing half installed remains.
func TestInstallFails(t *testing.T) {
	bin, dir := t.TempDir(), t.TempDir()
	script := "#!/bin/sh\necho 'no network' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if _, err := Install(t.Context(), dir, "."); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("npm that fails: %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "build", "conformance")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The second one finds what the first one installed, and another lock file is another folder.
func TestInstallOnce(t *testing.T) {
	bin, dir, source := t.TempDir(), t.TempDir(), t.TempDir()
	script := "#!/bin/sh\necho run >>" + filepath.Join(dir, "runs") + "\nmkdir node_modules\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	folders := map[string]bool{}
	for _, content := range []string{"a", "a", "b"} {
		for _, name := range pinned {
			if err := os.WriteFile(filepath.Join(source, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		o, err := Install(t.Context(), dir, source)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(o.Modules()); err != nil || !info.IsDir() {
			t.Errorf("modules: %v", err)
		}
		folders[o.Modules()] = true
	}
	runs, err := os.ReadFile(filepath.Join(dir, "runs"))
	if err != nil || string(runs) != "run\nrun\n" || len(folders) != 2 {
		t.Errorf("three calls for two lock files ran npm %q (%v) into %d folders", runs, err, len(folders))
	}
}

// A lock file that names a registry's host would send everybody there, or nowhere.
func TestLockNamesNoHost(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), `"resolved"`) {
		t.Error("package-lock.json says where packages were downloaded from; write it with omit-lockfile-registry-resolved")
	}
}
