package faketwilio

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	sinksURL         = "events.twilio.com/v1/Sinks"
	subscriptionsURL = "events.twilio.com/v1/Subscriptions"
)

func webhookSink(destination string) []string {
	return []string{"Description", "d", "SinkType", "webhook",
		"SinkConfiguration", `{"destination":"` + destination + `","method":"POST","batch_events":false}`}
}

func TestCreateSink(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		form         []string
		status       int
	}{
		{"webhook", "an ordinary sink", webhookSink("https://example.com/"), 201},
		{"kinesis", "other types are kept, and get no deliveries", []string{"Description", "d", "SinkType", "kinesis", "SinkConfiguration", "{}"}, 201},
		{"no description", "required", []string{"SinkType", "webhook", "SinkConfiguration", "{}"}, 400},
		{"no type", "required", []string{"Description", "d", "SinkConfiguration", "{}"}, 400},
		{"unknown type", "four types", []string{"Description", "d", "SinkType", "pubsub", "SinkConfiguration", "{}"}, 400},
		{"no JSON", "the configuration is JSON", []string{"Description", "d", "SinkType", "webhook", "SinkConfiguration", "x"}, 400},
		{"no destination", "a webhook needs one", []string{"Description", "d", "SinkType", "webhook", "SinkConfiguration", `{"method":"POST"}`}, 400},
		{"no method", "a webhook needs one", []string{"Description", "d", "SinkType", "webhook", "SinkConfiguration", `{"destination":"https://x/"}`}, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newClient(t, Options{})
			c.post(sinksURL, test.form...).want(t, test.status, 0, test.reason)
		})
	}
}

func TestSinks(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	made := c.post(sinksURL, webhookSink("https://example.com/")...)
	sink := sinksURL + "/" + made.text("sid")
	if made.text("status") != "active" || made.text("sink_configuration.destination") != "https://example.com/" {
		t.Errorf("sink: %s", made.raw)
	}
	if got := c.post(sink, "Description", "other", "SinkType", "kinesis"); got.text("description") != "other" || got.text("sink_type") != "webhook" {
		t.Errorf("only the description can be changed: %s", got.raw)
	}
	if got, _ := c.walk(sinksURL+"?InUse=true", "sinks", "sid"); len(got) != 0 {
		t.Errorf("sinks in use: %v, want none", got)
	}
	s.NewSubscription(made.text("sid"), "com.twilio.taskrouter.task.created")
	if got, _ := c.walk(sinksURL+"?InUse=true&PageSize=1000", "sinks", "sid"); len(got) != 1 {
		t.Errorf("sinks in use: %v, want one", got)
	}
	c.post(sink+"/Validate").want(t, 400, 20001, "TestId is required")
	if got := c.post(sink+"/Validate", "TestId", "whatever"); got.status != 201 || got.text("result") != "valid" {
		t.Errorf("validation always says valid: %s", got.raw)
	}
	c.delete(sink).want(t, 204, 0, "deleted")
	c.get(sink).want(t, 404, 20404, "gone")
}

func TestSinkTestEvent(t *testing.T) {
	t.Parallel()
	hook := &receiver{t: t}
	c, s := newClient(t, Options{DeliveryTransport: hook})
	sink := s.NewSink("https://example.com/")
	if got := c.post(sinksURL + "/" + sink + "/Test"); got.status != 201 || got.text("result") != "submitted" {
		t.Errorf("test: %s", got.raw)
	}
	s.Flush()
	if len(hook.bodies) != 1 || !strings.Contains(hook.bodies[0], `"type":"com.twilio.eventstreams.test-event"`) ||
		!strings.Contains(hook.bodies[0], `"data":{"test_id":"`) {
		t.Errorf("delivered %v, want the test event, subscription or not", hook.bodies)
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	sink := s.NewSink("https://example.com/")
	const created, completed = "com.twilio.taskrouter.task.created", "com.twilio.taskrouter.task.completed"
	c.post(subscriptionsURL, "Description", "d", "SinkSid", "DGnone", "Types", `{"type":"`+created+`"}`).
		want(t, 400, 20001, "the sink must be there")
	c.post(subscriptionsURL, "Description", "d", "SinkSid", sink).want(t, 400, 20001, "Types is required")
	c.post(subscriptionsURL, "Description", "d", "SinkSid", sink, "Types", created).
		want(t, 400, 20001, "each type is a JSON object")
	made := c.post(subscriptionsURL, "Description", "d", "SinkSid", sink,
		"Types", `{"type":"`+created+`","schema_version":3}`, "Types", `{"type":"`+completed+`"}`)
	made.want(t, 201, 0, "Types is repeated")
	if _, there := made.body["types"]; there {
		t.Errorf("the types are not in the answer: %s", made.raw)
	}
	subscription := subscriptionsURL + "/" + made.text("sid")
	events := subscription + "/SubscribedEvents"
	if got, _ := c.walk(events, "types", "type"); !cmp.Equal(got, []string{created, completed}) {
		t.Errorf("subscribed events %v", got)
	}
	if got := c.get(events + "/" + created); got.body["schema_version"] != 3.0 {
		t.Errorf("schema version: %s", got.raw)
	}
	c.post(events, "Type", created, "SchemaVersion", "2").want(t, 200, 0, "subscribed already")
	c.post(events, "Type", "com.twilio.taskrouter.task.wrapup").want(t, 201, 0, "a new type")
	c.post(events+"/com.twilio.taskrouter.task.deleted", "SchemaVersion", "1").want(t, 404, 20404, "not subscribed")
	c.delete(events+"/"+completed).want(t, 204, 0, "unsubscribed")
	if got, _ := c.walk(subscriptionsURL+"?SinkSid="+sink, "subscriptions", "sid"); len(got) != 1 {
		t.Errorf("subscriptions of the sink: %v, want one", got)
	}
	c.delete(subscription).want(t, 204, 0, "deleted")
	c.get(events).want(t, 404, 20404, "gone with the subscription")
	if s.events.wanted(created) {
		t.Error("a deleted subscription still wants events")
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Options{})
	types, pages := c.walk("events.twilio.com/v1/Types?SchemaId=TaskRouter.WDSEvent&PageSize=10", "types", "type")
	if len(types) != len(taskEventTypes) || pages != (len(types)+9)/10 {
		t.Errorf("%d types in %d pages, want %d", len(types), pages, len(taskEventTypes))
	}
	c.get("events.twilio.com/v1/Types/com.twilio.taskrouter.task.created").want(t, 200, 0, "known")
	c.get("events.twilio.com/v1/Types/com.twilio.taskrouter.task.exploded").want(t, 404, 20404, "unknown")
	if got := c.get("events.twilio.com/v1/Schemas/TaskRouter.WDSEvent"); got.body["latest_version"] != 4.0 {
		t.Errorf("schema: %s", got.raw)
	}
	if got := c.get("events.twilio.com/v1/Schemas/TaskRouter.WDSEvent/Versions").rows("schema_versions"); len(got) != 4 {
		t.Errorf("%d schema versions, want 4", len(got))
	}
	c.get("events.twilio.com/v1/Schemas/TaskRouter.WDSEvent/Versions/5").want(t, 404, 20404, "no such version")
}

// Events of other accounts and workspaces, and a created that comes after the end, through the control API.
func TestEventsOfStrangers(t *testing.T) {
	t.Parallel()
	_, s, hook, _ := workspaceOf(t)
	status, _ := control(t, s, "POST", "/_fake/events", `{"type":"com.twilio.taskrouter.task.created","time":"2026-01-05T06:00:00Z",
		"payload":{"eventtype":"task.created","account_sid":"AC9","workspace_sid":"WS9","task_sid":"WT9","task_attributes":"no JSON"}}`)
	s.Flush()
	if status != 204 || len(hook.bodies) != 1 {
		t.Fatalf("answered %d, %d deliveries", status, len(hook.bodies))
	}
	for _, part := range []string{`"source":"AC9"`, `"time":"2026-01-05T06:00:00.000Z"`, `"account_sid":"AC9","level"`, `"workspace_sid":"WS9"`,
		`"task_attributes":"no JSON"`} {
		if !strings.Contains(hook.bodies[0], part) {
			t.Errorf("delivered %s without %s", hook.bodies[0], part)
		}
	}
}
