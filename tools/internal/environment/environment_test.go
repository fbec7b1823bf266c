package environment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// project writes files below a new folder with this project's go.mod.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = module + "\n"
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

func TestLoad(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		"infra/environments/prod.tfvars":        "protected = true\nproject_id = \"p\"\nsids = [\"a\"]\n",
		"infra/environments/prod.gcs.tfbackend": "bucket = \"b\"\n",
		"infra/environments/local.tfvars":       "protected = false\n",
		"infra/environments/half.tfvars":        "",
		"infra/environments/broken.tfvars":      "protected = \n",
	})
	for _, row := range []struct {
		name      string
		protected bool
		fault     string // part of the error
		reason    string
	}{
		{"prod", true, "", "a whole environment"},
		{"local", false, "", "local needs no backend file"},
		{"half", false, "half.gcs.tfbackend", "state must have a place"},
		{"broken", false, "broken.tfvars", "the file that is wrong is named"},
		{"nowhere", false, "flexsweep init nowhere", "the way to make it, and what is known, are told"},
		{"Prod", false, "lower-case", "names become part of resource names"},
		{"../prod", false, "lower-case", "a name is no path"},
	} {
		t.Run(strings.ReplaceAll(row.name, "/", "_"), func(t *testing.T) {
			t.Parallel()
			env, err := Load(root, filepath.Join(root, "build"), row.name)
			if row.fault != "" {
				if err == nil || !strings.Contains(err.Error(), row.fault) {
					t.Errorf("error %v lacks %q: %s", err, row.fault, row.reason)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v: %s", err, row.reason)
			}
			if env.Protected() != row.protected {
				t.Errorf("protected = %t", env.Protected())
			}
		})
	}
}

func TestScaffold(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{})
	settings := Settings{ProjectID: "p", Region: "r", StateBucket: "b", AccountSID: "AC1", ChatServiceSID: "IS1", Protected: true}
	files, err := Scaffold(root, "staging", settings)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"infra/environments/staging.tfvars", "infra/environments/staging.gcs.tfbackend"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
	env, err := Load(root, filepath.Join(root, "build"), "staging")
	if err != nil {
		t.Fatalf("what was scaffolded does not load: %v", err)
	}
	if !env.Protected() || env.Values.String("project_id") != "p" {
		t.Error("the answers are not in the file")
	}
	if _, err := Scaffold(root, "staging", settings); err == nil {
		t.Error("an environment that is there was written over")
	}
}

func TestFindRoot(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{"a/b/x": ""})
	if got, err := FindRoot(filepath.Join(root, "a", "b")); err != nil || got != root {
		t.Errorf("found %q, %v", got, err)
	}
	if _, err := FindRoot(t.TempDir()); err == nil {
		t.Error("a folder outside of any project has a root")
	}
}
