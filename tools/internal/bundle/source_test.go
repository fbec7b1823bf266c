package bundle

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names lists the entries of an archive.
func names(t *testing.T, b Bundle) []string {
	t.Helper()
	r, err := zip.OpenReader(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []string
	for _, f := range r.File {
		out = append(out, f.Name)
	}
	return out
}

// put writes further files below root.
func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBuildLeavesTheRest: what lies in the folders by accident is not sent to Google.
func TestBuildLeavesTheRest(t *testing.T) {
	t.Parallel()
	root := small(t)
	put(t, root, map[string]string{
		"cloudfunction/key.json":               `{"private_key":"canary"}`,
		"cloudfunction/prod.tfvars":            "twilio_auth_token = \"canary\"\n",
		"cloudfunction/node_modules/x/x.go":    "package x\n",
		"cloudfunction/scratch/try.go":         "package scratch\n",
		"cloudfunction/inner/other_windows.go": "package inner\n",
		"cloudfunction/inner/ignored.go":       "//go:build ignore\n\npackage main\n",
		"cloudfunction/inner/inner.go.orig":    "package inner\n",
		"LICENSE":                              "Apache\n",
		"NOTICE":                               "flexsweep\n",
	})
	b, err := Build(t.Context(), root, filepath.Join(root, "build"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"LICENSE", "NOTICE", "function.go", "go.mod", "inner/inner.go"}
	if diff := cmp.Diff(want, names(t, b)); diff != "" {
		t.Errorf("the packages that are built, the module, the licence (-want +got):\n%s", diff)
	}
}

// TestBuildIsTheSameWithOtherLineEnds: git on Windows checks out CRLF.
func TestBuildIsTheSameWithOtherLineEnds(t *testing.T) {
	t.Parallel()
	sums := map[string]bool{}
	for _, end := range []string{"\n", "\r\n"} {
		root := small(t)
		for _, name := range []string{"go.mod", "cloudfunction/function.go", "cloudfunction/inner/inner.go"} {
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			put(t, root, map[string]string{name: strings.ReplaceAll(string(text), "\n", end)})
		}
		put(t, root, map[string]string{"LICENSE": "Apache" + end})
		b, err := Build(t.Context(), root, filepath.Join(root, "build"))
		if err != nil {
			t.Fatal(err)
		}
		sums[b.SHA256] = true
	}
	if len(sums) != 1 {
		t.Errorf("%d different bundles of one source", len(sums))
	}
}

func TestBuildRefusesEmbeddedFiles(t *testing.T) {
	t.Parallel()
	root := small(t)
	put(t, root, map[string]string{"cloudfunction/inner/inner.go": "package inner\n\nimport _ \"embed\"\n\n//go:embed table.json\nvar table string\n"})
	if _, err := Build(t.Context(), root, filepath.Join(root, "build")); err == nil || !strings.Contains(err.Error(), "table.json") {
		t.Errorf("a file that the bundle would lack is not told: %v", err)
	}
}
