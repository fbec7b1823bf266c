package google

import (
	"fmt"
	"slices"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
)

// Validate finds what the real provider's validate was seen to find: little.
// A bad function name, runtime, timeout, cron or deadline passes there too.
func (p *Provider) Validate(r schema.Resource, config plan.Object) error {
	switch r.Name {
	case "google_service_account":
		return validateAccountID(config["account_id"])
	case "google_secret_manager_secret_version":
		if config["secret_data_wo"] != nil && config["secret_data_wo_version"] == nil {
			return fmt.Errorf("\"secret_data_wo\": all of `secret_data_wo,secret_data_wo_version` must be specified")
		}
	case "google_cloudfunctions2_function":
		return validateIngress(only(config["service_config"])["ingress_settings"])
	}
	return nil
}

// validateAccountID holds an account's name against its length, 6 to 30.
func validateAccountID(v any) error {
	id, known := v.(string)
	if known && (len(id) < 6 || len(id) > 30) {
		return fmt.Errorf("\"account_id\" (%q) must be 6 to 30 characters long", id)
	}
	return nil
}

func validateIngress(v any) error {
	allowed := []string{"ALLOW_ALL", "ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB"}
	if setting, known := v.(string); known && !slices.Contains(allowed, setting) {
		return fmt.Errorf("expected ingress_settings to be one of %q, got %s", allowed, setting)
	}
	return nil
}
