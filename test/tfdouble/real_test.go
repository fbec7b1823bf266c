package tfdouble

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// realProviders names the environment variable with a Terraform CLI
// configuration under which the real providers are found without a registry:
// a filesystem mirror of the versions that infra/ allows.
const realProviders = "REAL_PROVIDERS_CLI_CONFIG"

// TestPlansAgreeWithTheRealProviders plans infra/ with the real providers and
// with the stand-ins, from nothing and on a state that the stand-ins wrote,
// and wants the same changes, values and unknowns. Nothing is refreshed or
// applied by the real ones; a dead proxy keeps them off the network.
func TestPlansAgreeWithTheRealProviders(t *testing.T) {
	cliConfig := os.Getenv(realProviders)
	if cliConfig == "" {
		t.Skip("skipped: " + realProviders + " does not name a Terraform CLI configuration with the real providers")
	}
	w := newInfraWorkspace(t)
	w.comparePlans(cliConfig, "from nothing", nil)
	w.apply()
	for _, row := range []struct{ name, variable, value string }{
		{"same", "twilio_auth_token_version", "1"},
		{"new bundle", "bundle", w.write("b.zip", "bundle two")},
		{"rotated token", "twilio_auth_token_version", "2"},
		{"new webhook URL", "webhook_url_override", "http://127.0.0.1:9001/elsewhere"},
		{"other region", "region", "europe-west4"},
		{"other names", "name_prefix", "other"},
	} {
		w.comparePlans(cliConfig, row.name, []string{"-var=" + row.variable + "=" + row.value})
	}
}

func (w *workspace) comparePlans(cliConfig, name string, args []string) {
	w.t.Helper()
	ours := w.planLines(args)
	double := w.env
	w.env = append(slices.DeleteFunc(slices.Clone(double), func(v string) bool {
		return strings.HasPrefix(v, "TF_REATTACH_PROVIDERS=")
	}), "TF_CLI_CONFIG_FILE="+cliConfig, "TF_DATA_DIR="+filepath.Join(w.dir, "real"),
		"GOOGLE_OAUTH_ACCESS_TOKEN=none", "HTTPS_PROXY=http://127.0.0.1:9")
	w.run(0, "init", "-input=false")
	real := w.planLines(args)
	w.env = double
	if diff := cmp.Diff(real, ours); diff != "" {
		w.t.Errorf("%s: the plans differ (-real +stand-in):\n%s", name, diff)
	}
}

// planLines plans, and gives the plan as lines "address action", "address
// attribute = value" and "address attribute unknown". Empty and null are one:
// SDKv2 does not tell them apart either.
func (w *workspace) planLines(args []string) []string {
	w.t.Helper()
	w.run(0, append(w.withArgs("plan", "-refresh=false", "-out=compared"), args...)...)
	var shown struct {
		Changes []plannedChange `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(w.run(0, "show", "-json", "compared")), &shown); err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, c := range shown.Changes {
		lines = append(lines, c.Address+" "+c.actions())
		lines = flatten(lines, c.Address+" ", " = ", c.Change.After)
		lines = flatten(lines, c.Address+" ", " unknown: ", c.Change.Unknown)
	}
	slices.Sort(lines)
	return lines
}

func flatten(lines []string, at, sign string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for name, element := range v {
			lines = flatten(lines, at+"."+name, sign, element)
		}
	case []any:
		for i, element := range v {
			lines = flatten(lines, fmt.Sprintf("%s[%d]", at, i), sign, element)
		}
	case nil:
	default:
		if v != "" && (v != false || sign == " = ") {
			lines = append(lines, fmt.Sprint(at, sign, v))
		}
	}
	return lines
}
