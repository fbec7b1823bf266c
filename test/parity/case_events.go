package main

import (
	"net/http"
	"strconv"
)

const (
	sinks         = "events.twilio.com/v1/Sinks"
	subscriptions = "events.twilio.com/v1/Subscriptions"
	eventTypes    = "events.twilio.com/v1/Types"
	taskCreated   = "com.twilio.taskrouter.task.created"
	taskCanceled  = "com.twilio.taskrouter.task.canceled"
)

var eventCases = []parityCase{
	{name: "events-sink", about: "a sink's life, and what comes back of its configuration", play: playSink},
	{name: "events-subscription", about: "types and versions that are refused, what a subscription shows of its types", play: playSubscription},
	{name: "events-types", about: "an event type and the versions of its schema", play: playTypes},
}

// sink makes a webhook sink that sends to an address.
func (r *run) sink(step, destination string) (sid string) {
	return r.make(step, sinks, "Description", r.name("sink"), "SinkType", "webhook",
		"SinkConfiguration", `{"destination":`+strconv.Quote(destination)+`,"method":"POST","batch_events":false}`)
}

// nowhere is a sink's address that nothing is sent to.
const nowhere = "https://example.com/flexsweep"

func playSink(r *run) {
	sid := r.sink("create", nowhere)
	r.call("fetch", http.MethodGet, sinks+"/"+sid, nil)
	r.call("validate", http.MethodPost, sinks+"/"+sid+"/Validate", []string{"TestId", r.value("test")})
	r.call("change", http.MethodPost, sinks+"/"+sid, []string{"Description", r.name("other")})
	r.call("unused", http.MethodGet, sinks+"?InUse=false&PageSize=1000", nil)
	r.call("no destination", http.MethodPost, sinks, []string{"Description", r.name("x"), "SinkType", "webhook", "SinkConfiguration", `{"method":"POST"}`})
	r.call("no address", http.MethodPost, sinks, []string{"Description", r.name("x"), "SinkType", "webhook",
		"SinkConfiguration", `{"destination":"nowhere","method":"POST"}`})
	r.call("no such type", http.MethodPost, sinks, []string{"Description", r.name("x"), "SinkType", "nonsense", "SinkConfiguration", `{}`})
	r.call("delete", http.MethodDelete, sinks+"/"+sid, nil)
	r.call("fetch gone", http.MethodGet, sinks+"/"+sid, nil)
}

func playSubscription(r *run) {
	sink := r.sink("sink", nowhere)
	form := []string{"Description", r.name("subscription"), "SinkSid", sink, "Types"}
	subscribe := func(step, types string) {
		r.call(step, http.MethodPost, subscriptions, append(form[:5:5], types))
	}
	subscribe("unknown type", `{"type":"com.twilio.taskrouter.task.exploded"}`)
	subscribe("unknown version", `{"type":"`+taskCreated+`","schema_version":99}`)
	subscribe("no JSON", taskCreated)
	sid := r.make("create", subscriptions, append(form, `{"type":"`+taskCreated+`","schema_version":1}`, "Types", `{"type":"`+taskCanceled+`"}`)...)
	r.call("fetch", http.MethodGet, subscriptions+"/"+sid, nil)
	r.call("list", http.MethodGet, subscriptions+"?SinkSid="+sink, nil)
	events := subscriptions + "/" + sid + "/SubscribedEvents"
	r.call("types", http.MethodGet, events, nil)
	r.call("add type", http.MethodPost, events, []string{"Type", "com.twilio.taskrouter.task.wrapup"})
	r.call("add type again", http.MethodPost, events, []string{"Type", "com.twilio.taskrouter.task.wrapup"})
	r.call("remove type", http.MethodDelete, events+"/"+taskCanceled, nil)
	r.call("delete the sink in use", http.MethodDelete, sinks+"/"+sink, nil)
	r.call("delete", http.MethodDelete, subscriptions+"/"+sid, nil)
	r.call("fetch gone", http.MethodGet, subscriptions+"/"+sid, nil)
}

func playTypes(r *run) {
	r.call("type", http.MethodGet, eventTypes+"/"+taskCreated, nil)
	r.call("unknown type", http.MethodGet, eventTypes+"/com.twilio.taskrouter.task.exploded", nil)
	r.call("schema", http.MethodGet, "events.twilio.com/v1/Schemas/TaskRouter.WDSEvent", nil)
	r.call("versions", http.MethodGet, "events.twilio.com/v1/Schemas/TaskRouter.WDSEvent/Versions", nil)
}
