package deploy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// project has an infra/ with a bit of everything.
func project(t *testing.T, env string) *environment.Environment {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"infra/main.tf":                  "resource \"a\" \"kept\" {\n lifecycle {\n  prevent_destroy = true\n }\n}\nresource \"a\" \"free\" {\n lifecycle {\n  prevent_destroy = false\n }\n}\n",
		"infra/types.tf.json":            "{}",
		"infra/modules/m/main.tf":        "",
		"infra/tests/a.tftest.hcl":       "",
		"infra/environments/prod.tfvars": "",
		"infra/README.md":                "",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &environment.Environment{Name: env, Root: root, Infra: filepath.Join(root, "infra"), Build: filepath.Join(root, "build", env)}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStage(t *testing.T) {
	t.Parallel()
	env := project(t, "prod")
	dir, err := stage(env, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"main.tf", "modules/m/main.tf", "types.tf.json"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("the configuration and nothing else (-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{".terraform/x": "kept", ".terraform.lock.hcl": "kept", "gone.tf": "removed from infra/ since"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before, err := hashConfiguration(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stage(env, []string{"a.kept", "module.m.a.b", `a.many["x"]`}); err != nil {
		t.Fatal(err)
	}
	want = []string{".terraform/x", ".terraform.lock.hcl", "flexsweep_override.tf.json", "main.tf", "modules/m/main.tf", "types.tf.json"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("what is gone goes, what Terraform keeps stays (-want +got):\n%s", diff)
	}
	after, err := hashConfiguration(dir)
	if err != nil {
		t.Fatal(err)
	}
	if before == after {
		t.Error("a file that is gone does not change the hash")
	}
	var override map[string]any
	text, err := os.ReadFile(filepath.Join(dir, "flexsweep_override.tf.json"))
	if err == nil {
		err = json.Unmarshal(text, &override)
	}
	if err != nil {
		t.Fatal(err)
	}
	lifted := map[string]any{"resource": map[string]any{"a": map[string]any{"kept": map[string]any{"lifecycle": map[string]any{"prevent_destroy": false}}}}}
	if diff := cmp.Diff(lifted, override); diff != "" {
		t.Errorf("only what an override can name (-want +got):\n%s", diff)
	}
}

func TestPrevented(t *testing.T) {
	t.Parallel()
	got, err := Prevented(project(t, "prod").Infra)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a.kept"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSourcesDiffer(t *testing.T) {
	t.Parallel()
	a := Sources{Infra: "1", Bundle: "2", Variables: "3"}
	for _, row := range []struct {
		name   string
		other  Sources
		want   []string
		reason string
	}{
		{"same", a, nil, "nothing changed"},
		{"all", Sources{}, []string{"infra/", "cloudfunction/", "the environment's variables"}, "each is named as a person knows it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, a.Differ(row.other)); diff != "" {
				t.Errorf("%s:\n%s", row.reason, diff)
			}
		})
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	var host, user string
	fake := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		host = r.Host
		user, _, _ = r.BasicAuth()
	}))
	defer fake.Close()
	o := Outputs{AccountSID: "AC1", Functions: map[string]Function{"Sweep": {Environment: map[string]string{"TWILIO_API_KEY": "SK1", "TWILIO_BASE_URL": fake.URL}}}}
	client, err := o.Access(secrets.Values{APISecret: "s", AuthToken: "t"}).Client(http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get("https://sync.twilio.com/v1/Services")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if host != "sync.twilio.com" || user != "SK1" {
		t.Errorf("the fake saw host %q and user %q", host, user)
	}
	o.APIKey = "SK2"
	if a := o.Access(secrets.Values{APISecret: "s"}); a.Username != "SK2" {
		t.Errorf("signs in as %s: a key of the sweep's own is not the operators'", a.Username)
	}
	o.APIKey, o.Functions["Sweep"].Environment["TWILIO_API_KEY"] = "", ""
	if a := o.Access(secrets.Values{APISecret: "s", AuthToken: "t"}); a.Username != "AC1" || a.Password != "t" {
		t.Error("without an API key the account's own SID and token are used")
	}
}
