package google

import (
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// services are the APIs that a new project has off. Whoever follows docs/deploy.md has turned the others on by hand.
var services = map[string]string{
	"google_cloud_run_v2_service_iam_member":  "run.googleapis.com",
	"google_cloud_scheduler_job":              "cloudscheduler.googleapis.com",
	"google_cloudfunctions2_function":         "cloudfunctions.googleapis.com",
	"google_logging_metric":                   "logging.googleapis.com",
	"google_monitoring_alert_policy":          "monitoring.googleapis.com",
	"google_monitoring_dashboard":             "monitoring.googleapis.com",
	"google_monitoring_notification_channel":  "monitoring.googleapis.com",
	"google_secret_manager_secret":            "secretmanager.googleapis.com",
	"google_secret_manager_secret_iam_member": "secretmanager.googleapis.com",
	"google_secret_manager_secret_version":    "secretmanager.googleapis.com",
	"google_service_account":                  "iam.googleapis.com",
}

// named are the types whose name is the caller's choice, and can be taken.
var named = map[string]bool{
	"google_cloud_scheduler_job":      true,
	"google_cloudfunctions2_function": true,
	"google_logging_metric":           true,
	"google_secret_manager_secret":    true,
	"google_service_account":          true,
	"google_storage_bucket":           true,
}

// admit refuses what Google refuses before it makes anything: a call to an API that is off, a name that is taken.
func (p *Provider) admit(r schema.Resource, planned plan.Object) error {
	faults, err := applied.ReadFaults(p.options.Dir)
	if err != nil {
		return err
	}
	id := value.Text(plan.Made(r.Block, p.Names, planned)["id"])
	if service := services[r.Name]; service != "" && !p.serves(service, faults.ServiceDelay()) {
		return fmt.Errorf("Error creating %s: googleapi: Error 403: %s has not been used in project %s before or it is disabled. If you "+
			"enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
			r.Name, service, value.Text(planned["project"]))
	}
	if _, taken := p.record(r.Name, id); taken && named[r.Name] {
		return fmt.Errorf("Error creating %s: googleapi: Error 409: Resource '%s' already exists", r.Name, id)
	}
	return nil
}

// serves reports whether an API was enabled long enough ago.
func (p *Provider) serves(service string, delay time.Duration) bool {
	for _, kept := range p.records("google_project_service") {
		if p.state(kept)["service"] == service && p.old(kept, delay) {
			return true
		}
	}
	return false
}

// old reports whether something was made at least so long ago.
func (p *Provider) old(kept record, delay time.Duration) bool {
	return !p.options.Clock.Now().Before(kept.Made.Add(delay))
}

// accident says what goes wrong with a step: what was asked for in the file of faults, or what stands in its way.
func (p *Provider) accident(action string, r schema.Resource, state plan.Object) error {
	p.faults.Lock()
	defer p.faults.Unlock()
	faults, err := applied.ReadFaults(p.options.Dir)
	if err != nil {
		return err
	}
	if faults.Take(action, r.Name, value.Text(state["name"])) {
		if err := applied.WriteFaults(p.options.Dir, faults); err != nil {
			return err
		}
		return fmt.Errorf("Error waiting to %s %s: Error code 13, message: it was to fail (%s)", action, r.Name, applied.FaultsFile)
	}
	if hinder := kinds[r.Name].hinder; hinder != nil && action != "delete" {
		return hinder(p, state)
	}
	return nil
}
