package faketwilio

import (
	"encoding/json"
	"slices"
	"time"
)

// defaultSchemaVersion is what a subscription gets that names none. Which one Twilio chooses is not documented.
const defaultSchemaVersion = 1

// subscription is which event types go to a sink (DF).
type subscription struct {
	seq              uint64
	sid, description string
	sink             *sink
	types            collection[*subscribedType]
	byType           map[string]*subscribedType
	created, updated time.Time
}

// subscribedType is one event type of a subscription.
type subscribedType struct {
	seq     uint64
	name    string
	version int
}

func subscriptionRoutes(r router) {
	r.handle(productEvents, "POST", "/v1/Subscriptions", (*Server).createSubscription)
	r.handle(productEvents, "GET", "/v1/Subscriptions", (*Server).listSubscriptions)
	r.handle(productEvents, "GET", "/v1/Subscriptions/{Sid}", (*Server).fetchSubscription)
	r.handle(productEvents, "POST", "/v1/Subscriptions/{Sid}", (*Server).updateSubscription)
	r.handle(productEvents, "DELETE", "/v1/Subscriptions/{Sid}", (*Server).deleteSubscription)
	subscribedEventRoutes(r)
}

// wanted tells whether any subscription asks for an event type.
func (e *eventState) wanted(event string) bool { return len(e.subscribers[event]) > 0 }

// addSubscription makes a subscription of these types. The caller holds s.mu.
func (s *Server) addSubscription(description string, to *sink, types []subscribedType, now time.Time) *subscription {
	v := &subscription{
		sid: s.sid("DF"), description: description, sink: to, byType: map[string]*subscribedType{}, created: now, updated: now,
	}
	v.seq = s.events.subscriptions.add(v)
	s.events.subBySID[v.sid] = v
	to.uses++
	for _, t := range types {
		s.subscribe(v, t)
	}
	return v
}

// subscribe adds an event type, or changes its schema version.
func (s *Server) subscribe(v *subscription, t subscribedType) *subscribedType {
	if known, subscribed := v.byType[t.name]; subscribed {
		known.version = t.version
		return known
	}
	t.seq = v.types.add(&t)
	v.byType[t.name] = &t
	s.events.subscribers[t.name] = append(s.events.subscribers[t.name], v)
	return &t
}

func (s *Server) unsubscribe(v *subscription, t *subscribedType) {
	v.types.remove(t.seq)
	delete(v.byType, t.name)
	s.events.subscribers[t.name] = slices.DeleteFunc(s.events.subscribers[t.name], func(other *subscription) bool { return other == v })
}

func (s *Server) subscription(c *call, variable string) (*subscription, error) {
	if v, found := s.events.subBySID[c.v(variable)]; found {
		return v, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) createSubscription(c *call) (reply, error) {
	description, err := c.need("Description")
	if err != nil {
		return reply{}, err
	}
	sid, err := c.need("SinkSid")
	if err != nil {
		return reply{}, err
	}
	to, found := s.events.sinkBySID[sid]
	if !found {
		return reply{}, invalid("SinkSid %q is not an active sink", sid)
	}
	types, err := readTypes(c.form["Types"])
	if err != nil {
		return reply{}, err
	}
	return created(s.addSubscription(description, to, types, c.now).body(c, s.options.AccountSID)), nil
}

// readTypes reads the Types of a subscription: a repeated parameter, each value a JSON object [spec].
func readTypes(values []string) ([]subscribedType, error) {
	if len(values) == 0 {
		return nil, invalid("Missing required parameter Types in the post body")
	}
	var types []subscribedType
	for _, value := range values {
		var wanted struct {
			Type          string `json:"type"`
			SchemaVersion *int   `json:"schema_version"`
		}
		if err := json.Unmarshal([]byte(value), &wanted); err != nil || !validEventType(wanted.Type) {
			return nil, invalid(`Types must be JSON objects such as {"type":"com.twilio.taskrouter.task.created","schema_version":1}`)
		}
		version := defaultSchemaVersion
		if wanted.SchemaVersion != nil {
			version = *wanted.SchemaVersion
		}
		if version < 1 || version > latestSchema(wanted.Type) {
			return nil, invalid("schema_version %d of %s does not exist", version, wanted.Type)
		}
		types = append(types, subscribedType{name: wanted.Type, version: version})
	}
	return types, nil
}

func (s *Server) fetchSubscription(c *call) (reply, error) {
	v, err := s.subscription(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return ok(v.body(c, s.options.AccountSID)), nil
}

// updateSubscription changes the description; nothing else can be changed since 2025 [spec].
func (s *Server) updateSubscription(c *call) (reply, error) {
	v, err := s.subscription(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	v.description, v.updated = c.value("Description", v.description), c.now
	return ok(v.body(c, s.options.AccountSID)), nil
}

func (s *Server) deleteSubscription(c *call) (reply, error) {
	v, err := s.subscription(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	for _, t := range v.byType {
		s.unsubscribe(v, t)
	}
	v.sink.uses--
	s.events.subscriptions.remove(v.seq)
	delete(s.events.subBySID, v.sid)
	return noContent(), nil
}

func (s *Server) listSubscriptions(c *call) (reply, error) {
	sid := c.query.Get("SinkSid")
	wanted := func(v *subscription) bool { return sid == "" || v.sink.sid == sid }
	return listOf(c, "subscriptions", 1000, &s.events.subscriptions, false, wanted, func(v *subscription) any {
		return v.body(c, s.options.AccountSID)
	})
}

type subscriptionBody struct {
	AccountSID  string            `json:"account_sid"`
	SID         string            `json:"sid"`
	DateCreated string            `json:"date_created"`
	DateUpdated string            `json:"date_updated"`
	Description string            `json:"description"`
	SinkSID     string            `json:"sink_sid"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
}

func (v *subscription) body(c *call, account string) any {
	url := c.url("/v1/Subscriptions/", v.sid)
	return subscriptionBody{
		AccountSID: account, SID: v.sid, DateCreated: iso(v.created), DateUpdated: iso(v.updated), Description: v.description,
		SinkSID: v.sink.sid, URL: url, Links: map[string]string{"subscribed_events": url + "/SubscribedEvents"},
	}
}
