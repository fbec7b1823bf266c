package faketwilio

import (
	"net/http"
	"time"
)

// maxOpenPerIdentity is how many conversations that are not closed one identity may be in [docs conversations-limits].
const maxOpenPerIdentity = 1000

// participant is someone in a conversation (MB): an identity, or an address pair of a messaging channel.
type participant struct {
	seq                            uint64
	sid, identity, address, proxy  string
	projected, attributes, roleSID string
	created, updated               time.Time
}

func participantRoutes(r router) {
	for _, prefix := range conversationPrefixes {
		path := prefix + "/Conversations/{ConversationSid}/Participants"
		r.handle(productConversations, "POST", path, (*Server).createParticipant)
		r.handle(productConversations, "GET", path, (*Server).listParticipants)
		r.handle(productConversations, "GET", path+"/{Sid}", (*Server).fetchParticipant)
		r.handle(productConversations, "DELETE", path+"/{Sid}", (*Server).deleteParticipant)
	}
}

// bindingKey names an address pair; type whatsapp is part of the address.
func (p *participant) bindingKey() string { return p.address + "|" + p.proxy }

// join puts a participant into a conversation, within Twilio's limits.
func (s *Server) join(ch *channel, p *participant, now time.Time) error {
	if ch.state == stateClosed {
		return s.closedError()
	}
	if p.identity != "" {
		key := ch.service.sid + " " + p.identity
		if s.messaging.openBy[key] >= maxOpenPerIdentity {
			return fail(http.StatusForbidden, codeIdentityLimit, "User conversation limit exceeded")
		}
		s.messaging.openBy[key]++
	} else {
		if holder := s.messaging.bindings[p.bindingKey()]; holder != nil {
			return fail(http.StatusConflict, codeConversationBindingUsed,
				"A binding for this participant and proxy address already exists in Conversation %s", holder.sid)
		}
		s.messaging.bindings[p.bindingKey()] = ch
	}
	p.sid, p.created, p.updated = s.sid("MB"), now, now
	p.seq = ch.participants.add(p)
	ch.participantBySID[p.sid] = p
	return nil
}

// release frees what the participants of a conversation hold, when it closes or goes.
func (s *Server) release(ch *channel) {
	if ch.state == stateClosed {
		return
	}
	ch.participants.all(func(p *participant) bool {
		s.releaseOne(ch, p)
		return true
	})
}

func (s *Server) releaseOne(ch *channel, p *participant) {
	if p.identity != "" {
		s.messaging.openBy[ch.service.sid+" "+p.identity]--
		return
	}
	// A pair may have moved on to a newer channel, see Receive.
	if s.messaging.bindings[p.bindingKey()] == ch {
		delete(s.messaging.bindings, p.bindingKey())
	}
}

func (s *Server) createParticipant(c *call) (reply, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return reply{}, err
	}
	p := &participant{
		identity: c.value("Identity", ""), roleSID: c.value("RoleSid", ""),
		address: c.value("MessagingBinding.Address", ""), proxy: c.value("MessagingBinding.ProxyAddress", ""),
		projected: c.value("MessagingBinding.ProjectedAddress", ""),
	}
	if p.identity == "" && p.address == "" && p.projected == "" {
		return reply{}, invalid("A participant needs an Identity or a MessagingBinding.Address")
	}
	if p.attributes, err = c.readAttributes("{}", 4<<10, codeInvalidParameter); err != nil {
		return reply{}, err
	}
	if err := s.join(ch, p, c.now); err != nil {
		return reply{}, err
	}
	return created(p.body(c, ch, s.options.AccountSID)), nil
}

func (s *Server) participant(c *call) (*channel, *participant, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return nil, nil, err
	}
	p, found := ch.participantBySID[c.v("Sid")]
	if !found {
		return nil, nil, s.notFound(codeNotFound, c)
	}
	return ch, p, nil
}

func (s *Server) fetchParticipant(c *call) (reply, error) {
	ch, p, err := s.participant(c)
	if err != nil {
		return reply{}, err
	}
	return ok(p.body(c, ch, s.options.AccountSID)), nil
}

func (s *Server) deleteParticipant(c *call) (reply, error) {
	ch, p, err := s.participant(c)
	if err != nil {
		return reply{}, err
	}
	if ch.state == stateClosed {
		return reply{}, s.closedError()
	}
	s.releaseOne(ch, p)
	ch.participants.remove(p.seq)
	delete(ch.participantBySID, p.sid)
	return noContent(), nil
}

func (s *Server) listParticipants(c *call) (reply, error) {
	ch, err := s.conversation(c, "ConversationSid")
	if err != nil {
		return reply{}, err
	}
	return listOf(c, "participants", 100, &ch.participants, false, nil, func(p *participant) any {
		return p.body(c, ch, s.options.AccountSID)
	})
}

type participantBody struct {
	AccountSID           string            `json:"account_sid"`
	ChatServiceSID       string            `json:"chat_service_sid,omitempty"`
	ConversationSID      string            `json:"conversation_sid"`
	SID                  string            `json:"sid"`
	Identity             *string           `json:"identity"`
	Attributes           string            `json:"attributes"`
	MessagingBinding     map[string]string `json:"messaging_binding"`
	RoleSID              *string           `json:"role_sid"`
	DateCreated          string            `json:"date_created"`
	DateUpdated          string            `json:"date_updated"`
	URL                  string            `json:"url"`
	LastReadMessageIndex *int              `json:"last_read_message_index"`
	LastReadTimestamp    *string           `json:"last_read_timestamp"`
}

func (p *participant) body(c *call, ch *channel, account string) any {
	body := participantBody{
		AccountSID: account, ConversationSID: ch.sid, SID: p.sid,
		Identity: orNull(p.identity), Attributes: p.attributes, RoleSID: orNull(p.roleSID),
		DateCreated: iso(p.created), DateUpdated: iso(p.updated),
		URL: conversationURL(c, ch) + "/Participants/" + p.sid,
	}
	if c.throughService() {
		body.ChatServiceSID = ch.service.sid
	}
	if p.identity == "" {
		body.MessagingBinding = map[string]string{
			"type": addressType(p.address), "address": p.address, "proxy_address": p.proxy,
		}
	}
	return body
}

// addressType is the channel that an address belongs to: its prefix, or sms for a bare number.
func addressType(address string) string {
	for _, kind := range []string{"whatsapp", "messenger", "gbm"} {
		if len(address) > len(kind) && address[:len(kind)+1] == kind+":" {
			return kind
		}
	}
	return "sms"
}
