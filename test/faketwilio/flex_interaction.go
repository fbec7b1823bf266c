package faketwilio

import (
	"encoding/json"
	"slices"
	"time"
)

// interactionTTL is how long an interaction channel lives with no activity of its own. Activity on its conversation does not
// count [docs flex/developer/conversations/park-an-interaction].
const interactionTTL = 180 * 24 * time.Hour

// Types of interaction channels [spec].
var interactionTypes = []string{"voice", "sms", "email", "web", "whatsapp", "chat", "messenger", "gbm"}

// flexState holds Flex Interactions and Flex Flows.
type flexState struct {
	interactions map[string]*interaction
	order        collection[*interactionChannel] // in the order in which they were made
	flows        collection[*flexFlow]
	flowBySID    map[string]*flexFlow
}

// interaction is a Flex Interaction (KD).
type interaction struct {
	sid, contextSID, ttid string
	routing               json.RawMessage
	channels              collection[*interactionChannel]
	bySID                 map[string]*interactionChannel
}

// interactionChannel is an Interaction Channel (UO): what Flex knows of a conversation.
type interactionChannel struct {
	interaction       *interaction
	sid, kind, status string
	conversation      *channel
	active            time.Time // latest activity
}

func newFlexState() flexState {
	return flexState{interactions: map[string]*interaction{}, flowBySID: map[string]*flexFlow{}}
}

func flexRoutes(r router) {
	r.handle(productFlex, "POST", "/v1/Interactions", (*Server).createInteraction)
	r.handle(productFlex, "GET", "/v1/Interactions/{Sid}", (*Server).fetchInteraction)
	r.handle(productFlex, "POST", "/v1/Interactions/{Sid}", (*Server).updateInteraction)
	r.handle(productFlex, "GET", "/v1/Interactions/{InteractionSid}/Channels", (*Server).listInteractionChannels)
	r.handle(productFlex, "GET", "/v1/Interactions/{InteractionSid}/Channels/{Sid}", (*Server).fetchInteractionChannel)
	r.handle(productFlex, "POST", "/v1/Interactions/{InteractionSid}/Channels/{Sid}", (*Server).updateInteractionChannel)
	flexFlowRoutes(r)
}

// addInteraction makes an interaction with one channel. The caller holds s.mu.
func (s *Server) addInteraction(conversation *channel, kind string, now time.Time) *interactionChannel {
	kd := &interaction{sid: s.sid("KD"), bySID: map[string]*interactionChannel{}}
	uo := &interactionChannel{
		interaction: kd, sid: s.sid("UO"), kind: kind, status: stateActive, conversation: conversation, active: now,
	}
	kd.channels.add(uo)
	s.flex.order.add(uo)
	kd.bySID[uo.sid] = uo
	s.flex.interactions[kd.sid] = kd
	if conversation != nil {
		conversation.interaction = uo
	}
	return uo
}

// createInteraction starts a conversation and, if the routing names a workspace that exists, a task for it. Twilio answers
// before all that is done; the fake does it at once.
func (s *Server) createInteraction(c *call) (reply, error) {
	text, err := c.need("Channel")
	if err != nil {
		return reply{}, err
	}
	var wanted struct {
		Type       string `json:"type"`
		Properties struct {
			MediaChannelSID string `json:"media_channel_sid"`
		} `json:"properties"`
	}
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		return reply{}, invalid("Channel is not valid JSON")
	}
	if !slices.Contains(interactionTypes, wanted.Type) {
		return reply{}, invalid("Channel type %q is not one of %v", wanted.Type, interactionTypes)
	}
	conversation := s.messaging.channels[wanted.Properties.MediaChannelSID]
	if conversation == nil {
		conversation = s.addChannel(s.defaultMessagingService(c.now), "private", "", "{}", c.now)
	}
	uo := s.addInteraction(conversation, wanted.Type, c.now)
	kd := uo.interaction
	kd.contextSID, kd.ttid = c.value("InteractionContextSid", ""), c.value("WebhookTtid", "")
	if err := s.routeInteraction(c, uo); err != nil {
		return reply{}, err
	}
	return ok(s.interactionBody(c, kd)), nil
}

// routeInteraction makes the task that the Routing parameter asks for. Its attributes are taken as they are, with the SIDs that
// a Flex task carries added [spec flex_v1 CreateInteraction].
func (s *Server) routeInteraction(c *call, uo *interactionChannel) error {
	text, sent := c.get("Routing")
	if !sent {
		return nil
	}
	var routing struct {
		Properties struct {
			WorkspaceSID string         `json:"workspace_sid"`
			Attributes   map[string]any `json:"attributes"`
		} `json:"properties"`
	}
	if err := json.Unmarshal([]byte(text), &routing); err != nil {
		return invalid("Routing is not valid JSON")
	}
	uo.interaction.routing = json.RawMessage(text)
	workspace, known := s.taskrouter.bySID[routing.Properties.WorkspaceSID]
	if !known {
		return nil
	}
	attributes := map[string]any{}
	for name, value := range routing.Properties.Attributes {
		attributes[name] = value
	}
	attributes["conversationSid"] = uo.conversation.sid
	attributes["flexInteractionSid"] = uo.interaction.sid
	attributes["flexInteractionChannelSid"] = uo.sid
	attributes["channelType"] = uo.kind
	encoded, err := json.Marshal(attributes)
	if err != nil {
		return invalid("Routing attributes are not valid JSON")
	}
	s.addTask(workspace, string(encoded), c.now)
	return nil
}

func (s *Server) interaction(c *call, variable string) (*interaction, error) {
	if kd, found := s.flex.interactions[c.v(variable)]; found {
		return kd, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) fetchInteraction(c *call) (reply, error) {
	kd, err := s.interaction(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return ok(s.interactionBody(c, kd)), nil
}

func (s *Server) updateInteraction(c *call) (reply, error) {
	kd, err := s.interaction(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	kd.ttid = c.value("WebhookTtid", kd.ttid)
	return ok(s.interactionBody(c, kd)), nil
}

type interactionBody struct {
	SID                   string            `json:"sid"`
	Channel               map[string]string `json:"channel"`
	Routing               json.RawMessage   `json:"routing"`
	URL                   string            `json:"url"`
	Links                 map[string]string `json:"links"`
	InteractionContextSID *string           `json:"interaction_context_sid"`
	WebhookTTID           *string           `json:"webhook_ttid"`
}

// interactionBody shows an interaction. Its routing carries the attributes of its task, as Twilio's example of a created
// interaction has them [spec flex_v1 CreateInteraction]: with them the SID of its conversation.
func (s *Server) interactionBody(c *call, v *interaction) any {
	url := c.url("/v1/Interactions/", v.sid)
	body := interactionBody{
		SID: v.sid, Routing: s.shownRouting(v), URL: url, Links: map[string]string{"channels": url + "/Channels"},
		InteractionContextSID: orNull(v.contextSID), WebhookTTID: orNull(v.ttid),
	}
	if first := v.channels.take(0, false, 1, nil); len(first) == 1 {
		body.Channel = map[string]string{"type": first[0].value.kind, "sid": first[0].value.sid}
	}
	return body
}

// shownRouting is the routing of an interaction, as it is shown.
func (s *Server) shownRouting(v *interaction) json.RawMessage {
	first := v.channels.take(0, false, 1, nil)
	if s.options.Unverified.BareInteraction || len(first) == 0 || first[0].value.conversation == nil {
		return v.routing
	}
	uo := first[0].value
	attributes, err := json.Marshal(map[string]string{
		"conversationSid": uo.conversation.sid, "flexInteractionSid": v.sid, "flexInteractionChannelSid": uo.sid, "channelType": uo.kind,
	})
	if err != nil {
		return v.routing
	}
	shown, err := json.Marshal(map[string]any{"properties": map[string]string{"attributes": string(attributes)}})
	if err != nil {
		return v.routing
	}
	return shown
}
