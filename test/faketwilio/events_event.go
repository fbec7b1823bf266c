package faketwilio

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// CloudEvent is one event as Event Streams delivers it: the envelope of CloudEvents 1.0.
type CloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	Type            string          `json:"type"`
	Source          string          `json:"source"`
	ID              string          `json:"id"`
	DataSchema      string          `json:"dataschema"`
	DataContentType string          `json:"datacontenttype"`
	Time            string          `json:"time,omitempty"`
	Data            json.RawMessage `json:"data"`
}

// emit sends an event to every subscription that asks for its type. The caller holds s.mu.
func (s *Server) emit(id, name, source string, now time.Time, data map[string]any) {
	s.publish(CloudEvent{
		SpecVersion: "1.0", Type: name, Source: source, ID: id, DataContentType: "application/json", Time: isoMilli(now),
		Data: mustJSON(data),
	}, now)
}

// publish queues an event for its subscriptions, each with the schema version that it asks for.
func (s *Server) publish(event CloudEvent, now time.Time) {
	for _, v := range s.events.subscribers[event.Type] {
		copied := event
		if copied.DataSchema == "" {
			copied.DataSchema = "https://events-schemas.twilio.com/" + schemaOf(event.Type) + "/" + strconv.Itoa(v.byType[event.Type].version)
		}
		s.enqueue(s.queueOf(v.sink, v.sid), copied, now)
	}
}

// Event injects an event of any type, with that payload in place of what the fake would send. at is when it happened; it is
// delivered to the subscriptions of the type, from now on. A payload with an account_sid makes it an event of that account.
func (s *Server) Event(name string, at time.Time, payload map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.options.AccountSID
	if other, named := payload["account_sid"].(string); named {
		account = other
	}
	s.publish(CloudEvent{
		SpecVersion: "1.0", Type: name, Source: account, ID: s.sid("EZ"),
		DataContentType: "application/json", Time: isoMilli(at),
		Data: mustJSON(map[string]any{
			"sid": s.sid("EV"), "name": strings.TrimPrefix(name, taskEventPrefix), "account_sid": account,
			"timestamp": isoMilli(at), "level": "INFO", "product_name": "TaskRouter", "payload_type": "application/json",
			"payload": payload,
		}),
	}, s.clock.Now())
}

// Inject delivers an event exactly as it is given to the subscriptions of its type: for shapes that the fake never makes.
func (s *Server) Inject(event CloudEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish(event, s.clock.Now())
}

// mustJSON renders data that the fake has made itself.
func mustJSON(value any) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic("faketwilio: encode event: " + err.Error())
	}
	return encoded
}
