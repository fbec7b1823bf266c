package terraform

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
)

// EventKind is what happened to a resource.
type EventKind string

// The kinds of events, by the message types of Terraform's JSON stream.
const (
	Started   EventKind = "apply_start"
	Running   EventKind = "apply_progress"
	Completed EventKind = "apply_complete"
	Errored   EventKind = "apply_errored"
	Refreshed EventKind = "refresh_complete"
)

// Event is one step of a running plan or apply.
type Event struct {
	Kind    EventKind
	Address string
	Action  string        // create, update, delete, read, …
	Elapsed time.Duration // since the step began; whole seconds
}

// Observer is told of each event, one at a time, in order.
type Observer func(Event)

// stream splits Terraform's output into lines, hands events on and keeps the
// diagnostics: with -json Terraform's error says no more than "exit status 1".
type stream struct {
	observe Observer
	secrets []string

	mu          sync.Mutex
	rest        []byte
	diagnostics []tfjson.Diagnostic
}

type message struct {
	Type       string             `json:"type"`
	Diagnostic *tfjson.Diagnostic `json:"diagnostic"`
	Hook       *struct {
		Resource struct {
			Addr string `json:"addr"`
		} `json:"resource"`
		Action  string `json:"action"`
		Elapsed int    `json:"elapsed_seconds"`
	} `json:"hook"`
}

// Write takes any piece of the stream; lines may be split across calls.
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, p...)
	for {
		line, rest, found := bytes.Cut(s.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		s.rest = rest
		s.line(line)
	}
}

// line reads one message. A line that is no JSON (a warning of the shell, of the
// CLI configuration) is nothing to anybody here.
func (s *stream) line(line []byte) {
	var m message
	if json.Unmarshal(line, &m) != nil {
		return
	}
	if m.Diagnostic != nil {
		s.diagnostics = append(s.diagnostics, hide(*m.Diagnostic, s.secrets))
		return
	}
	if m.Hook == nil || s.observe == nil {
		return
	}
	switch kind := EventKind(m.Type); kind {
	case Started, Running, Completed, Errored, Refreshed:
		s.observe(Event{
			Kind: kind, Address: m.Hook.Resource.Addr, Action: m.Hook.Action,
			Elapsed: time.Duration(m.Hook.Elapsed) * time.Second,
		})
	}
}
