package faketwilio

import (
	"net/http"
	"strings"
	"time"
)

// maxConversationAttributes is in bytes [docs conversations-limits].
const maxConversationAttributes = 16 << 10

// conversationPrefixes are the two ways to a conversation: through its service, or through the default one.
var conversationPrefixes = []string{"/v1/Services/{ChatServiceSid}", "/v1"}

func conversationRoutes(r router) {
	r.handle(productConversations, "GET", "/v1/Configuration", (*Server).fetchConversationsConfiguration)
	r.handle(productConversations, "POST", "/v1/Configuration", (*Server).updateConversationsConfiguration)
	r.handle(productConversations, "POST", "/v1/Services", (*Server).createConversationService)
	r.handle(productConversations, "GET", "/v1/Services", (*Server).listConversationServices)
	r.handle(productConversations, "GET", "/v1/Services/{Sid}", (*Server).fetchConversationService)
	r.handle(productConversations, "DELETE", "/v1/Services/{Sid}", (*Server).deleteMessagingService)
	for _, prefix := range conversationPrefixes {
		r.handle(productConversations, "POST", prefix+"/Conversations", (*Server).createConversation)
		r.handle(productConversations, "GET", prefix+"/Conversations", (*Server).listConversations)
		r.handle(productConversations, "GET", prefix+"/Conversations/{Sid}", (*Server).fetchConversation)
		r.handle(productConversations, "POST", prefix+"/Conversations/{Sid}", (*Server).updateConversation)
		r.handle(productConversations, "DELETE", prefix+"/Conversations/{Sid}", (*Server).deleteConversation)
	}
	conversationMessageRoutes(r)
	participantRoutes(r)
}

// conversationService is the service that a path names, or the default one.
func (s *Server) conversationService(c *call) (*messagingService, error) {
	if !strings.HasPrefix(c.route.pattern, conversationPrefixes[0]) {
		return s.defaultMessagingService(c.now), nil
	}
	return s.messagingService(c, c.v("ChatServiceSid"))
}

// conversation finds the conversation that a path variable names. Public chat channels are not conversations.
func (s *Server) conversation(c *call, variable string) (*channel, error) {
	service, err := s.conversationService(c)
	if err != nil {
		return nil, err
	}
	ch, found := s.findChannel(service, c.v(variable))
	if !found || ch.kind != "private" {
		return nil, s.notFound(codeConversation, c)
	}
	return ch, nil
}

// throughService tells that the client named the service in the path. Only then do messages and participants name it, too [spec
// conversations_v1: conversation_message has no chat_service_sid, service.conversation_message has].
func (c *call) throughService() bool {
	return c.route != nil && strings.HasPrefix(c.route.pattern, conversationPrefixes[0])
}

// conversationURL is a conversation's address, in the way that the client came.
func conversationURL(c *call, ch *channel) string {
	if c.throughService() {
		return c.url("/v1/Services/", ch.service.sid, "/Conversations/", ch.sid)
	}
	return c.url("/v1/Conversations/", ch.sid)
}

func (s *Server) createConversation(c *call) (reply, error) {
	service, err := s.conversationService(c)
	if err != nil {
		return reply{}, err
	}
	next := channel{state: stateActive, attributes: "{}", created: c.now, updated: c.now}
	timersSent, err := next.readConversation(c)
	if err != nil {
		return reply{}, err
	}
	_, stateSent := c.get("State")
	switch {
	case next.state == stateClosed:
		return reply{}, fail(http.StatusBadRequest, codeConversationBornClosed, "A conversation cannot be created closed")
	case timersSent && !stateSent:
		return reply{}, fail(http.StatusBadRequest, codeConversationTimerState, "Timers need a State")
	}
	if err := checkName(service, nil, next.uniqueName, codeConversationNameExists, codeConversationNameSID); err != nil {
		return reply{}, err
	}
	if err := s.allowChat(service.sid, c.now); err != nil {
		return reply{}, err
	}
	ch := s.addChannel(service, "private", next.uniqueName, next.attributes, c.now)
	ch.take(&next)
	s.setDefaultTimers(ch)
	s.setState(ch, next.state, c.now)
	return created(ch.conversationBody(c, s.options.AccountSID)), nil
}

// setDefaultTimers gives a new conversation the account's timers where it has none of its own.
func (s *Server) setDefaultTimers(ch *channel) {
	for _, timer := range []struct {
		into *time.Duration
		text string
	}{{&ch.timers.inactive, s.messaging.inactiveTimer}, {&ch.timers.closed, s.messaging.closedTimer}} {
		if d, ok := parseISODuration(timer.text); ok && *timer.into == 0 {
			*timer.into = d
		}
	}
}

// readConversation reads the form of a create or an update into a copy of the conversation.
func (ch *channel) readConversation(c *call) (timersSent bool, err error) {
	ch.friendlyName = c.value("FriendlyName", ch.friendlyName)
	ch.uniqueName = c.value("UniqueName", ch.uniqueName)
	ch.messagingSID = c.value("MessagingServiceSid", ch.messagingSID)
	ch.emailAddress = c.value("Bindings.Email.Address", ch.emailAddress)
	ch.emailName = c.value("Bindings.Email.Name", ch.emailName)
	if ch.attributes, err = c.readAttributes(ch.attributes, maxConversationAttributes, codeInvalidParameter); err != nil {
		return false, err
	}
	if state, sent := c.get("State"); sent {
		if state != stateActive && state != stateInactive && state != stateClosed {
			return false, invalid("State must be active, inactive or closed")
		}
		ch.state = state
	}
	if err := c.readDates(&ch.created, &ch.updated); err != nil {
		return false, err
	}
	return c.readTimers(&ch.timers)
}

// take copies what readConversation may have changed, but for the state and the unique name, which have rules of their own.
func (ch *channel) take(next *channel) {
	ch.friendlyName, ch.messagingSID, ch.attributes = next.friendlyName, next.messagingSID, next.attributes
	ch.emailAddress, ch.emailName = next.emailAddress, next.emailName
	ch.created, ch.updated = next.created, next.updated
	ch.timers.inactive, ch.timers.closed = next.timers.inactive, next.timers.closed
}

func (s *Server) fetchConversation(c *call) (reply, error) {
	ch, err := s.conversation(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return ok(ch.conversationBody(c, s.options.AccountSID)), nil
}

// updateConversation changes a conversation that is not closed. Closed is final.
func (s *Server) updateConversation(c *call) (reply, error) {
	ch, err := s.conversation(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	if ch.state == stateClosed {
		return reply{}, s.closedError()
	}
	next := *ch
	next.updated = c.now
	timersSent, err := next.readConversation(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.allowChat(ch.sid, c.now); err != nil {
		return reply{}, err
	}
	if err := s.rename(ch, next.uniqueName, codeConversationNameExists, codeConversationNameSID); err != nil {
		return reply{}, err
	}
	ch.take(&next)
	if timersSent || next.state != ch.state {
		s.setState(ch, next.state, c.now)
	}
	return ok(ch.conversationBody(c, s.options.AccountSID)), nil
}

func (s *Server) deleteConversation(c *call) (reply, error) {
	ch, err := s.conversation(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return s.deleteChannel(c, ch)
}

// listConversations filters by state and by creation time; with a time, the newest come first [spec].
func (s *Server) listConversations(c *call) (reply, error) {
	service, err := s.conversationService(c)
	if err != nil {
		return reply{}, err
	}
	from, err := c.readDay("StartDate")
	if err != nil {
		return reply{}, err
	}
	to, err := c.readDay("EndDate")
	if err != nil {
		return reply{}, err
	}
	state := c.query.Get("State")
	if err := c.oneOf("State", c.query["State"], stateActive, stateInactive, stateClosed); err != nil {
		return reply{}, err
	}
	wanted := func(ch *channel) bool {
		return ch.kind == "private" && (state == "" || ch.state == state) &&
			(from.IsZero() || !ch.created.Before(from)) && (to.IsZero() || !ch.created.After(to))
	}
	newestFirst := !from.IsZero() || !to.IsZero()
	return listOf(c, "conversations", 100, &service.channels, newestFirst, wanted, func(ch *channel) any {
		return ch.conversationBody(c, s.options.AccountSID)
	})
}

// readDay reads a time of a query.
func (c *call) readDay(name string) (time.Time, error) {
	text := c.query.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, invalid("%s is not an ISO 8601 time", name)
}

type conversationBody struct {
	AccountSID          string            `json:"account_sid"`
	ChatServiceSID      string            `json:"chat_service_sid"`
	MessagingServiceSID *string           `json:"messaging_service_sid"`
	SID                 string            `json:"sid"`
	FriendlyName        *string           `json:"friendly_name"`
	UniqueName          *string           `json:"unique_name"`
	Attributes          string            `json:"attributes"`
	State               string            `json:"state"`
	DateCreated         string            `json:"date_created"`
	DateUpdated         string            `json:"date_updated"`
	Timers              map[string]string `json:"timers"`
	URL                 string            `json:"url"`
	Links               map[string]string `json:"links"`
	Bindings            map[string]any    `json:"bindings"`
}

func (ch *channel) conversationBody(c *call, account string) any {
	url := conversationURL(c, ch)
	body := conversationBody{
		AccountSID: account, ChatServiceSID: ch.service.sid, MessagingServiceSID: orNull(ch.messagingSID), SID: ch.sid,
		FriendlyName: orNull(ch.friendlyName), UniqueName: orNull(ch.uniqueName), Attributes: ch.attributes, State: ch.state,
		DateCreated: iso(ch.created), DateUpdated: iso(ch.updated), Timers: map[string]string{}, URL: url,
		Links: map[string]string{
			"participants": url + "/Participants", "messages": url + "/Messages",
			"webhooks": url + "/Webhooks", "export": url + "/Export",
		},
		Bindings: map[string]any{},
	}
	if !ch.timers.dateInactive.IsZero() {
		body.Timers["date_inactive"] = iso(ch.timers.dateInactive)
	}
	if !ch.timers.dateClosed.IsZero() {
		body.Timers["date_closed"] = iso(ch.timers.dateClosed)
	}
	if ch.emailAddress != "" {
		body.Bindings["email"] = map[string]string{"address": ch.emailAddress, "name": ch.emailName}
	}
	return body
}
