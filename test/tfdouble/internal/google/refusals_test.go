package google

import (
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
)

// refused plans and creates a resource, and wants that error.
func refused(t *testing.T, p *Provider, name string, config plan.Object, want string) plan.Object {
	t.Helper()
	r := resource(t, p, name)
	state, err := p.Create(t.Context(), r, plan.Planned(r.Block, p.Names, config, nil), config)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("create %s: got %v, want %q", name, err, want)
	}
	return state
}

func TestNamesAreTaken(t *testing.T) {
	t.Parallel()
	p := provider(t)
	secret := plan.Object{"secret_id": "s"}
	r, state := create(t, p, "google_secret_manager_secret", secret)
	refused(t, p, "google_secret_manager_secret", secret, "Error 409")
	if err := p.Delete(t.Context(), r, state); err != nil {
		t.Fatal(err)
	}
	create(t, p, "google_secret_manager_secret", secret)
}

func TestServicesAreOffAtFirst(t *testing.T) {
	t.Parallel()
	p := provider(t)
	r, state := create(t, p, "google_project_service", plan.Object{"service": "logging.googleapis.com"})
	if err := p.put(r, state, start, false); err != nil { // known since ever; anew now
		t.Fatal(err)
	}
	if err := p.store.remove(recordFile(r.Name, "p/logging.googleapis.com")); err != nil {
		t.Fatal(err)
	}
	metric := plan.Object{"name": "m", "filter": "f"}
	refused(t, p, "google_logging_metric", metric, "Error 403: logging.googleapis.com")
	create(t, p, "google_project_service", plan.Object{"service": "logging.googleapis.com"})
	refused(t, p, "google_logging_metric", metric, "Error 403: logging.googleapis.com")
	if err := p.options.Clock.Sleep(applied.ServiceDelay); err != nil {
		t.Fatal(err)
	}
	create(t, p, "google_logging_metric", metric)
}

func TestChannelInUseStays(t *testing.T) {
	t.Parallel()
	p := provider(t)
	channels, channel := create(t, p, "google_monitoring_notification_channel", plan.Object{"type": "email", "display_name": "one"})
	policies, policy := create(t, p, "google_monitoring_alert_policy", plan.Object{
		"display_name": "alert", "combiner": "OR", "notification_channels": []any{channel["name"]}})
	if err := p.Delete(t.Context(), channels, channel); err == nil || !strings.Contains(err.Error(), "Error 400") {
		t.Fatalf("delete a channel in use: %v", err)
	}
	policy["notification_channels"] = []any{}
	if _, err := p.Update(t.Context(), policies, policy, policy, policy); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(t.Context(), channels, channel); err != nil {
		t.Errorf("delete a channel that nothing uses: %v", err)
	}
}

func TestDashboardComesBackWithoutZeros(t *testing.T) {
	t.Parallel()
	p := provider(t)
	_, state := create(t, p, "google_monitoring_dashboard", plan.Object{
		"dashboard_json": `{"displayName":"d","tiles":[{"xPos":0,"yPos":16,"title":"","wide":false}]}`})
	if got, want := state["dashboard_json"], `{"displayName":"d","tiles":[{"yPos":16}]}`; got != want {
		t.Errorf("the dashboard is %v, want %v", got, want)
	}
}

// A function that fails is there, in Terraform's state and at Google, but not among what a local runner runs.
func TestFunctionThatFailsIsThere(t *testing.T) {
	t.Parallel()
	p := provider(t)
	create(t, p, "google_storage_bucket_object", plan.Object{"bucket": "b", "name": "o", "content": "text"})
	_, account := create(t, p, "google_service_account", plan.Object{"account_id": "runner"})
	_, secret := create(t, p, "google_secret_manager_secret", plan.Object{"secret_id": "s"})
	create(t, p, "google_secret_manager_secret_iam_member", plan.Object{
		"secret_id": secret["id"], "role": "roles/secretmanager.secretAccessor", "member": account["member"]})
	config := plan.Object{
		"name": "f", "location": "r",
		"build_config": []any{plan.Object{"source": []any{plan.Object{"storage_source": []any{plan.Object{"bucket": "b", "object": "o"}}}}}},
		"service_config": []any{plan.Object{"service_account_email": account["email"], "secret_environment_variables": []any{
			plan.Object{"key": "K", "project_id": "p", "secret": "s", "version": "1"}}}},
	}
	state := refused(t, p, "google_cloudfunctions2_function", config, "Permission denied on secret")
	r := resource(t, p, "google_cloudfunctions2_function")
	if read, err := p.Read(t.Context(), r, state); read == nil || err != nil || p.store.has("functions/f.json") {
		t.Errorf("read it: %v, %v; with a file for the runner: %v", read, err, p.store.has("functions/f.json"))
	}
	refused(t, p, "google_cloudfunctions2_function", config, "Error 409")
	if err := p.Delete(t.Context(), r, state); err != nil {
		t.Fatal(err)
	}
	if err := p.options.Clock.Sleep(applied.RoleDelay - time.Second); err != nil {
		t.Fatal(err)
	}
	state = refused(t, p, "google_cloudfunctions2_function", config, "Permission denied on secret")
	if err := p.Delete(t.Context(), r, state); err != nil {
		t.Fatal(err)
	}
	if err := p.options.Clock.Sleep(time.Second); err != nil {
		t.Fatal(err)
	}
	create(t, p, "google_cloudfunctions2_function", config)
}
