package faketwilio

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// eventState is the product Event Streams.
type eventState struct {
	sinks         collection[*sink]
	sinkBySID     map[string]*sink
	subscriptions collection[*subscription]
	subBySID      map[string]*subscription
	subscribers   map[string][]*subscription // by event type
	queues        map[queueKey]*queue
	deliveries    []*delivery
	delivered     int // deliveries ever made, numbers included
	chaos         chaos
}

// sink is where events go (DG).
type sink struct {
	seq                            uint64
	sid, description, kind, status string
	configuration                  json.RawMessage
	destination                    string // of a webhook
	created, updated               time.Time
	uses                           int // subscriptions
}

// Types and statuses of sinks [spec].
var (
	sinkTypes    = []string{"kinesis", "webhook", "segment", "email"}
	sinkStatuses = []string{"initialized", "validating", "active", "failed"}
)

func newEventState(options Options) eventState {
	return eventState{
		queues: map[queueKey]*queue{}, sinkBySID: map[string]*sink{}, subBySID: map[string]*subscription{}, subscribers: map[string][]*subscription{},
		chaos: newChaos(options.ChaosSeed),
	}
}

func eventRoutes(r router) {
	r.handle(productEvents, "POST", "/v1/Sinks", (*Server).createSink)
	r.handle(productEvents, "GET", "/v1/Sinks", (*Server).listSinks)
	r.handle(productEvents, "GET", "/v1/Sinks/{Sid}", (*Server).fetchSink)
	r.handle(productEvents, "POST", "/v1/Sinks/{Sid}", (*Server).updateSink)
	r.handle(productEvents, "DELETE", "/v1/Sinks/{Sid}", (*Server).deleteSink)
	r.handle(productEvents, "POST", "/v1/Sinks/{Sid}/Test", (*Server).testSink)
	r.handle(productEvents, "POST", "/v1/Sinks/{Sid}/Validate", (*Server).validateSink)
	subscriptionRoutes(r)
	eventTypeRoutes(r)
}

// addSink makes a sink. It is active from the start [docs events/event-streams/sink-resource/validate].
func (s *Server) addSink(description, kind string, configuration json.RawMessage, now time.Time) *sink {
	v := &sink{
		sid: s.sid("DG"), description: description, kind: kind, status: stateActive, configuration: configuration,
		created: now, updated: now,
	}
	v.seq = s.events.sinks.add(v)
	s.events.sinkBySID[v.sid] = v
	return v
}

func (s *Server) sink(c *call) (*sink, error) {
	if v, found := s.events.sinkBySID[c.v("Sid")]; found {
		return v, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) createSink(c *call) (reply, error) {
	description, err := c.need("Description")
	if err != nil {
		return reply{}, err
	}
	kind, err := c.need("SinkType")
	if err != nil {
		return reply{}, err
	}
	if !slices.Contains(sinkTypes, kind) {
		return reply{}, invalid("SinkType must be one of %v", sinkTypes)
	}
	configuration, err := c.need("SinkConfiguration")
	if err != nil {
		return reply{}, err
	}
	target, err := readWebhook(kind, configuration)
	if err != nil {
		return reply{}, err
	}
	v := s.addSink(description, kind, json.RawMessage(configuration), c.now)
	v.destination = target
	return created(v.body(c)), nil
}

// readWebhook checks a sink's configuration and returns where a webhook sink sends to. The fake delivers by POST only.
func readWebhook(kind, configuration string) (string, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(configuration), &object); err != nil || object == nil {
		return "", invalid("SinkConfiguration is not a JSON object")
	}
	if kind != "webhook" {
		return "", nil
	}
	target, _ := object["destination"].(string)
	if at, err := url.Parse(target); err != nil || at.Host == "" || (at.Scheme != "https" && at.Scheme != "http") {
		return "", invalid("SinkConfiguration needs a destination: the address of a web server")
	}
	switch method := fmt.Sprint(object["method"]); method {
	case "POST", "GET", "post", "get":
		return target, nil
	}
	return "", invalid("SinkConfiguration needs a method: POST or GET")
}

func (s *Server) fetchSink(c *call) (reply, error) {
	v, err := s.sink(c)
	if err != nil {
		return reply{}, err
	}
	return ok(v.body(c)), nil
}

// updateSink changes the description; nothing else of a sink can be changed [spec].
func (s *Server) updateSink(c *call) (reply, error) {
	v, err := s.sink(c)
	if err != nil {
		return reply{}, err
	}
	description, err := c.need("Description")
	if err != nil {
		return reply{}, err
	}
	v.description, v.updated = description, c.now
	return ok(v.body(c)), nil
}

// deleteSink deletes a sink. Whether Twilio refuses while a subscription uses it is not documented: the fake does not, and the
// subscription's events go nowhere.
func (s *Server) deleteSink(c *call) (reply, error) {
	v, err := s.sink(c)
	if err != nil {
		return reply{}, err
	}
	s.events.sinks.remove(v.seq)
	delete(s.events.sinkBySID, v.sid)
	return noContent(), nil
}

func (s *Server) listSinks(c *call) (reply, error) {
	inUse, status := c.query.Get("InUse"), c.query.Get("Status")
	if err := cmp.Or(
		c.oneOf("InUse", c.query["InUse"], "true", "false"),
		c.oneOf("Status", c.query["Status"], sinkStatuses...),
	); err != nil {
		return reply{}, err
	}
	wanted := func(v *sink) bool {
		return (inUse == "" || (inUse == "true") == (v.uses > 0)) && (status == "" || status == v.status)
	}
	return listOf(c, "sinks", 1000, &s.events.sinks, false, wanted, func(v *sink) any { return v.body(c) })
}

// testSink sends the sink's test event, whatever is subscribed.
func (s *Server) testSink(c *call) (reply, error) {
	v, err := s.sink(c)
	if err != nil {
		return reply{}, err
	}
	id := newSID(s.random, "")
	testID := fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])
	event := CloudEvent{
		SpecVersion: "1.0", Type: "com.twilio.eventstreams.test-event", Source: "Sink", ID: s.sid("EZ"),
		DataSchema:      "https://events-schemas.twilio.com/EventStreams.TestSink/1.json",
		DataContentType: "application/json", Time: isoMilli(c.now), Data: mustJSON(map[string]any{"test_id": testID}),
	}
	s.enqueue(s.queueOf(v, ""), event, c.now)
	return created(map[string]string{"result": "submitted"}), nil
}

// validateSink always says valid, as Twilio does [docs events/event-streams/sink-resource/validate].
func (s *Server) validateSink(c *call) (reply, error) {
	if _, err := s.sink(c); err != nil {
		return reply{}, err
	}
	if _, err := c.need("TestId"); err != nil {
		return reply{}, err
	}
	return created(map[string]string{"result": "valid"}), nil
}

type sinkBody struct {
	DateCreated       string            `json:"date_created"`
	DateUpdated       string            `json:"date_updated"`
	Description       string            `json:"description"`
	SID               string            `json:"sid"`
	SinkConfiguration json.RawMessage   `json:"sink_configuration"`
	SinkType          string            `json:"sink_type"`
	Status            string            `json:"status"`
	URL               string            `json:"url"`
	Links             map[string]string `json:"links"`
}

func (v *sink) body(c *call) any {
	url := c.url("/v1/Sinks/", v.sid)
	return sinkBody{
		DateCreated: iso(v.created), DateUpdated: iso(v.updated), Description: v.description, SID: v.sid,
		SinkConfiguration: v.configuration, SinkType: v.kind, Status: v.status, URL: url,
		Links: map[string]string{"sink_test": url + "/Test", "sink_validate": url + "/Validate"},
	}
}
