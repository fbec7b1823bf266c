package faketwilio

import (
	"encoding/json"
	"fmt"
	"time"
)

// Bind gives a channel or conversation the address pair of a customer and of the contact centre, so that the customer's next
// message finds it. It panics if another open one holds the pair.
func (s *Server) Bind(ch, from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.messaging.channels[ch]
	if err := s.join(must(v, known, "channel", ch), newBinding(from, to), s.clock.Now()); err != nil {
		panic("faketwilio: bind " + ch + ": " + err.Error())
	}
}

// Receive is a customer's message from one address to another. It goes to the channel that holds the pair, if that one still takes
// messages; otherwise a new channel is made for it. It returns where the message went, and whether that channel is new. What
// Flex does next, a new task, is the caller's to play.
func (s *Server) Receive(service, from, to, body string) (ch string, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known := s.messaging.bySID[service]
	found, fresh, err := s.receive(must(v, known, "chat service", service), from, to, body, s.clock.Now())
	if err != nil {
		panic("faketwilio: " + err.Error())
	}
	return found.sid, fresh
}

func newBinding(from, to string) *participant {
	return &participant{address: from, proxy: to, attributes: "{}"}
}

func (s *Server) receive(service *messagingService, from, to, body string, now time.Time) (*channel, bool, error) {
	binding := newBinding(from, to)
	ch := s.messaging.bindings[binding.bindingKey()]
	fresh := ch == nil || ch.retired()
	if fresh {
		attributes := "{}"
		if ch != nil { // a chat channel that was deactivated: the pair moves on to its successor, of the same kind
			attributes = `{"long_lived":true,"status":"ACTIVE"}`
			delete(s.messaging.bindings, binding.bindingKey())
		}
		ch = s.addChannel(service, "private", "", attributes, now)
		if err := s.join(ch, binding, now); err != nil {
			return nil, false, fmt.Errorf("receive message from %s: %w", from, err)
		}
	}
	_, err := s.say(ch, from, body, "{}", now)
	return ch, fresh, err
}

// retired tells whether a channel's attributes say what Flex reads as: make a new channel for the next message. Both attributes
// must say so.
func (ch *channel) retired() bool {
	var attributes struct {
		LongLived any `json:"long_lived"`
		Status    any `json:"status"`
	}
	return json.Unmarshal([]byte(ch.attributes), &attributes) == nil &&
		attributes.LongLived == false && attributes.Status == "INACTIVE"
}
