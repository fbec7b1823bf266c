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

// FromAttributes reads what a task's attributes say of its channel, as seen at a time:
// channel, backend, channel type and interaction. Without a channel the event has no
// ChannelSID: a voice task. An error if they are not a JSON object, or name a channel
// that cannot be one; it never quotes them.
func FromAttributes(taskAttributes json.RawMessage, at time.Time) (channel.Event, error) {
	a, err := decodeAttributes(taskAttributes)
	if err != nil {
		return channel.Event{}, err
	}
	sid, backend, err := a.channel()
	if err != nil || sid == "" {
		return channel.Event{}, err
	}
	return channel.Event{ChannelSID: sid, Backend: backend, Type: a.channelType(), Interaction: a.interaction(at), Time: at}, nil
}

// decodeAttributes reads task_attributes: a JSON string that holds a JSON object. It may
// be missing, null, empty, or already an object.
func decodeAttributes(raw json.RawMessage) (attributes, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
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
		_ = json.Unmarshal(members[key], &v) // nothing, if there is no such member
		return v
	}
	return attributes{
		conversationSID: value("conversationSid"), channelSID: value("channelSid"), typeOfChannel: value("channelType"),
		interactionSID: value("flexInteractionSid"), interactionChannel: value("flexInteractionChannelSid"),
		conversations: value("conversations"),
	}, nil
}

// channel returns the channel that the task is on, or "" if it is on none.
func (a attributes) channel() (sid string, backend channel.Backend, err error) {
	malformed := false
	for _, candidate := range a.candidates() {
		text, _ := candidate.sid.(string)
		switch {
		case channel.IsSID(text, "CH"):
			return text, candidate.backend, nil
		case candidate.sid != nil && text != "":
			malformed = true
		}
	}
	if malformed {
		return "", "", errors.New("the channel SID in its task_attributes is malformed")
	}
	return "", "", nil
}

type candidate struct {
	sid     any
	backend channel.Backend
}

func (a attributes) candidates() []candidate {
	list := []candidate{{a.conversationSID, channel.Conversations}}
	object, _ := a.conversations.(map[string]any)
	media, _ := object["media"].([]any)
	for _, m := range media {
		medium, _ := m.(map[string]any)
		list = append(list, candidate{medium["conversation_sid"], channel.Conversations})
		if sid, _ := medium["sid"].(string); strings.HasPrefix(sid, "CH") { // a recording of a voice task has another
			list = append(list, candidate{sid, channel.Conversations})
		}
	}
	return append(list, candidate{a.channelSID, channel.Chat})
}

// channelType returns the channel type, "" if none is named.
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
