package environment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProtectedUnlessItSaysNo(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, text string
		want       bool
		reason     string
	}{
		{"missing", "", true, "a file that says nothing is guarded, as infra/'s default is"},
		{"true", "protected = true", true, "said"},
		{"text true", `protected = "true"`, true, "Terraform takes it as true"},
		{"text false", `protected = "false"`, false, "Terraform takes it as false"},
		{"false", "protected = false", false, "said"},
		{"null", "protected = null", true, "null is infra/'s default"},
		{"nonsense", `protected = "no"`, true, "Terraform will complain; until then it is guarded"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			root := project(t, map[string]string{"infra/environments/local.tfvars": row.text + "\n"})
			env, err := Load(root, root, "local")
			if err != nil {
				t.Fatal(err)
			}
			if got := env.Protected(); got != row.want {
				t.Errorf("protected = %t: %s", got, row.reason)
			}
		})
	}
}

func TestLoadRefusesAnotherName(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		"infra/environments/shop.tfvars":        "environment = \"prod\"\n",
		"infra/environments/shop.gcs.tfbackend": "",
	})
	if _, err := Load(root, root, "shop"); err == nil || !strings.Contains(err.Error(), `environment = "shop"`) {
		t.Errorf("a copied file that still names prod is taken: %v", err)
	}
	if _, err := Load(root, root, "shpo"); err == nil || !strings.Contains(err.Error(), "did you mean shop?") {
		t.Errorf("the nearest name is not told: %v", err)
	}
}

func TestUnknownSettings(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		"infra/variables.tf":              "variable \"max_retirements_per_run\" {}\nvariable \"retention\" {}\n",
		"infra/environments/local.tfvars": "max_retirments_per_run = 10\nretention = \"1h\"\nxyzzy = 1\n",
	})
	env, err := Load(root, root, "local")
	if err != nil {
		t.Fatal(err)
	}
	want := "infra/environments/local.tfvars: there is no setting max_retirments_per_run; did you mean max_retirements_per_run?\n" +
		"infra/environments/local.tfvars: there is no setting xyzzy; see infra/README.md for all of them"
	if err := env.Unknown(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// TestCommittedEnvironments: the files of this repository name settings that there are,
// and, but for local, still wait for somebody's own values.
func TestCommittedEnvironments(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	root, err := FindRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names(root) {
		env, err := Load(root, t.TempDir(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := env.Unknown(); err != nil {
			t.Error(err)
		}
		open, err := env.Placeholders()
		if err != nil {
			t.Fatal(err)
		}
		if (len(open) == 0) != env.IsLocal() {
			t.Errorf("%s: placeholders %v", name, open)
		}
	}
}

func TestScaffoldFillsPlaceholders(t *testing.T) {
	t.Parallel()
	root := project(t, map[string]string{
		"infra/environments/prod.tfvars": "# kept\nenvironment = \"prod\"\nproject_id     = \"your-prod-project\"\nproject_number = \"100000000000\"\nregion = \"europe-west1\"\n" +
			"twilio_account_sid = \"AC00000000000000000000000000000000\"\ntwilio_api_key     = \"SK00000000000000000000000000000000\"\nchat_service_sids  = [\"IS00000000000000000000000000000000\"]\nretention = \"48h\"\n",
		"infra/environments/prod.gcs.tfbackend": "bucket = \"your-state-bucket\"\nprefix = \"flexsweep/prod\"\n",
	})
	env, err := Load(root, root, "prod")
	if err != nil {
		t.Fatal(err)
	}
	open, err := env.Placeholders()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"chat_service_sids in infra/environments/prod.tfvars", "project_id in infra/environments/prod.tfvars", "project_number in infra/environments/prod.tfvars",
		"twilio_account_sid in infra/environments/prod.tfvars", "twilio_api_key in infra/environments/prod.tfvars", "bucket in infra/environments/prod.gcs.tfbackend",
	}
	if diff := cmp.Diff(want, open); diff != "" {
		t.Error(diff)
	}
	settings := Settings{ProjectID: "shop-flex", ProjectNumber: "123456789012", Region: "us-east1", StateBucket: "b", AccountSID: "AC1", APIKey: "SK1", ChatServiceSID: "IS1"}
	if _, err := Scaffold(root, "prod", settings); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(env.VarFile)
	if err != nil {
		t.Fatal(err)
	}
	wantText := "# kept\nenvironment = \"prod\"\nproject_id     = \"shop-flex\"\nproject_number = \"123456789012\"\nregion = \"us-east1\"\n" +
		"twilio_account_sid = \"AC1\"\ntwilio_api_key     = \"SK1\"\nchat_service_sids  = [\"IS1\"]\nretention = \"48h\"\n"
	if diff := cmp.Diff(wantText, string(text)); diff != "" {
		t.Error(diff)
	}
	if env, err = Load(root, root, "prod"); err != nil {
		t.Fatal(err)
	}
	if open, err = env.Placeholders(); err != nil || len(open) > 0 {
		t.Errorf("left: %v, %v", open, err)
	}
	if _, err := Scaffold(root, "prod", settings); err == nil {
		t.Error("what was filled in is written over")
	}
}
