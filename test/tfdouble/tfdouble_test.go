package tfdouble

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

// TestLifeOfASystem applies, changes and destroys a whole system with the real
// Terraform.
func TestLifeOfASystem(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, "testdata/whole")
	w.vars["username"], w.vars["token"] = w.fake.Credentials().AccountSID, canary

	w.checkFirstPlan()
	w.apply()
	w.clean()
	w.checkFiles("1")
	w.checkNoSecret() // the first plan's file is still there, with the secret to write
	w.twilioCalls()

	w.changeBundle()
	w.rotateSecret()
	w.changeWebhook()
	w.changeDescription()
	w.deletedByHand()

	w.run(0, w.withArgs("destroy", "-auto-approve")...)
	if left := w.files(); len(left) != 0 {
		t.Errorf("files left after destroy: %q", left)
	}
}

// checkFirstPlan holds what is known before anything exists against what the
// real providers know then.
func (w *workspace) checkFirstPlan() {
	w.t.Helper()
	changes := w.planned()
	for _, row := range []struct {
		address, attribute string
		known              any // nil: known after apply
		reason             string
	}{
		{"google_service_account.run", "email", "whole-run@a-project.iam.gserviceaccount.com", "computed from names when planning"},
		{"google_service_account.run", "member", "serviceAccount:whole-run@a-project.iam.gserviceaccount.com", "as the email"},
		{"google_service_account.run", "name", nil, "the API's answer"},
		{"google_service_account.run", "id", nil, "the API's answer"},
		{"google_storage_bucket.source", "location", "EUROPE-WEST1", "the provider stores it in upper case"},
		{"google_storage_bucket.source", "storage_class", "STANDARD", "SDKv2 default"},
		{"google_storage_bucket.source", "project", "a-project", "from the provider"},
		{"google_storage_bucket_object.bundle", "generation", nil, "given by Cloud Storage"},
		{"google_storage_bucket_object.bundle", "md5hash", nil, "given by Cloud Storage"},
		{"google_secret_manager_secret_version.token", "version", nil, "numbered by Secret Manager"},
		{"google_secret_manager_secret_version.token", "enabled", true, "SDKv2 default"},
		{"google_cloudfunctions2_function.webhook", "url", nil, "unknown until the function exists"},
		{"google_cloud_scheduler_job.sweep", "time_zone", "Etc/UTC", "SDKv2 default"},
		{"twilio_sync_services_v1.ledger", "sid", nil, "given by Twilio"},
		{"twilio_sync_services_v1.ledger", "webhook_url", nil, "optional and computed"},
	} {
		change := changes[row.address].Change
		unknown, _ := change.Unknown[row.attribute].(bool)
		if got := change.After[row.attribute]; !cmp.Equal(got, row.known) || unknown != (row.known == nil) {
			w.t.Errorf("%s.%s: got %v (unknown %v), want %v: %s", row.address, row.attribute, got, unknown, row.known, row.reason)
		}
	}
	service := changes["google_cloudfunctions2_function.webhook"].Change.Unknown["service_config"].([]any)[0].(map[string]any)
	if service["environment_variables"] != true {
		w.t.Errorf("environment variables: %v is unknown, want the whole map because one value is", service["environment_variables"])
	}
	if service["uri"] != true {
		w.t.Error("service_config[0].uri is known before the function exists")
	}
}

// checkFiles holds the files for the local runner against the configuration.
func (w *workspace) checkFiles(version string) {
	w.t.Helper()
	functions, err := applied.Functions(w.double)
	if err != nil || len(functions) != 1 {
		w.t.Fatalf("applied functions: %v, %v", functions, err)
	}
	f := functions[0]
	if f.EntryPoint != "EventStreams" || f.TimeoutSeconds != 30 || f.EnvironmentVariables["WEBHOOK_URLS"] != w.webhookURL() {
		w.t.Errorf("applied function: %+v", f)
	}
	if got := w.read(f.Bundle.File); got != w.bundle() {
		w.t.Errorf("bundle of the function: %q, want %q", got, w.bundle())
	}
	want := []applied.Secret{{Key: "TWILIO_AUTH_TOKEN", Project: "a-project", Secret: "whole-token",
		Version: version, File: "secrets/whole-token/" + version}}
	if diff := cmp.Diff(want, f.Secrets); diff != "" {
		w.t.Errorf("secrets of the function (-want +got):\n%s", diff)
	}
	jobs, err := applied.Jobs(w.double)
	if err != nil || len(jobs) != 1 || jobs[0].URI != f.URI || jobs[0].OIDCAudience != f.URI || jobs[0].Body != `{"dryRun":true}` {
		w.t.Errorf("applied jobs: %+v, %v", jobs, err)
	}
	w.checkPublic()
}

// checkPublic wants exactly one grant to everybody: the webhook's.
func (w *workspace) checkPublic() {
	w.t.Helper()
	bindings, err := applied.Bindings(w.double)
	if err != nil {
		w.t.Fatal(err)
	}
	var public []string
	for _, b := range bindings {
		if b.Member == "allUsers" {
			public = append(public, b.Resource)
		}
	}
	want := []string{"projects/a-project/locations/europe-west1/services/whole-webhook"}
	if diff := cmp.Diff(want, public); diff != "" {
		w.t.Errorf("public (-want +got):\n%s", diff)
	}
}

// checkNoSecret wants the secret in its version's file and nowhere else: not
// in the plan, the state, the journal or any other file.
func (w *workspace) checkNoSecret() {
	w.t.Helper()
	for _, root := range []string{w.dir, w.double} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.Contains(path, "/.terraform/") {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			isVersion := strings.HasPrefix(path, filepath.Join(w.double, applied.SecretsFolder))
			if strings.Contains(path, "sync-service-sid") { // no secret, though it is kept with them
				return nil
			}
			if found := strings.Contains(string(data), canary); found != isVersion {
				w.t.Errorf("%s: holds the secret: %v, want %v", path, found, isVersion)
			}
			if info, err := entry.Info(); isVersion && (err != nil || info.Mode().Perm() != 0o600) {
				w.t.Errorf("%s: mode %v, want 0600", path, info.Mode())
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// changeBundle wants the new object to be there before the old one goes, and
// the function changed in between.
func (w *workspace) changeBundle() {
	w.t.Helper()
	w.vars["bundle"] = w.write("b.zip", "bundle two")
	from := w.journalLength()
	w.apply()
	want := []string{"create google_storage_bucket_object", "update google_cloudfunctions2_function", "delete google_storage_bucket_object"}
	if diff := cmp.Diff(want, w.actions("google", from)); diff != "" {
		w.t.Errorf("new bundle (-want +got):\n%s", diff)
	}
	w.checkFiles("1")
	w.clean()
}

// rotateSecret wants a new version, the function moved to it, the old one gone.
func (w *workspace) rotateSecret() {
	w.t.Helper()
	w.vars["token_version"] = "2"
	from := w.journalLength()
	w.apply()
	want := []string{"create google_secret_manager_secret_version", "update google_cloudfunctions2_function",
		"delete google_secret_manager_secret_version"}
	if diff := cmp.Diff(want, w.actions("google", from)); diff != "" {
		w.t.Errorf("rotated secret (-want +got):\n%s", diff)
	}
	w.checkFiles("2")
	w.clean()
}

// changeWebhook wants the new sink and subscription before the old ones go.
func (w *workspace) changeWebhook() {
	w.t.Helper()
	w.vars["webhook_url"] = "https://example.com/elsewhere?a=1&b=2"
	w.twilioCalls()
	w.apply()
	want := []string{"POST /v1/Sinks", "POST /v1/Subscriptions", "DELETE /v1/Subscriptions/DF", "DELETE /v1/Sinks/DG"}
	if diff := cmp.Diff(want, w.twilioCalls()); diff != "" {
		w.t.Errorf("new webhook URL (-want +got):\n%s", diff)
	}
	w.clean()
}

// changeDescription wants updates in place, booleans included.
func (w *workspace) changeDescription() {
	w.t.Helper()
	path := filepath.Join(w.dir, "config", "twilio.tf")
	data, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(data), "= var.name\n", "= \"renamed\"\n")
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.twilioCalls()
	w.apply()
	calls := w.twilioCalls()
	slices.Sort(calls)
	want := []string{"POST /v1/Services/IS", "POST /v1/Sinks/DG", "POST /v1/Subscriptions/DF"}
	if diff := cmp.Diff(want, calls); diff != "" {
		w.t.Errorf("new descriptions (-want +got):\n%s", diff)
	}
	w.clean()
}

// deletedByHand wants a google resource planned again, and a Twilio one to be
// an error that only forgetting it ends.
func (w *workspace) deletedByHand() {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.double, "jobs", "whole-sweep.json")); err != nil {
		w.t.Fatal(err)
	}
	if got := w.planned()["google_cloud_scheduler_job.sweep"].actions(); got != "create" {
		w.t.Errorf("job deleted by hand: planned %q, want create", got)
	}
	w.apply()

	w.deleteSubscription()
	out := w.run(1, w.withArgs("plan")...)
	if !strings.Contains(out, "Status: 404 - ApiError 20404: The requested resource /v1/Subscriptions/DF") ||
		!strings.Contains(out, "was not found (null) More info: https://www.twilio.com/docs/errors/20404") {
		w.t.Errorf("subscription deleted by hand: the plan says\n%s", out)
	}
	w.run(0, "state", "rm", "twilio_events_subscriptions_v1.tasks")
	w.apply()
	w.clean()
}
