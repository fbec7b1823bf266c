package bundle

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// write makes the files below a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// small is a project whose function needs nothing but the standard library.
func small(t *testing.T) string {
	t.Helper()
	return write(t, map[string]string{
		"go.mod":                            "module github.com/flexsweep/flexsweep\n\ngo 1.26\n\nrequire golang.org/x/mod v0.41.0 // not used by the function\n",
		"cloudfunction/function.go":         "package function\n\nimport _ \"github.com/flexsweep/flexsweep/cloudfunction/inner\"\n",
		"cloudfunction/function_test.go":    "package function_test\n",
		"cloudfunction/README.md":           "prose\n",
		"cloudfunction/.hidden":             "x\n",
		"cloudfunction/testdata/a.json":     "{}\n",
		"cloudfunction/inner/inner.go":      "package inner\n",
		"cloudfunction/inner/inner_test.go": "package inner\n",
		"cloudfunction/inner/table.json":    "{}\n",
		"tools/main.go":                     "package main\n",
	})
}

func TestBuildTakesWhatShips(t *testing.T) {
	t.Parallel()
	root := small(t)
	b, err := Build(t.Context(), root, filepath.Join(root, "build"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "function-" + b.SHA256[:16] + ".zip"; filepath.Base(b.Path) != want {
		t.Errorf("named %s, want %s: the name must change with the content", filepath.Base(b.Path), want)
	}
	r, err := zip.OpenReader(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var names []string
	for _, f := range r.File {
		names = append(names, f.Name)
		if !f.Modified.UTC().Equal(epoch) || f.Mode() != 0o644 {
			t.Errorf("%s has time %v and mode %v: both must be fixed", f.Name, f.Modified, f.Mode())
		}
	}
	want := []string{"function.go", "go.mod", "inner/inner.go"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("Go files and the module file, sorted (-want +got):\n%s", diff)
	}
	if !sort.StringsAreSorted(names) {
		t.Error("the entries are not sorted")
	}
}

func TestBuildRewritesTheModule(t *testing.T) {
	t.Parallel()
	root := small(t)
	b, err := Build(t.Context(), root, filepath.Join(root, "build"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Unpack(b.Path, dir); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("module "+Module+"\n\ngo 1.26\n", string(mod)); diff != "" {
		t.Errorf("its own path, and only what it needs (-want +got):\n%s", diff)
	}
}

func TestBuildIsTheSameTwice(t *testing.T) {
	t.Parallel()
	one, two := small(t), small(t) // two folders: the place must not count
	later := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(two, "cloudfunction", "function.go"), later, later); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(two, "cloudfunction", "function.go"), 0o755); err != nil {
		t.Fatal(err)
	}
	var archives [][]byte
	for _, root := range []string{one, two} {
		b, err := Build(t.Context(), root, filepath.Join(root, "build"))
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(b.Path)
		if err != nil {
			t.Fatal(err)
		}
		archives = append(archives, content)
	}
	if !bytes.Equal(archives[0], archives[1]) {
		t.Error("the same source in another folder, with other times and modes, gives other bytes")
	}
}

func TestBuildRefusesLocalReplacements(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{
		"go.mod":                    "module github.com/flexsweep/flexsweep\n\ngo 1.26\n\nreplace example.com/a => ../a\n",
		"cloudfunction/function.go": "package function\n",
	})
	_, err := Build(t.Context(), root, filepath.Join(root, "build"))
	if err == nil || !strings.Contains(err.Error(), "../a") {
		t.Errorf("a folder that Google's build does not have is accepted: %v", err)
	}
}

func TestUnpackStaysInside(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "evil.zip")
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if _, err := w.Create("../outside.go"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Unpack(path, filepath.Join(t.TempDir(), "in")); err == nil {
		t.Error("an entry outside of the folder is unpacked")
	}
}
