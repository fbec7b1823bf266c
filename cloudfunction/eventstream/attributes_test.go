package eventstream

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestFromAttributes(t *testing.T) {
	t.Parallel()
	both := &channel.Interaction{SID: kd1, ChannelSID: uo1, Time: now}
	one := func(sid string, b channel.Backend, kind string, i *channel.Interaction) []channel.Event {
		return []channel.Event{{ChannelSID: sid, Backend: b, Type: kind, Interaction: i, Time: now}}
	}
	const media = `"conversations":{"conversation_id":"` + kd1 + `","media":`
	for name, row := range map[string]struct {
		reason     string
		attributes string
		want       []channel.Event
		refused    bool
	}{
		"Flex Conversations": {"the present generation", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + kd1 + `","flexInteractionChannelSid":"` + uo1 + `","channelType":"whatsapp","customerName":"N"}`, one(ch1, channel.Conversations, "whatsapp", both), false},
		"legacy messaging":   {"the older generation", `{"channelSid":"` + ch1 + `","channelType":"sms","from":"+1"}`, one(ch1, channel.Chat, "sms", nil), false},
		"two channels": {"whoever names two is believed in neither: no interaction", `{"channelSid":"` + ch2 + `","conversationSid":"` + ch1 + `","channelType":"web","flexInteractionSid":"` + kd1 + `","flexInteractionChannelSid":"` + uo1 + `"}`,
			append(one(ch1, channel.Conversations, "web", nil), one(ch2, channel.Chat, "web", nil)...), false},
		"the same in both":          {"private chat channels are conversations, too", `{"channelSid":"` + ch1 + `","conversationSid":"` + ch1 + `"}`, one(ch1, channel.Conversations, "", nil), false},
		"one is malformed":          {"the other is not", `{"channelSid":"` + ch1 + `","conversationSid":"CH5"}`, one(ch1, channel.Chat, "", nil), false},
		"media, conversation_sid":   {"an agent-initiated SMS has it only here", `{` + media + `[{"conversation_sid":"` + ch1 + `"}]}}`, one(ch1, channel.Conversations, "", nil), false},
		"media, sid":                {"the transcript's form", `{"flexInteractionChannelSid":"` + uo1 + `",` + media + `[{"type":"ChatTranscript","sid":"` + ch1 + `"}]}}`, one(ch1, channel.Conversations, "", both), false},
		"media, the second":         {"a recording may come first", `{` + media + `[{"type":"Recording","sid":""},{"sid":"` + ch1 + `"}]}}`, one(ch1, channel.Conversations, "", nil), false},
		"media, a recording":        {"a voice task's recording is no malformed channel", `{"call_sid":"CA1",` + media + `[{"type":"VoiceRecording","sid":"RE00000000000000000000000000000001"}]}}`, nil, false},
		"media, a channel cut off":  {"something is meant, but what?", `{` + media + `[{"type":"ChatTranscript","sid":"CH0000"}]}}`, nil, true},
		"media and channelSid":      {"Insights may name an earlier channel: it never outvotes", `{"channelSid":"` + ch2 + `",` + media + `[{"sid":"` + ch1 + `"}]}}`, one(ch2, channel.Chat, "", nil), false},
		"media, the same SID":       {"nor does it make a conversation of a chat", `{"channelSid":"` + ch1 + `",` + media + `[{"sid":"` + ch1 + `"}]}}`, one(ch1, channel.Chat, "", nil), false},
		"media and conversationSid": {"nor of the one another", `{"conversationSid":"` + ch2 + `",` + media + `[{"sid":"` + ch1 + `"}]}}`, one(ch2, channel.Conversations, "", nil), false},
		"media, a malformed other":  {"what can be read is read", `{"channelSid":"CH5",` + media + `[{"sid":"` + ch1 + `"}]}}`, one(ch1, channel.Conversations, "", nil), false},
		"media of another shape":    {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":{"media":{"sid":"` + ch2 + `"}}}`, one(ch1, channel.Chat, "", nil), false},
		"media of texts":            {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":{"media":["` + ch2 + `",null,7]}}`, one(ch1, channel.Chat, "", nil), false},
		"conversations a text":      {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":"none"}`, one(ch1, channel.Chat, "", nil), false},
		"voice with conversations":  {"Flex Insights puts conversations on voice tasks too", `{"call_sid":"CA1","conversations":{"segment_link":"x"}}`, nil, false},
		"null conversationSid":      {"null is absent", `{"conversationSid":null,"channelSid":"` + ch1 + `"}`, one(ch1, channel.Chat, "", nil), false},
		"empty channelSid":          {"empty is absent", `{"channelSid":""}`, nil, false},
		"null channelSid":           {"removed on a transfer, so that the janitor leaves it alone", `{"channelSid":null}`, nil, false},
		"a number":                  {"not text, so not a SID of the wrong shape either", `{"channelSid":5}`, nil, false},
		"upper-case digits":         {"Twilio's SIDs are in lower case", `{"channelSid":"CHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, nil, true},
		"too long":                  {"a SID has 34 characters", `{"channelSid":"` + ch1 + `0"}`, nil, true},
		"a path":                    {"a SID becomes part of a path, so nothing else may pass", `{"channelSid":"../` + ch1 + `"}`, nil, true},
		"a newline":                 {"the pattern covers the whole text", `{"channelSid":"` + ch1 + `\n"}`, nil, true},
		"a key of another case":     {"channelSID is another's attribute, not channelSid", `{"channelSid":"` + ch1 + `","channelSID":"` + ch2 + `","CHANNELSID":null}`, one(ch1, channel.Chat, "", nil), false},
		"a type in capitals":        {"settings name types in lower case", `{"channelSid":"` + ch1 + `","channelType":"WhatsApp"}`, one(ch1, channel.Chat, "whatsapp", nil), false},
		"a type that is a sentence": {"it would be somebody's data", `{"channelSid":"` + ch1 + `","channelType":"call Ann"}`, one(ch1, channel.Chat, channel.Other, nil), false},
		"a type that is a number":   {"a phone number is somebody's data, too", `{"channelSid":"` + ch1 + `","channelType":"15550100"}`, one(ch1, channel.Chat, channel.Other, nil), false},
		"an interaction alone":      {"without its channel it cannot be closed", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + kd1 + `"}`, one(ch1, channel.Conversations, "", nil), false},
		"an interaction of a task":  {"a SID of another kind is none", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + wt1 + `","flexInteractionChannelSid":"` + uo1 + `"}`, one(ch1, channel.Conversations, "", nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := FromAttributes(row.attributes, now)
			if d := cmp.Diff(row.want, got); d != "" || (err != nil) != row.refused {
				t.Errorf("%s: %v (-want +got):\n%s", row.reason, err, d)
			}
		})
	}
}

// FuzzTaskAttributes: whatever an application writes into a task, what is taken from it
// has the shape of what it is taken for, or is nothing.
func FuzzTaskAttributes(f *testing.F) {
	for _, seed := range []string{`{"channelSid":"` + ch1 + `"}`, `{"channelSid":"` + ch1 + `","conversationSid":"` + ch2 + `","channelType":"x"}`, `{"conversations":{"conversation_id":"` + kd1 + `","media":[{"sid":"` + ch1 + `"}]},"flexInteractionChannelSid":"` + uo1 + `","channelType":"Web"}`, `null`, `"{}"`, `[`, `{"a":1e999}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		events, err := FromAttributes(text, now)
		if err != nil && len(events) > 0 || len(events) > 2 {
			t.Errorf("%d events and %v", len(events), err)
		}
		for _, e := range events {
			if !channel.IsSID(e.ChannelSID, "CH") || e.Backend == "" || e.Type != "" && !channel.IsType(e.Type) {
				t.Errorf("event %+v", e)
			}
			if i := e.Interaction; i != nil && (len(events) > 1 || !channel.IsSID(i.SID, "KD") || !channel.IsSID(i.ChannelSID, "UO")) {
				t.Errorf("interaction %+v", i)
			}
		}
	})
}
