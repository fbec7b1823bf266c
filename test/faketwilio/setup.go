package faketwilio

import (
	"encoding/json"
	"fmt"
	"time"
)

// locked runs set-up code with the state to itself and hands it the time.
func locked[T any](s *Server, f func(now time.Time) T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f(s.clock.Now())
}

// must panics on a misuse in a test's set-up.
func must[T any](value T, known bool, what, name string) T {
	if !known {
		panic(fmt.Sprintf("faketwilio: no %s %q", what, name))
	}
	return value
}

// NewSyncService makes a Sync service and returns its SID (IS).
func (s *Server) NewSyncService(name string) string {
	return locked(s, func(now time.Time) string { return s.addSyncService(name, now).sid })
}

// NewChatService makes a service of Chat v2 and Conversations v1, which in Flex are one, and returns its SID (IS).
func (s *Server) NewChatService(name string) string {
	return locked(s, func(now time.Time) string { return s.addMessagingService(name, now).sid })
}

// NewWorkspace makes a TaskRouter workspace and returns its SID (WS).
func (s *Server) NewWorkspace(name string) string {
	return locked(s, func(now time.Time) string { return s.addWorkspace(name, now).sid })
}

// NewSink makes a webhook sink that sends to url and returns its SID (DG).
func (s *Server) NewSink(url string) string {
	return locked(s, func(now time.Time) string {
		configuration, err := json.Marshal(map[string]any{"destination": url, "method": "POST", "batch_events": true})
		if err != nil {
			panic("faketwilio: encode sink: " + err.Error())
		}
		v := s.addSink("sink", "webhook", configuration, now)
		v.destination = url
		return v.sid
	})
}

// NewSubscription subscribes a sink to event types, by their full names, and returns the subscription's SID (DF).
func (s *Server) NewSubscription(sink string, types ...string) string {
	return locked(s, func(now time.Time) string {
		to, known := s.events.sinkBySID[sink]
		subscribed := make([]subscribedType, len(types))
		for i, name := range types {
			subscribed[i] = subscribedType{name: name, version: defaultSchemaVersion}
		}
		return s.addSubscription("subscription", must(to, known, "sink", sink), subscribed, now).sid
	})
}

// NewChannel makes a private Chat v2 channel, as Flex does, and returns its SID (CH).
func (s *Server) NewChannel(service, attributes string) string {
	return locked(s, func(now time.Time) string {
		v, known := s.messaging.bySID[service]
		return s.addChannel(must(v, known, "chat service", service), "private", "", attributes, now).sid
	})
}

// NewConversation makes an active conversation and returns its SID (CH).
func (s *Server) NewConversation(service, attributes string) string {
	return s.NewChannel(service, attributes)
}

// NewInteraction makes an interaction (KD) with one active interaction channel (UO) for a conversation.
func (s *Server) NewInteraction(conversation, channelType string) (kd, uo string) {
	v := locked(s, func(now time.Time) *interactionChannel {
		ch, known := s.messaging.channels[conversation]
		return s.addInteraction(must(ch, known, "conversation", conversation), channelType, now)
	})
	return v.interaction.sid, v.sid
}

// NewTask makes a pending task and returns its SID (WT). attributes are JSON, or whatever else a test wants Twilio to send.
func (s *Server) NewTask(workspace, attributes string) string {
	return locked(s, func(now time.Time) string {
		w, known := s.taskrouter.bySID[workspace]
		return s.addTask(must(w, known, "workspace", workspace), attributes, now).sid
	})
}

// SetTask moves a task to reserved, assigned, wrapping, completed, canceled or deleted, and emits what Twilio emits. It lets a
// test skip steps, but panics for a task that is gone.
func (s *Server) SetTask(wt, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.setTask(wt, status); err != nil {
		panic("faketwilio: " + err.Error())
	}
}

func (s *Server) setTask(wt, status string) error {
	t, known := s.taskrouter.tasks[wt]
	if !known {
		return fmt.Errorf("no task %q", wt)
	}
	switch status {
	case statusReserved, statusAssigned, statusWrapping, statusCompleted, statusCanceled:
		s.moveTask(t, status, "", s.clock.Now())
	case statusDeleted:
		s.dropTask(t, "task.deleted", s.clock.Now())
	default:
		return fmt.Errorf("task status %q is none of reserved, assigned, wrapping, completed, canceled, deleted", status)
	}
	return nil
}

// Say adds a message to a channel or conversation. An inactive one becomes active; a closed or unknown one is a panic.
func (s *Server) Say(ch, author, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.sayTo(ch, author, body); err != nil {
		panic("faketwilio: " + err.Error())
	}
}

func (s *Server) sayTo(sid, author, body string) error {
	ch, known := s.messaging.channels[sid]
	if !known {
		return fmt.Errorf("no channel %q", sid)
	}
	if _, err := s.say(ch, author, body, "{}", s.clock.Now()); err != nil {
		return fmt.Errorf("say in %s: %w", sid, err)
	}
	return nil
}
