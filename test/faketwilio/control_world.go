package faketwilio

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// attributesJSON is attributes in the control API: text, or a JSON object that stands for itself.
type attributesJSON string

// UnmarshalJSON reads either form.
func (a *attributesJSON) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*a = attributesJSON(text)
		return nil
	}
	*a = attributesJSON(data)
	return nil
}

// orEmpty is the attributes, or those of something that has none.
func (a attributesJSON) orEmpty() string {
	if a == "" {
		return "{}"
	}
	return string(a)
}

// postTask makes a task: {"workspace":"WS…","attributes":{…}}. Without a workspace it is the first one.
func (s *Server) postTask(r *http.Request) (any, error) {
	var in seedTask
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sid, err := s.seedTask(in, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return map[string]string{"sid": sid}, nil
}

// postTaskStatus moves a task: {"status":"completed"}.
func (s *Server) postTaskStatus(r *http.Request) (any, error) {
	var in struct {
		Status string `json:"status"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.setTask(r.PathValue("sid"), in.Status); err != nil {
		return nil, err
	}
	return map[string]string{"sid": r.PathValue("sid"), "status": in.Status}, nil
}

// postSay adds a message: {"channel":"CH…","author":"…","body":"…"}.
func (s *Server) postSay(r *http.Request) (any, error) {
	var in struct {
		Channel string `json:"channel"`
		Author  string `json:"author"`
		Body    string `json:"body"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.sayTo(in.Channel, in.Author, in.Body)
}

// postEvent injects an event: {"type":…,"time":…,"payload":{…}}, or {"event":{…}} for a whole envelope.
func (s *Server) postEvent(r *http.Request) (any, error) {
	var in struct {
		Type    string         `json:"type"`
		Time    time.Time      `json:"time"`
		Payload map[string]any `json:"payload"`
		Event   *CloudEvent    `json:"event"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	switch {
	case in.Event != nil:
		s.Inject(*in.Event)
	case in.Type == "":
		return nil, errors.New("inject event: give a type and a payload, or a whole event")
	default:
		setDefault(&in.Time, s.clock.Now())
		s.Event(in.Type, in.Time, in.Payload)
	}
	return nil, nil
}
