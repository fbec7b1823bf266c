package tfdouble

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

// infraFolder is the project's own configuration.
const infraFolder = "../../infra"

// TestInfra takes the project's own infra/ through its life: what it needs of
// the providers must be here, and behave.
func TestInfra(t *testing.T) {
	t.Parallel()
	w := newInfraWorkspace(t)
	w.planned()
	w.apply()
	w.clean()
	w.checkNoSecret()
	w.checkInfraFunctions()

	w.vars["bundle"] = w.write("b.zip", "bundle two")
	from := w.journalLength()
	w.apply()
	want := []string{"delete google_storage_bucket_object", "create google_storage_bucket_object",
		"update google_cloudfunctions2_function", "update google_cloudfunctions2_function"}
	if diff := cmp.Diff(want, w.actions("google", from)); diff != "" {
		t.Errorf("new bundle (-want +got):\n%s", diff)
	}

	w.twilioCalls()
	w.vars["webhook_url_override"] = "http://127.0.0.1:9001/elsewhere"
	w.apply()
	calls := []string{"POST /v1/Sinks", "POST /v1/Subscriptions", "DELETE /v1/Subscriptions/DF", "DELETE /v1/Sinks/DG"}
	if diff := cmp.Diff(calls, w.twilioCalls()); diff != "" {
		t.Errorf("new webhook URL (-want +got):\n%s", diff)
	}
	w.clean()

	if out := w.run(1, w.withArgs("destroy", "-auto-approve")...); !strings.Contains(out, "prevent_destroy") {
		t.Errorf("destroy with the ledger in the state says\n%s", out)
	}
	w.run(0, "state", "rm", "twilio_sync_services_v1.ledger")
	w.run(0, w.withArgs("destroy", "-auto-approve")...)
	if left := w.files(); len(left) != 0 {
		t.Errorf("files left after destroy: %q", left)
	}
}

// newInfraWorkspace gives a workspace of the local environment of infra/.
func newInfraWorkspace(t *testing.T) *workspace {
	t.Helper()
	variables := filepath.Join(infraFolder, "environments", "local.tfvars")
	if _, err := os.Stat(variables); errors.Is(err, fs.ErrNotExist) {
		t.Skip("skipped: there is no " + variables)
	}
	w := newWorkspace(t, infraFolder)
	w.args = []string{"-var-file=environments/local.tfvars"}
	for name, v := range map[string]string{
		"twilio_account_sid": w.fake.Credentials().AccountSID, "twilio_api_key": w.fake.Credentials().APIKey,
		"twilio_api_secret": canary, "twilio_auth_token": canary, "chat_service_sids": `["IS00000000000000000000000000000009"]`,
		"webhook_url_override": "http://127.0.0.1:9001/event-streams", "sweep_url_override": "http://127.0.0.1:9002/",
		"twilio_base_url": "http://127.0.0.1:9003",
	} {
		w.vars[name] = v
	}
	return w
}

// checkInfraFunctions wants both functions there, each with its secrets, and
// nothing but the webhook open to everybody.
func (w *workspace) checkInfraFunctions() {
	w.t.Helper()
	functions, err := applied.Functions(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	services := map[string]string{}
	for _, f := range functions {
		services[f.EntryPoint] = f.Name
		for _, s := range f.Secrets {
			if s.Key == "SYNC_SERVICE_SID" {
				continue
			}
			if got := w.read(s.File); got != canary {
				w.t.Errorf("%s: secret %s is %q", f.Name, s.Key, got)
			}
		}
	}
	if len(services) != 2 || services["EventStreams"] == "" || services["Sweep"] == "" {
		w.t.Fatalf("applied functions: %v, want EventStreams and Sweep", services)
	}
	bindings, err := applied.Bindings(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	public := slices.DeleteFunc(bindings, func(b applied.Binding) bool {
		return b.Member != "allUsers" && b.Member != "allAuthenticatedUsers"
	})
	if len(public) != 1 || !strings.HasSuffix(public[0].Resource, "/services/"+services["EventStreams"]) {
		w.t.Errorf("open to everybody: %+v, want the webhook alone", public)
	}
}
