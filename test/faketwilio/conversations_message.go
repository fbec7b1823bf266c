package faketwilio

func conversationMessageRoutes(r router) {
	api := messageAPI{
		author:  "Author",
		channel: func(s *Server, c *call) (*channel, error) { return s.conversation(c, "ConversationSid") },
		body:    (*message).conversationBody,
	}
	for _, prefix := range conversationPrefixes {
		api.routes(r, productConversations, prefix+"/Conversations/{ConversationSid}/Messages")
	}
}

type conversationMessageBody struct {
	AccountSID      string            `json:"account_sid"`
	ChatServiceSID  string            `json:"chat_service_sid,omitempty"`
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
	body := conversationMessageBody{
		AccountSID: account, ConversationSID: ch.sid, SID: m.sid, Index: m.index,
		Author: m.author, Body: m.body, Attributes: m.attributes, DateCreated: iso(m.created), DateUpdated: iso(m.updated),
		URL: url, Links: map[string]string{"delivery_receipts": url + "/Receipts", "channel_metadata": url + "/ChannelMetadata"},
	}
	if c.throughService() {
		body.ChatServiceSID = ch.service.sid
	}
	return body
}
