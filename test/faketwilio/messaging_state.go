package faketwilio

import (
	"encoding/json"
	"net/http"
	"time"
)

// States of a conversation.
const (
	stateActive   = "active"
	stateInactive = "inactive"
	stateClosed   = "closed"
)

// messagingState holds what Chat v2 and Conversations v1 share: in Flex, one service (IS) is the same to both, and a private
// chat channel is the same object as a conversation (CH), seen through another API.
type messagingState struct {
	services      collection[*messagingService]
	bySID         map[string]*messagingService
	channels      map[string]*channel // by SID
	openBy        map[string]int      // service and identity → conversations that are not closed
	bindings      map[string]*channel // address pair → the conversation that holds it
	inactiveTimer string              // account-wide defaults [spec /v1/Configuration]
	closedTimer   string
	defaultSID    string // of the default service; the first one if empty
}

// messagingService is a Chat or Conversations service (IS).
type messagingService struct {
	seq               uint64
	sid, friendlyName string
	created, updated  time.Time
	channels          collection[*channel]
	names             map[string]*channel // by unique name
	webhooks          map[string]string   // PreWebhookUrl and its like: kept, never called
}

// channel is a Chat channel or a Conversation (CH).
type channel struct {
	seq                                   uint64
	service                               *messagingService
	sid, friendlyName, uniqueName         string
	attributes, kind, state, createdBy    string // kind is public or private
	messagingSID, emailAddress, emailName string
	created, updated                      time.Time

	messages     collection[*message]
	messageBySID map[string]*message
	nextIndex    int

	participants     collection[*participant]
	participantBySID map[string]*participant

	timers      stateTimers
	interaction *interactionChannel // the Flex face of the conversation, if it has one
}

// message is one message of a channel (IM).
type message struct {
	seq                           uint64
	sid, author, body, attributes string
	updatedBy                     string
	index                         int
	edited                        bool
	created, updated              time.Time
}

func newMessagingState() messagingState {
	return messagingState{
		bySID: map[string]*messagingService{}, channels: map[string]*channel{},
		openBy: map[string]int{}, bindings: map[string]*channel{},
	}
}

// addMessagingService makes a service. The caller holds s.mu.
func (s *Server) addMessagingService(name string, now time.Time) *messagingService {
	service := &messagingService{
		sid: s.sid("IS"), friendlyName: name, created: now, updated: now,
		names: map[string]*channel{}, webhooks: map[string]string{},
	}
	service.seq = s.messaging.services.add(service)
	s.messaging.bySID[service.sid] = service
	return service
}

// defaultMessagingService is the service of paths that name none. An account always has one.
func (s *Server) defaultMessagingService(now time.Time) *messagingService {
	if service, known := s.messaging.bySID[s.messaging.defaultSID]; known {
		return service
	}
	if first := s.messaging.services.take(0, false, 1, nil); len(first) == 1 {
		return first[0].value
	}
	return s.addMessagingService("Default Conversations Service", now)
}

func (s *Server) messagingService(c *call, sid string) (*messagingService, error) {
	if service, known := s.messaging.bySID[sid]; known {
		return service, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) removeMessagingService(service *messagingService) {
	service.channels.all(func(ch *channel) bool {
		s.removeChannel(ch)
		return true
	})
	s.messaging.services.remove(service.seq)
	delete(s.messaging.bySID, service.sid)
}

// addChannel makes a channel. The caller holds s.mu.
func (s *Server) addChannel(service *messagingService, kind, uniqueName, attributes string, now time.Time) *channel {
	ch := &channel{
		service: service, sid: s.sid("CH"), uniqueName: uniqueName, attributes: attributes, kind: kind, state: stateActive,
		createdBy: "system", created: now, updated: now,
		messageBySID: map[string]*message{}, participantBySID: map[string]*participant{},
	}
	ch.seq = service.channels.add(ch)
	if uniqueName != "" {
		service.names[uniqueName] = ch
	}
	s.messaging.channels[ch.sid] = ch
	return ch
}

// findChannel finds a channel of a service by SID or unique name.
func (s *Server) findChannel(service *messagingService, name string) (*channel, bool) {
	if ch, known := s.messaging.channels[name]; known {
		return ch, ch.service == service
	}
	ch, known := service.names[name]
	return ch, known
}

func (s *Server) removeChannel(ch *channel) {
	s.release(ch)
	ch.timers.cancel()
	ch.service.channels.remove(ch.seq)
	delete(ch.service.names, ch.uniqueName)
	delete(s.messaging.channels, ch.sid)
}

// deleteChannel deletes a channel through either API.
func (s *Server) deleteChannel(c *call, ch *channel) (reply, error) {
	if err := s.allowChat(ch.service.sid, c.now); err != nil {
		return reply{}, err
	}
	s.removeChannel(ch)
	return noContent(), nil
}

// rename gives a channel another unique name. exists and isSID are the product's codes for a name that is taken, or a SID.
func (s *Server) rename(ch *channel, name string, exists, isSID int) error {
	if err := checkName(ch.service, ch, name, exists, isSID); err != nil {
		return err
	}
	delete(ch.service.names, ch.uniqueName)
	if ch.uniqueName = name; name != "" {
		ch.service.names[name] = ch
	}
	return nil
}

// checkName checks the unique name of a channel; ch is nil for a new one.
func checkName(service *messagingService, ch *channel, name string, exists, isSID int) error {
	if holder, taken := service.names[name]; name != "" && taken && holder != ch {
		return fail(http.StatusConflict, exists, "Unique name already exists")
	}
	if sidPattern.MatchString(name) {
		return fail(http.StatusBadRequest, isSID, "Unique name must not be in the form of a SID")
	}
	if len(name) > 256 {
		return invalid("UniqueName must be at most 256 characters")
	}
	return nil
}

// readAttributes reads an Attributes parameter: JSON in a string, replaced as a whole and kept byte for byte.
func (c *call) readAttributes(current string, limit, tooLong int) (string, error) {
	text, sent := c.get("Attributes")
	if !sent {
		return current, nil
	}
	if text == "" {
		return "{}", nil
	}
	if !json.Valid([]byte(text)) {
		return "", invalid("Attributes not valid")
	}
	if len(text) > limit {
		return "", fail(http.StatusBadRequest, tooLong, "Attributes too long")
	}
	return text, nil
}

// readDates reads DateCreated and DateUpdated, which an import may set.
func (c *call) readDates(createdAt, updatedAt *time.Time) error {
	for name, into := range map[string]*time.Time{"DateCreated": createdAt, "DateUpdated": updatedAt} {
		text, sent := c.get(name)
		if !sent || text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return invalid("%s is not an ISO 8601 time", name)
		}
		*into = at
	}
	return nil
}

// say adds a message and wakes what sleeps: an inactive conversation becomes active, and so does its interaction channel.
func (s *Server) say(ch *channel, author, body, attributes string, now time.Time) (*message, error) {
	if ch.state == stateClosed {
		return nil, s.closedError()
	}
	m := &message{
		sid: s.sid("IM"), author: author, body: body, attributes: attributes,
		index: ch.nextIndex, created: now, updated: now,
	}
	m.seq = ch.messages.add(m)
	ch.nextIndex++
	ch.messageBySID[m.sid] = m
	if ch.interaction != nil && ch.interaction.status == stateInactive {
		ch.interaction.status = stateActive
	}
	s.setState(ch, stateActive, now)
	return m, nil
}

func (s *Server) closedError() *apiError {
	return fail(s.options.Unverified.ClosedStatus, codeConversationClosed,
		"Can't update conversation as it's in final closed state")
}

// setState moves a conversation to a state and starts its timers anew. Closing frees its identities and address pairs.
func (s *Server) setState(ch *channel, state string, now time.Time) {
	if state == stateClosed && ch.state != stateClosed {
		s.release(ch)
	}
	ch.state = state
	s.startTimers(ch, now)
}
