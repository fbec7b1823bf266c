package plan

import (
	"fmt"
	"sort"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// because says in words why Terraform replaces or deletes the resource.
func because(rc *tfjson.ResourceChange) string {
	switch rc.ActionReason {
	case tfjson.ActionReasonReplaceBecauseCannotUpdate:
		if paths := replacePaths(rc.Change.ReplacePaths); paths != "" {
			return paths + " cannot be changed in place"
		}
		return "it cannot be changed in place"
	case tfjson.ActionReasonReplaceBecauseTainted:
		return "its creation did not finish last time"
	case tfjson.ActionReasonReplaceByRequest:
		return "asked for"
	case tfjson.ActionReasonReplaceByTriggers:
		return "something it follows is replaced (replace_triggered_by)"
	case tfjson.ActionReasonDeleteBecauseNoResourceConfig, tfjson.ActionReasonDeleteBecauseNoModule, tfjson.ActionReasonDeleteBecauseNoMoveTarget:
		return "it is no longer in the configuration"
	case tfjson.ActionReasonDeleteBecauseCountIndex, tfjson.ActionReasonDeleteBecauseEachKey, tfjson.ActionReasonDeleteBecauseWrongRepetition:
		return "its count or for_each no longer has it"
	}
	if rc.DeposedKey != "" {
		return "it is left over from an earlier replacement"
	}
	return ""
}

func replacePaths(paths []any) string {
	names := map[string]bool{}
	for _, p := range paths {
		if steps, ok := p.([]any); ok && len(steps) > 0 {
			names[fmt.Sprint(steps[0])] = true
		}
	}
	sorted := make([]string, 0, len(names))
	for n := range names {
		sorted = append(sorted, n)
	}
	sort.Strings(sorted)
	return strings.Join(sorted, ", ")
}

// losses says what an object of each type holds that cannot be had again.
var losses = map[string]string{
	"twilio_sync_services_v1":              "the ledger goes with it: every record of a channel that waits to be retired",
	"twilio_events_sinks_v1":               "events are lost while no sink stands",
	"twilio_events_subscriptions_v1":       "events are lost while no subscription stands",
	"google_secret_manager_secret":         "all its versions go with it, older tokens too",
	"google_secret_manager_secret_version": "the value it holds is destroyed",
	"google_storage_bucket":                "everything in it goes, older bundles too",
	"google_logging_metric":                "its history goes with it",
}

// succeeded are the types whose loss does not matter once a successor stands:
// there is no moment without one.
var succeeded = map[string]bool{
	"twilio_events_sinks_v1":               true,
	"twilio_events_subscriptions_v1":       true,
	"google_secret_manager_secret_version": true,
}

// risk tells what can be lost; the left-over half of a replacement has been
// succeeded by its new half already, so nothing can.
func risk(c Change) string {
	loss, known := losses[c.Type]
	if !known || c.Deposed || (c.Kind == Replace && c.CreateFirst && succeeded[c.Type]) {
		return ""
	}
	if c.Kind == Forget {
		return "Terraform forgets it; it stays where it is, and nobody looks after it"
	}
	return loss
}
