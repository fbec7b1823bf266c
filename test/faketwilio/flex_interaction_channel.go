package faketwilio

import (
	"encoding/json"
	"time"
)

// expired tells whether Flex has forgotten the channel.
func (v *interactionChannel) expired(now time.Time) bool {
	return !now.Before(v.active.Add(interactionTTL))
}

func (s *Server) interactionChannel(c *call) (*interactionChannel, error) {
	kd, err := s.interaction(c, "InteractionSid")
	if err != nil {
		return nil, err
	}
	uo, found := kd.bySID[c.v("Sid")]
	if !found || uo.expired(c.now) {
		return nil, s.notFound(codeNotFound, c)
	}
	return uo, nil
}

func (s *Server) fetchInteractionChannel(c *call) (reply, error) {
	uo, err := s.interactionChannel(c)
	if err != nil {
		return reply{}, err
	}
	return ok(uo.body(c)), nil
}

func (s *Server) listInteractionChannels(c *call) (reply, error) {
	kd, err := s.interaction(c, "InteractionSid")
	if err != nil {
		return reply{}, err
	}
	living := func(uo *interactionChannel) bool { return !uo.expired(c.now) }
	return listOf(c, "channels", 1000, &kd.channels, false, living, func(uo *interactionChannel) any { return uo.body(c) })
}

// updateInteractionChannel closes a channel or lets it rest. Its tasks go to wrapping, or are completed if the routing is
// closed too; a channel can only become inactive with its routing closed [spec].
func (s *Server) updateInteractionChannel(c *call) (reply, error) {
	uo, err := s.interactionChannel(c)
	if err != nil {
		return reply{}, err
	}
	status, err := c.need("Status")
	if err != nil {
		return reply{}, err
	}
	routingClosed, err := c.readRoutingClosed()
	if err != nil {
		return reply{}, err
	}
	switch {
	case status != stateClosed && status != stateInactive:
		return reply{}, invalid("Status must be closed or inactive")
	case status == stateInactive && !routingClosed:
		return reply{}, invalid(`Status inactive requires Routing {"status":"closed"}`)
	case status == stateInactive && uo.status == stateClosed:
		return reply{}, invalid("The interaction channel is closed")
	}
	if err := s.refuseClose(uo, status); err != nil {
		return reply{}, err
	}
	s.setInteractionStatus(uo, status, routingClosed, c.now)
	return ok(uo.body(c)), nil
}

// refuseClose is why a close is refused, if a switch says that Twilio does.
func (s *Server) refuseClose(uo *interactionChannel, status string) error {
	refusal := s.options.Unverified.CloseChannelStatus
	if again := s.options.Unverified.CloseAgainStatus; again != 0 && uo.status == stateClosed {
		refusal = again
	}
	if refusal == 0 || status != stateClosed {
		return nil
	}
	return fail(refusal, codeInvalidParameter, "The interaction channel cannot be closed")
}

// setInteractionStatus closes or rests a channel, with its tasks and, for a close, its conversation.
func (s *Server) setInteractionStatus(uo *interactionChannel, status string, routingClosed bool, now time.Time) {
	uo.status, uo.active = status, now
	if uo.conversation == nil {
		return
	}
	for _, t := range s.taskrouter.onChannel(uo.conversation.sid) {
		if t.ended() {
			continue
		}
		if routingClosed {
			s.moveTask(t, statusCompleted, "", now)
		} else if t.status != statusWrapping {
			s.moveTask(t, statusWrapping, "", now)
		}
	}
	closes := status == stateClosed && !s.options.Unverified.KeepConversation
	if closes && uo.conversation.state != stateClosed {
		uo.conversation.updated = now
		s.setState(uo.conversation, stateClosed, now)
	}
}

// readRoutingClosed reads the Routing parameter of an update, whose only meaning is {"status":"closed"}.
func (c *call) readRoutingClosed() (bool, error) {
	text, sent := c.get("Routing")
	if !sent || text == "" {
		return false, nil
	}
	var routing struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal([]byte(text), &routing); err != nil {
		return false, invalid("Routing is not valid JSON")
	}
	return routing.Status == stateClosed, nil
}

type interactionChannelBody struct {
	SID            string            `json:"sid"`
	InteractionSID string            `json:"interaction_sid"`
	Type           string            `json:"type"`
	Status         string            `json:"status"`
	ErrorCode      *int              `json:"error_code"`
	ErrorMessage   *string           `json:"error_message"`
	URL            string            `json:"url"`
	Links          map[string]string `json:"links"`
}

func (v *interactionChannel) body(c *call) any {
	url := c.url("/v1/Interactions/", v.interaction.sid, "/Channels/", v.sid)
	return interactionChannelBody{
		SID: v.sid, InteractionSID: v.interaction.sid, Type: v.kind, Status: v.status, URL: url,
		Links: map[string]string{
			"participants": url + "/Participants", "invites": url + "/Invites", "transfers": url + "/Transfers",
		},
	}
}
