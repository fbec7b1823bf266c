package faketwilio

func chatMessageRoutes(r router) {
	r.handle(productChat, "POST", "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages", (*Server).createChatMessage)
	r.handle(productChat, "GET", "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages", (*Server).listChatMessages)
	r.handle(productChat, "GET", "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages/{Sid}", (*Server).fetchChatMessage)
	r.handle(productChat, "POST", "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages/{Sid}", (*Server).updateChatMessage)
	r.handle(productChat, "DELETE", "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages/{Sid}", (*Server).deleteChatMessage)
}

func (s *Server) createChatMessage(c *call) (reply, error) {
	ch, err := s.chatChannel(c, "ChannelSid")
	if err != nil {
		return reply{}, err
	}
	m, err := s.addMessage(c, ch, "From")
	if err != nil {
		return reply{}, err
	}
	return created(m.chatBody(c, ch, s.options.AccountSID)), nil
}

// addMessage makes a message from a form. author is the parameter that names who speaks.
func (s *Server) addMessage(c *call, ch *channel, author string) (*message, error) {
	attributes, err := c.readAttributes("{}", 4<<10, codeInvalidParameter)
	if err != nil {
		return nil, err
	}
	createdAt, updatedAt := c.now, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return nil, err
	}
	m, err := s.say(ch, c.value(author, "system"), c.value("Body", ""), attributes, c.now)
	if err != nil {
		return nil, err
	}
	m.created, m.updated = createdAt, updatedAt
	return m, nil
}

// changeMessage applies the form of a message update.
func (s *Server) changeMessage(c *call, ch *channel, m *message, author string) error {
	if ch.state == stateClosed {
		return s.closedError()
	}
	attributes, err := c.readAttributes(m.attributes, 4<<10, codeInvalidParameter)
	if err != nil {
		return err
	}
	createdAt, updatedAt := m.created, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return err
	}
	if body, sent := c.get("Body"); sent {
		m.edited = m.edited || body != m.body
		m.body = body
	}
	m.author, m.updatedBy = c.value(author, m.author), c.value("LastUpdatedBy", "system")
	m.attributes, m.created, m.updated = attributes, createdAt, updatedAt
	return nil
}

func (ch *channel) removeMessage(m *message) {
	ch.messages.remove(m.seq)
	delete(ch.messageBySID, m.sid)
}

// chatMessage finds the message that the path names.
func (s *Server) chatMessage(c *call) (*channel, *message, error) {
	ch, err := s.chatChannel(c, "ChannelSid")
	if err != nil {
		return nil, nil, err
	}
	m, found := ch.messageBySID[c.v("Sid")]
	if !found {
		return nil, nil, s.notFound(codeNotFound, c)
	}
	return ch, m, nil
}

func (s *Server) fetchChatMessage(c *call) (reply, error) {
	ch, m, err := s.chatMessage(c)
	if err != nil {
		return reply{}, err
	}
	return ok(m.chatBody(c, ch, s.options.AccountSID)), nil
}

func (s *Server) updateChatMessage(c *call) (reply, error) {
	ch, m, err := s.chatMessage(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.changeMessage(c, ch, m, "From"); err != nil {
		return reply{}, err
	}
	return ok(m.chatBody(c, ch, s.options.AccountSID)), nil
}

func (s *Server) deleteChatMessage(c *call) (reply, error) {
	ch, m, err := s.chatMessage(c)
	if err != nil {
		return reply{}, err
	}
	ch.removeMessage(m)
	return noContent(), nil
}

func (s *Server) listChatMessages(c *call) (reply, error) {
	ch, err := s.chatChannel(c, "ChannelSid")
	if err != nil {
		return reply{}, err
	}
	newestFirst, err := c.readOrder()
	if err != nil {
		return reply{}, err
	}
	return listOf(c, "messages", 100, &ch.messages, newestFirst, nil, func(m *message) any {
		return m.chatBody(c, ch, s.options.AccountSID)
	})
}

// readOrder reads the Order of a list of messages: asc (oldest first), unless the query says desc.
func (c *call) readOrder() (newestFirst bool, err error) {
	switch c.query.Get("Order") {
	case "", "asc":
		return false, nil
	case "desc":
		return true, nil
	}
	return false, invalid("Order must be asc or desc")
}

type chatMessageBody struct {
	SID           string  `json:"sid"`
	AccountSID    string  `json:"account_sid"`
	Attributes    string  `json:"attributes"`
	ServiceSID    string  `json:"service_sid"`
	To            string  `json:"to"`
	ChannelSID    string  `json:"channel_sid"`
	DateCreated   string  `json:"date_created"`
	DateUpdated   string  `json:"date_updated"`
	LastUpdatedBy *string `json:"last_updated_by"`
	WasEdited     bool    `json:"was_edited"`
	From          string  `json:"from"`
	Body          string  `json:"body"`
	Index         int     `json:"index"`
	Type          string  `json:"type"`
	Media         any     `json:"media"`
	URL           string  `json:"url"`
}

func (m *message) chatBody(c *call, ch *channel, account string) any {
	return chatMessageBody{
		SID: m.sid, AccountSID: account, Attributes: m.attributes, ServiceSID: ch.service.sid, To: ch.sid, ChannelSID: ch.sid,
		DateCreated: iso(m.created), DateUpdated: iso(m.updated), LastUpdatedBy: orNull(m.updatedBy), WasEdited: m.edited,
		From: m.author, Body: m.body, Index: m.index, Type: "text",
		URL: c.url("/v2/Services/", ch.service.sid, "/Channels/", ch.sid, "/Messages/", m.sid),
	}
}
