package faketwilio

func chatMessageRoutes(r router) {
	messageAPI{
		author:  "From",
		channel: func(s *Server, c *call) (*channel, error) { return s.chatChannel(c, "ChannelSid") },
		body:    (*message).chatBody,
	}.routes(r, productChat, "/v2/Services/{ServiceSid}/Channels/{ChannelSid}/Messages")
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
