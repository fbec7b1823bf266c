package faketwilio

import (
	"encoding/json"
	"time"
)

// Document is what a Sync Document looked like.
type Document struct {
	SID        string          `json:"sid"`
	UniqueName string          `json:"unique_name"`
	Revision   string          `json:"revision"`
	Data       json.RawMessage `json:"data"`
	Created    time.Time       `json:"created"`
	Updated    time.Time       `json:"updated"`
	Expires    time.Time       `json:"expires,omitzero"` // zero: never
}

// Channel is what a Chat v2 channel looked like.
type Channel struct {
	SID        string    `json:"sid"`
	Service    string    `json:"service"`
	UniqueName string    `json:"unique_name"`
	Attributes string    `json:"attributes"`
	Type       string    `json:"type"` // public or private
	Created    time.Time `json:"created"`
	Updated    time.Time `json:"updated"`
	Messages   []Message `json:"messages"`
}

// Conversation is what a conversation looked like.
type Conversation struct {
	Channel
	State string `json:"state"` // active, inactive or closed
}

// Message is one message.
type Message struct {
	SID     string    `json:"sid"`
	Index   int       `json:"index"`
	Author  string    `json:"author"`
	Body    string    `json:"body"`
	Created time.Time `json:"created"`
}

// InteractionChannel is what an interaction channel looked like.
type InteractionChannel struct {
	SID          string `json:"sid"`
	Interaction  string `json:"interaction"`
	Type         string `json:"type"`
	Status       string `json:"status"`
	Conversation string `json:"conversation"`
}

// Task is what a task looked like.
type Task struct {
	SID        string    `json:"sid"`
	Workspace  string    `json:"workspace"`
	Status     string    `json:"status"`
	Attributes string    `json:"attributes"`
	Reason     string    `json:"reason"`
	Version    int       `json:"version"`
	Created    time.Time `json:"created"`
	Updated    time.Time `json:"updated"`
}

// Document returns a document by its unique name or SID; false if there is none, or it has expired.
func (s *Server) Document(service, uniqueName string) (Document, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.sync.bySID[service]
	if !known {
		return Document{}, false
	}
	d, known := v.documents.byKey[uniqueName]
	if !known || d.expired(s.clock.Now(), s.options.ExpiryLag) {
		return Document{}, false
	}
	return d.snapshot(), true
}

// Documents returns a service's documents in the order in which they were made.
func (s *Server) Documents(service string) []Document {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Document
	if v, known := s.sync.bySID[service]; known {
		v.documents.list.all(func(d *document) bool {
			if !d.expired(s.clock.Now(), s.options.ExpiryLag) {
				list = append(list, d.snapshot())
			}
			return true
		})
	}
	return list
}

func (d *document) snapshot() Document {
	return Document{
		SID: d.sid, UniqueName: d.uniqueName, Revision: d.revisionText(), Data: d.data,
		Created: d.created, Updated: d.updated, Expires: d.expires,
	}
}

// Channel returns a channel (or conversation) as Chat sees it; false if it is gone.
func (s *Server) Channel(ch string) (Channel, bool) {
	conversation, known := s.Conversation(ch)
	return conversation.Channel, known
}

// Conversation returns a conversation (or channel) with its messages; false if it is gone.
func (s *Server) Conversation(ch string) (Conversation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.messaging.channels[ch]
	if !known {
		return Conversation{}, false
	}
	return v.snapshot(), true
}

func (ch *channel) snapshot() Conversation {
	out := Conversation{State: ch.state, Channel: Channel{
		SID: ch.sid, Service: ch.service.sid, UniqueName: ch.uniqueName, Attributes: ch.attributes, Type: ch.kind,
		Created: ch.created, Updated: ch.updated, Messages: []Message{},
	}}
	ch.messages.all(func(m *message) bool {
		out.Messages = append(out.Messages, Message{
			SID: m.sid, Index: m.index, Author: m.author, Body: m.body, Created: m.created,
		})
		return true
	})
	return out
}

// InteractionChannel returns an interaction channel; false if there is none, or it has expired.
func (s *Server) InteractionChannel(kd, uo string) (InteractionChannel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.flex.interactions[kd]
	if !known || v.bySID[uo] == nil || v.bySID[uo].expired(s.clock.Now()) {
		return InteractionChannel{}, false
	}
	return v.bySID[uo].snapshot(), true
}

func (v *interactionChannel) snapshot() InteractionChannel {
	out := InteractionChannel{SID: v.sid, Interaction: v.interaction.sid, Type: v.kind, Status: v.status}
	if v.conversation != nil {
		out.Conversation = v.conversation.sid
	}
	return out
}

// Task returns a task; false if it is gone.
func (s *Server) Task(wt string) (Task, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, known := s.taskrouter.tasks[wt]
	if !known {
		return Task{}, false
	}
	return t.snapshot(), true
}

func (t *task) snapshot() Task {
	return Task{
		SID: t.sid, Workspace: t.workspace.sid, Status: t.status, Attributes: t.attributes, Reason: t.reason,
		Version: t.version, Created: t.created, Updated: t.updated,
	}
}
