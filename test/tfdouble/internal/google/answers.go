package google

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// answerFunction gives Google's function with the source that Terraform asked for: the real provider does not look
// which one was built.
func answerFunction(state, google plan.Object) plan.Object {
	if google == nil {
		return state
	}
	build := plan.Object{}
	for name, v := range only(google["build_config"]) {
		build[name] = v
	}
	build["source"] = only(state["build_config"])["source"]
	read := plan.Object{}
	for name, v := range google {
		read[name] = v
	}
	read["build_config"] = []any{build}
	return read
}

// answerDashboard leaves out zeros, as every API of Google's does that is made of protocol buffers.
func answerDashboard(state, _ plan.Object) plan.Object {
	var dashboard map[string]any
	if json.Unmarshal([]byte(value.Text(state["dashboard_json"])), &dashboard) != nil {
		return state
	}
	if !dropZeros(dashboard) {
		return state
	}
	text, err := json.Marshal(dashboard)
	if err != nil {
		return state
	}
	read := plan.Object{}
	for name, v := range state {
		read[name] = v
	}
	read["dashboard_json"] = string(text)
	return read
}

// dropZeros deletes what is zero anywhere within v, and reports whether there was any.
func dropZeros(v any) (dropped bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, element := range v {
			if element == 0.0 || element == "" || element == false {
				delete(v, name)
				dropped = true
				continue
			}
			dropped = dropZeros(element) || dropped
		}
	case []any:
		for _, element := range v {
			dropped = dropZeros(element) || dropped
		}
	}
	return dropped
}

// refuseUsedChannel keeps a notification channel as long as a policy notifies it.
func refuseUsedChannel(p *Provider, state plan.Object) error {
	if state["force_delete"] == true {
		return nil
	}
	for _, kept := range p.records("google_monitoring_alert_policy") {
		channels, _ := p.state(kept)["notification_channels"].([]any)
		if slices.Contains(channels, state["name"]) {
			return fmt.Errorf("Error when reading or editing NotificationChannel: googleapi: Error 400: Cannot delete notification channel %s: "+
				"it is used by the alerting policy %s", value.Text(state["name"]), kept.ID)
		}
	}
	return nil
}
