package faketwilio

func (s *Server) createConversationService(c *call) (reply, error) {
	name, err := c.need("FriendlyName")
	if err != nil {
		return reply{}, err
	}
	return created(s.addMessagingService(name, c.now).conversationsBody(c, s.options.AccountSID)), nil
}

func (s *Server) fetchConversationService(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	return ok(service.conversationsBody(c, s.options.AccountSID)), nil
}

func (s *Server) listConversationServices(c *call) (reply, error) {
	return listOf(c, "services", 100, &s.messaging.services, false, nil, func(service *messagingService) any {
		return service.conversationsBody(c, s.options.AccountSID)
	})
}

// fetchConversationsConfiguration answers with the account-wide defaults.
func (s *Server) fetchConversationsConfiguration(c *call) (reply, error) {
	return ok(s.conversationsConfiguration(c)), nil
}

func (s *Server) updateConversationsConfiguration(c *call) (reply, error) {
	var timers stateTimers // only to check them
	if _, err := c.readTimer("DefaultInactiveTimer", minInactiveTimer, &timers.inactive); err != nil {
		return reply{}, err
	}
	if _, err := c.readTimer("DefaultClosedTimer", minClosedTimer, &timers.closed); err != nil {
		return reply{}, err
	}
	if sid, sent := c.get("DefaultChatServiceSid"); sent {
		if _, err := s.messagingService(c, sid); err != nil {
			return reply{}, invalid("DefaultChatServiceSid %q is not a service", sid)
		}
		s.messaging.defaultSID = sid
	}
	s.messaging.inactiveTimer = c.value("DefaultInactiveTimer", s.messaging.inactiveTimer)
	s.messaging.closedTimer = c.value("DefaultClosedTimer", s.messaging.closedTimer)
	return ok(s.conversationsConfiguration(c)), nil
}

type conversationsConfigurationBody struct {
	AccountSID         string            `json:"account_sid"`
	DefaultChatService string            `json:"default_chat_service_sid"`
	DefaultMessaging   *string           `json:"default_messaging_service_sid"`
	DefaultInactive    *string           `json:"default_inactive_timer"`
	DefaultClosed      *string           `json:"default_closed_timer"`
	URL                string            `json:"url"`
	Links              map[string]string `json:"links"`
}

func (s *Server) conversationsConfiguration(c *call) any {
	service := s.defaultMessagingService(c.now)
	url := c.url("/v1/Configuration")
	return conversationsConfigurationBody{
		AccountSID: s.options.AccountSID, DefaultChatService: service.sid,
		DefaultInactive: orNull(s.messaging.inactiveTimer), DefaultClosed: orNull(s.messaging.closedTimer),
		URL: url,
		Links: map[string]string{
			"service": c.url("/v1/Services/", service.sid, "/Configuration"), "webhooks": url + "/Webhooks",
		},
	}
}

type conversationServiceBody struct {
	AccountSID   string            `json:"account_sid"`
	SID          string            `json:"sid"`
	FriendlyName string            `json:"friendly_name"`
	DateCreated  string            `json:"date_created"`
	DateUpdated  string            `json:"date_updated"`
	URL          string            `json:"url"`
	Links        map[string]string `json:"links"`
}

func (v *messagingService) conversationsBody(c *call, account string) any {
	url := c.url("/v1/Services/", v.sid)
	return conversationServiceBody{
		AccountSID: account, SID: v.sid, FriendlyName: v.friendlyName, DateCreated: iso(v.created), DateUpdated: iso(v.updated),
		URL: url,
		Links: map[string]string{
			"conversations": url + "/Conversations", "users": url + "/Users", "roles": url + "/Roles", "bindings": url + "/Bindings",
			"configuration": url + "/Configuration", "participant_conversations": url + "/ParticipantConversations",
			"conversation_with_participants": url + "/ConversationWithParticipants",
		},
	}
}
