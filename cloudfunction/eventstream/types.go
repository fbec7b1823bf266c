package eventstream

import (
	"maps"
	"slices"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

const (
	taskPrefix = "com.twilio.taskrouter.task."
	// testType is what POST /v1/Sinks/{sid}/Test sends.
	testType = "com.twilio.eventstreams.test-event"
)

// phases says how far an event of each type takes its task. A task that nobody accepts
// ends as canceled, never as completed, and a Task deleted through the API as deleted.
var phases = map[string]channel.Phase{
	"created":        channel.Open,
	"wrapup":         channel.Wrapping,
	"completed":      channel.Ended,
	"canceled":       channel.Ended,
	"deleted":        channel.Ended,
	"system-deleted": channel.Ended,
}

// EventTypes lists the event types to subscribe to, by their full names, sorted.
func EventTypes() []string {
	var types []string
	for _, short := range slices.Sorted(maps.Keys(phases)) {
		types = append(types, taskPrefix+short)
	}
	return types
}
