package plan

import (
	"slices"
	"strconv"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// reviewed are the attributes that a person looks at before something is made for
// the first time, by type: where the events go, what the functions are told, who may
// call them, when and with what the sweep is called. docs/deploy.md says to.
var reviewed = map[string][]string{
	"google_cloudfunctions2_function":        {"service_config.0.environment_variables.*"},
	"google_cloud_run_v2_service_iam_member": {"member"},
	"google_cloud_scheduler_job":             {"schedule", "time_zone", "paused"},
	"twilio_events_sinks_v1":                 {"sink_configuration"},
}

// firstValues are the reviewed attributes of what is created.
func firstValues(rc *tfjson.ResourceChange) []Attribute {
	var out []Attribute
	for _, path := range reviewed[rc.Type] {
		out = append(out, leaves(path, rc.Change.After, rc.Change.AfterUnknown, rc.Change.AfterSensitive)...)
	}
	return out
}

// leaves lists what stands at a path, whose last step "*" means all that is there.
func leaves(path string, value, unknowns, hide any) []Attribute {
	steps := strings.Split(path, ".")
	for i, step := range steps {
		switch {
		case isTrue(unknowns):
			return []Attribute{{Name: path, After: unknown}}
		case step == "*":
			return each(strings.Join(steps[:i], "."), value, unknowns, hide)
		}
		if n, err := strconv.Atoi(step); err == nil {
			value, unknowns, hide = item(value, n), item(unknowns, n), item(hide, n)
			continue
		}
		value, unknowns, hide = field(value, step), field(unknowns, step), field(hide, step)
	}
	return []Attribute{leaf(path, value, unknowns, hide)}
}

func each(path string, value, unknowns, hide any) []Attribute {
	var out []Attribute
	for _, key := range slices.Sorted(slices.Values(keys(value, unknowns))) {
		out = append(out, leaf(join(path, key), field(value, key), field(unknowns, key), field(hide, key)))
	}
	return out
}

func leaf(name string, value, unknowns, hide any) Attribute {
	if isTrue(unknowns) {
		return Attribute{Name: name, After: unknown}
	}
	return Attribute{Name: name, After: show(value, hide)}
}
