package faketwilio

import "slices"

// maxChatAttributes is the size of a chat channel's attributes in bytes. Twilio documents that there is a limit, not which.
const maxChatAttributes = 32 << 10

func chatChannelRoutes(r router) {
	r.handle(productChat, "POST", "/v2/Services/{ServiceSid}/Channels", (*Server).createChatChannel)
	r.handle(productChat, "GET", "/v2/Services/{ServiceSid}/Channels", (*Server).listChatChannels)
	r.handle(productChat, "GET", "/v2/Services/{ServiceSid}/Channels/{Sid}", (*Server).fetchChatChannel)
	r.handle(productChat, "POST", "/v2/Services/{ServiceSid}/Channels/{Sid}", (*Server).updateChatChannel)
	r.handle(productChat, "DELETE", "/v2/Services/{ServiceSid}/Channels/{Sid}", (*Server).deleteChatChannel)
}

// chatChannel finds the channel that a path variable names.
func (s *Server) chatChannel(c *call, variable string) (*channel, error) {
	service, err := s.messagingService(c, c.v("ServiceSid"))
	if err != nil {
		return nil, err
	}
	ch, found := s.findChannel(service, c.v(variable))
	if !found {
		return nil, s.notFound(codeChatChannel, c)
	}
	return ch, nil
}

func (s *Server) createChatChannel(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	attributes, err := c.readAttributes("{}", maxChatAttributes, codeChatAttributesLong)
	if err != nil {
		return reply{}, err
	}
	kind := c.value("Type", "public")
	if kind != "public" && kind != "private" {
		return reply{}, invalid("Type must be public or private")
	}
	name := c.value("UniqueName", "")
	if err := checkName(service, nil, name, codeChatUniqueNameExists, codeChatUniqueNameSID); err != nil {
		return reply{}, err
	}
	createdAt, updatedAt := c.now, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return reply{}, err
	}
	if err := s.allowChat(service.sid, c.now); err != nil {
		return reply{}, err
	}
	ch := s.addChannel(service, kind, name, attributes, c.now)
	ch.friendlyName, ch.createdBy = c.value("FriendlyName", ""), c.value("CreatedBy", "system")
	ch.created, ch.updated = createdAt, updatedAt
	return created(ch.chatBody(c, s.options.AccountSID)), nil
}

func (s *Server) fetchChatChannel(c *call) (reply, error) {
	ch, err := s.chatChannel(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return ok(ch.chatBody(c, s.options.AccountSID)), nil
}

// updateChatChannel replaces what is sent; Attributes as one string. There is no If-Match.
func (s *Server) updateChatChannel(c *call) (reply, error) {
	ch, err := s.chatChannel(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	if ch.state == stateClosed {
		return reply{}, s.closedError()
	}
	attributes, err := c.readAttributes(ch.attributes, maxChatAttributes, codeChatAttributesLong)
	if err != nil {
		return reply{}, err
	}
	createdAt, updatedAt := ch.created, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return reply{}, err
	}
	if err := s.allowChat(ch.sid, c.now); err != nil {
		return reply{}, err
	}
	if name, sent := c.get("UniqueName"); sent {
		if err := s.rename(ch, name, codeChatUniqueNameExists, codeChatUniqueNameSID); err != nil {
			return reply{}, err
		}
	}
	ch.attributes, ch.created, ch.updated = attributes, createdAt, updatedAt
	ch.friendlyName, ch.createdBy = c.value("FriendlyName", ch.friendlyName), c.value("CreatedBy", ch.createdBy)
	return ok(ch.chatBody(c, s.options.AccountSID)), nil
}

func (s *Server) deleteChatChannel(c *call) (reply, error) {
	ch, err := s.chatChannel(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return s.deleteChannel(c, ch)
}

// listChatChannels lists the channels of the types asked for: public ones unless the query says otherwise.
func (s *Server) listChatChannels(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	kinds := c.query["Type"]
	if len(kinds) == 0 {
		kinds = []string{"public"}
	}
	if err := c.oneOf("Type", kinds, "public", "private"); err != nil {
		return reply{}, err
	}
	wanted := func(ch *channel) bool { return slices.Contains(kinds, ch.kind) }
	return listOf(c, "channels", 100, &service.channels, false, wanted, func(ch *channel) any {
		return ch.chatBody(c, s.options.AccountSID)
	})
}

type chatChannelBody struct {
	SID           string             `json:"sid"`
	AccountSID    string             `json:"account_sid"`
	ServiceSID    string             `json:"service_sid"`
	FriendlyName  *string            `json:"friendly_name"`
	UniqueName    *string            `json:"unique_name"`
	Attributes    string             `json:"attributes"`
	Type          string             `json:"type"`
	DateCreated   string             `json:"date_created"`
	DateUpdated   string             `json:"date_updated"`
	CreatedBy     string             `json:"created_by"`
	MembersCount  int                `json:"members_count"`
	MessagesCount int                `json:"messages_count"`
	URL           string             `json:"url"`
	Links         map[string]*string `json:"links"`
}

func (ch *channel) chatBody(c *call, account string) any {
	url := c.url("/v2/Services/", ch.service.sid, "/Channels/", ch.sid)
	links := map[string]*string{"last_message": nil}
	for name, path := range map[string]string{
		"members": "/Members", "messages": "/Messages", "invites": "/Invites", "webhooks": "/Webhooks",
	} {
		links[name] = orNull(url + path)
	}
	if last := ch.messages.take(0, true, 1, nil); len(last) == 1 {
		links["last_message"] = orNull(url + "/Messages/" + last[0].value.sid)
	}
	return chatChannelBody{
		SID: ch.sid, AccountSID: account, ServiceSID: ch.service.sid, FriendlyName: orNull(ch.friendlyName),
		UniqueName: orNull(ch.uniqueName), Attributes: ch.attributes, Type: ch.kind, CreatedBy: ch.createdBy,
		DateCreated: iso(ch.created), DateUpdated: iso(ch.updated),
		MembersCount: ch.participants.len(), MessagesCount: ch.messages.len(), URL: url, Links: links,
	}
}
