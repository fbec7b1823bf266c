package faketwilio

func conversationMessageRoutes(r router) {
	for _, prefix := range conversationPrefixes {
		path := prefix + "/Conversations/{ConversationSid}/Messages"
		r.handle(productConversations, "POST", path, (*Server).createConversationMessage)
		r.handle(productConversations, "GET", path, (*Server).listConversationMessages)
		r.handle(productConversations, "GET", path+"/{Sid}", (*Server).fetchConversationMessage)
		r.handle(productConversations, "POST", path+"/{Sid}", (*Server).updateConversationMessage)
		r.handle(productConversations, "DELETE", path+"/{Sid}", (*Server).deleteConversationMessage)
	}
}

func (s *Server) createConversationMessage(c *call) (reply, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return reply{}, err
	}
	m, err := s.addMessage(c, ch, "Author")
	if err != nil {
		return reply{}, err
	}
	return created(m.conversationBody(c, ch, s.options.AccountSID)), nil
}

// conversationMessage finds the message that the path names.
func (s *Server) conversationMessage(c *call) (*channel, *message, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return nil, nil, err
	}
	m, found := ch.messageBySID[c.v("Sid")]
	if !found {
		return nil, nil, s.notFound(codeNotFound, c)
	}
	return ch, m, nil
}

func (s *Server) fetchConversationMessage(c *call) (reply, error) {
	ch, m, err := s.conversationMessage(c)
	if err != nil {
		return reply{}, err
	}
	return ok(m.conversationBody(c, ch, s.options.AccountSID)), nil
}

func (s *Server) updateConversationMessage(c *call) (reply, error) {
	ch, m, err := s.conversationMessage(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.changeMessage(c, ch, m, "Author"); err != nil {
		return reply{}, err
	}
	return ok(m.conversationBody(c, ch, s.options.AccountSID)), nil
}

func (s *Server) deleteConversationMessage(c *call) (reply, error) {
	ch, m, err := s.conversationMessage(c)
	if err != nil {
		return reply{}, err
	}
	if ch.state == stateClosed {
		return reply{}, s.closedError()
	}
	ch.removeMessage(m)
	return noContent(), nil
}

func (s *Server) listConversationMessages(c *call) (reply, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return reply{}, err
	}
	newestFirst, err := c.readOrder()
	if err != nil {
		return reply{}, err
	}
	return listOf(c, "messages", 100, &ch.messages, newestFirst, nil, func(m *message) any {
		return m.conversationBody(c, ch, s.options.AccountSID)
	})
}

type conversationMessageBody struct {
	AccountSID      string            `json:"account_sid"`
	ChatServiceSID  string            `json:"chat_service_sid"`
	ConversationSID string            `json:"conversation_sid"`
	SID             string            `json:"sid"`
	Index           int               `json:"index"`
	Author          string            `json:"author"`
	Body            string            `json:"body"`
	Media           []any             `json:"media"`
	Attributes      string            `json:"attributes"`
	ParticipantSID  *string           `json:"participant_sid"`
	DateCreated     string            `json:"date_created"`
	DateUpdated     string            `json:"date_updated"`
	Delivery        any               `json:"delivery"`
	URL             string            `json:"url"`
	Links           map[string]string `json:"links"`
	ContentSID      *string           `json:"content_sid"`
}

func (m *message) conversationBody(c *call, ch *channel, account string) any {
	url := conversationURL(c, ch) + "/Messages/" + m.sid
	return conversationMessageBody{
		AccountSID: account, ChatServiceSID: ch.service.sid, ConversationSID: ch.sid, SID: m.sid, Index: m.index,
		Author: m.author, Body: m.body, Attributes: m.attributes, DateCreated: iso(m.created), DateUpdated: iso(m.updated),
		URL: url, Links: map[string]string{"delivery_receipts": url + "/Receipts", "channel_metadata": url + "/ChannelMetadata"},
	}
}
