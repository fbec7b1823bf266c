package eventstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// attributes is what is read of a task's attributes, of both generations: Flex
// Conversations (conversationSid, or conversations.media) and legacy messaging
// (channelSid). Anything can stand in a field, since applications write here too.
type attributes struct {
	conversationSID    any
	channelSID         any
	typeOfChannel      any
	interactionSID     any
	interactionChannel any
	conversations      any
}

// place is a channel that a task is on.
type place struct {
	sid     string
	backend channel.Backend
}

// FromAttributes reads what a task's attributes say of its channel, as seen at a time:
// channel, backend, channel type and interaction. There is no event for a voice task, which
// is on no channel, and one for each where the attributes name two channels: whoever
// disagrees with himself is believed in neither, so these have no interaction. An error if
// they are not a JSON object, or name a channel that cannot be one; it never quotes them.
func FromAttributes(taskAttributes string, at time.Time) ([]channel.Event, error) {
	a, err := decodeAttributes([]byte(taskAttributes))
	if err != nil {
		return nil, err
	}
	places, err := a.places()
	if err != nil {
		return nil, err
	}
	var events []channel.Event
	for _, p := range places {
		events = append(events, channel.Event{ChannelSID: p.sid, Backend: p.backend, Type: a.channelType(), Time: at})
	}
	if len(events) == 1 {
		events[0].Interaction = a.interaction(at)
	}
	return events, nil
}

// textOf returns the task_attributes of an event as text: they are a JSON object in a JSON
// string, and may be missing, null or the object itself.
func textOf(taskAttributes any) string {
	switch value := taskAttributes.(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		text, _ := json.Marshal(value) // it was JSON before
		return string(text)
	}
}

// decodeAttributes reads a JSON object, or nothing.
func decodeAttributes(raw []byte) (attributes, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return attributes{}, nil
	}
	// Not into a struct: its fields would take keys of any case, also another's channelSID.
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return attributes{}, errors.New("its task_attributes are not a JSON object")
	}
	value := func(key string) (v any) {
		if raw, found := members[key]; found {
			_ = json.Unmarshal(raw, &v) // it is JSON, as all around it
		}
		return v
	}
	return attributes{
		conversationSID: value("conversationSid"), channelSID: value("channelSid"), typeOfChannel: value("channelType"),
		interactionSID: value("flexInteractionSid"), interactionChannel: value("flexInteractionChannelSid"),
		conversations: value("conversations"),
	}, nil
}

// places returns the channel that the task is on, none, or two where conversationSid and
// channelSid disagree. The same SID in both is a conversation's. What conversations.media
// says is Insights' and may be of an earlier channel of the customer, so it counts only
// where neither of the others says anything.
func (a attributes) places() ([]place, error) {
	conversation, chat, media := sidIn(a.conversationSID), sidIn(a.channelSID), sidIn(a.media()...)
	switch {
	case conversation.valid && chat.valid && conversation.text != chat.text:
		return []place{{conversation.text, channel.Conversations}, {chat.text, channel.Chat}}, nil
	case conversation.valid:
		return []place{{conversation.text, channel.Conversations}}, nil
	case chat.valid:
		return []place{{chat.text, channel.Chat}}, nil
	case media.valid:
		return []place{{media.text, channel.Conversations}}, nil
	case conversation.text+chat.text+media.text != "":
		return nil, errors.New("the channel SID in its task_attributes is malformed")
	}
	return nil, nil
}

// candidate is what stands where a channel's SID is expected.
type candidate struct {
	text  string
	valid bool
}

// sidIn returns the first of the values that is a channel's SID, else one that is a text.
func sidIn(values ...any) (c candidate) {
	for _, v := range values {
		text, _ := v.(string)
		if channel.IsSID(text, "CH") {
			return candidate{text, true}
		}
		if text != "" {
			c.text = text
		}
	}
	return c
}

// media returns what conversations.media names as channels, in either form.
func (a attributes) media() (values []any) {
	object, _ := a.conversations.(map[string]any)
	media, _ := object["media"].([]any)
	for _, m := range media {
		medium, _ := m.(map[string]any)
		values = append(values, medium["conversation_sid"])
		if sid, _ := medium["sid"].(string); strings.HasPrefix(sid, "CH") { // a recording of a voice task has another
			values = append(values, sid)
		}
	}
	return values
}

func (a attributes) channelType() string {
	text, _ := a.typeOfChannel.(string)
	return channel.TypeOf(text)
}

// interaction returns the interaction and its channel, if both are named: one alone
// cannot be closed.
func (a attributes) interaction(at time.Time) *channel.Interaction {
	interaction, _ := a.interactionSID.(string)
	if interaction == "" {
		object, _ := a.conversations.(map[string]any)
		interaction, _ = object["conversation_id"].(string)
	}
	uo, _ := a.interactionChannel.(string)
	if !channel.IsSID(interaction, "KD") || !channel.IsSID(uo, "UO") {
		return nil
	}
	return &channel.Interaction{SID: interaction, ChannelSID: uo, Time: at}
}
