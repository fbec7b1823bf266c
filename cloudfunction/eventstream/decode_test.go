package eventstream

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

const (
	ch1, ch2 = "CH00000000000000000000000000000001", "CH00000000000000000000000000000002"
	wt1      = "WT00000000000000000000000000000001"
	kd1      = "KD00000000000000000000000000000001"
	uo1      = "UO00000000000000000000000000000001"
)

var (
	now    = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	before = now.Add(-time.Hour)
)

// shape is a TaskRouter event as the docs show it, with the parts that vary.
func shape(kind, attributes string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":%q,"source":"AB1","id":"EZ1",
 "dataschema":"https://events-schemas.twilio.com/TaskRouter.WDSEvent/4","datacontenttype":"application/json",
 "data":{"sid":"EV1","name":"ReservationCreated","account_sid":"AC1","timestamp":"2026-03-01T11:00:00.000Z","level":"INFO",
  "payload":{"sid":"EV1","eventtype":"reservation.created","timestamp":"2026-03-01T11:00:00.000Z","task_sid":%q,
   %s"task_age":"31088","task_priority":"1","task_version":3,"reason":null}}}`, kind, wt1, attributes)
}

func quoted(attributes string) string {
	text, _ := json.Marshal(attributes)
	return `"task_attributes":` + string(text) + `,`
}

func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	const chat = `{"channelSid":"` + ch1 + `"}`
	onChat := channel.Event{ID: "EZ1", ChannelSID: ch1, Backend: channel.Chat, TaskSID: wt1, Time: before}
	as := func(kind string, phase channel.Phase, outcome string) decoded {
		e := onChat
		e.Phase, e.Outcome = phase, outcome
		return decoded{event: e, id: "EZ1", kind: taskPrefix + kind}
	}
	ignored := func(kind string) decoded { return decoded{verdict: ignore, id: "EZ1", kind: kind} }
	poison := func(reason string) decoded {
		return decoded{verdict: quarantine, id: "EZ1", kind: taskPrefix + "created", reason: reason}
	}
	for name, row := range map[string]struct {
		reason string
		event  string
		want   decoded
	}{
		"created":                 {"a new task opens", shape(taskPrefix+"created", quoted(chat)), as("created", channel.Open, "")},
		"wrapup":                  {"the conversation is over, the task is not", shape(taskPrefix+"wrapup", quoted(chat)), as("wrapup", channel.Wrapping, "")},
		"completed":               {"the ordinary end", shape(taskPrefix+"completed", quoted(chat)), as("completed", channel.Ended, "completed")},
		"canceled":                {"a task that nobody accepts never completes", shape(taskPrefix+"canceled", quoted(chat)), as("canceled", channel.Ended, "canceled")},
		"deleted":                 {"deleted through the API", shape(taskPrefix+"deleted", quoted(chat)), as("deleted", channel.Ended, "deleted")},
		"system-deleted":          {"cleaned up by TaskRouter", shape(taskPrefix+"system-deleted", quoted(chat)), as("system-deleted", channel.Ended, "system-deleted")},
		"attributes as an object": {"another schema version may spare the second encoding", shape(taskPrefix+"created", `"task_attributes":`+chat+`,`), as("created", channel.Open, "")},

		"updated":              {"it says nothing of the phase", shape(taskPrefix+"updated", quoted(chat)), ignored(taskPrefix + "updated")},
		"transfer":             {"the transfer's own task has its own events", shape(taskPrefix+"transfer-completed", quoted(chat)), ignored(taskPrefix + "transfer-completed")},
		"a reservation":        {"its end is not the task's", shape("com.twilio.taskrouter.reservation.completed", quoted(chat)), ignored("com.twilio.taskrouter.reservation.completed")},
		"a bare phase":         {"only the full name counts", shape("created", quoted(chat)), ignored("created")},
		"a type of tomorrow":   {"unknown is not wrong", shape("com.twilio.new.thing", quoted(chat)), ignored("com.twilio.new.thing")},
		"voice":                {"a voice task is on no channel", shape(taskPrefix+"created", quoted(`{"call_sid":"CA1"}`)), ignored(taskPrefix + "created")},
		"no attributes":        {"a task need not have any", shape(taskPrefix+"created", ``), ignored(taskPrefix + "created")},
		"null attributes":      {"null is none", shape(taskPrefix+"created", `"task_attributes":null,`), ignored(taskPrefix + "created")},
		"empty attributes":     {"an empty text is none", shape(taskPrefix+"created", `"task_attributes":"",`), ignored(taskPrefix + "created")},
		"blank attributes":     {"white space is none", shape(taskPrefix+"created", `"task_attributes":" \n",`), ignored(taskPrefix + "created")},
		"attributes null text": {"the text null is none", shape(taskPrefix+"created", `"task_attributes":"null",`), ignored(taskPrefix + "created")},
		"an empty object":      {"nothing is on no channel", shape(taskPrefix+"created", `"task_attributes":"{}",`), ignored(taskPrefix + "created")},
		"a null payload":       {"nothing is on no channel", `{"id":"EZ1","type":"` + taskPrefix + `created","data":{"payload":null}}`, ignored(taskPrefix + "created")},

		"attributes not JSON":   {"the channel may be in there, unreadable", shape(taskPrefix+"created", quoted(`{channelSid}`)), poison("its task_attributes are not a JSON object")},
		"attributes an array":   {"not an object", shape(taskPrefix+"created", quoted(`[]`)), poison("its task_attributes are not a JSON object")},
		"attributes a number":   {"not an object", shape(taskPrefix+"created", `"task_attributes":5,`), poison("its task_attributes are not a JSON object")},
		"a channel of no shape": {"something is meant, but what?", shape(taskPrefix+"created", quoted(`{"channelSid":"general"}`)), poison("the channel SID in its task_attributes is malformed")},
		"no task":               {"without its SID a task cannot be told from another", `{"id":"EZ1","type":"` + taskPrefix + `created","data":{"payload":{"task_attributes":{"channelSid":"` + ch1 + `"}}}}`, poison("it names no task")},
		"a task of no shape":    {"a SID of another kind is no task", `{"id":"EZ1","type":"` + taskPrefix + `created","data":{"payload":{"task_sid":"` + ch1 + `","task_attributes":{"channelSid":"` + ch1 + `"}}}}`, poison("it names no task")},
		"no data":               {"an event without data is cut off", `{"id":"EZ1","type":"` + taskPrefix + `created"}`, poison("its data cannot be read")},
		"null data":             {"an event without data is cut off", `{"id":"EZ1","type":"` + taskPrefix + `created","data":null}`, poison("its data cannot be read")},
		"a task as a number":    {"data must have the documented shape", `{"id":"EZ1","type":"` + taskPrefix + `created","data":{"payload":{"task_sid":5}}}`, poison("its data cannot be read")},
		"data before the type":  {"the order of the members means nothing", `{"data":"x","type":"` + taskPrefix + `created","id":"EZ1"}`, poison("its data cannot be read")},
		"another's odd data":    {"what is not ours may have any shape", `{"id":"EZ1","type":"com.twilio.new.thing","data":["x"]}`, ignored("com.twilio.new.thing")},
		"a type as a number":    {"a CloudEvent's type is text", `{"data":"x","id":"EZ1","type":7}`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},
		"an id as a number":     {"a CloudEvent's id is text", `{"id":7,"type":"` + taskPrefix + `created","data":{}}`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},
		"data as text":          {"data must be an object", `{"id":"EZ1","type":"` + taskPrefix + `created","data":"x"}`, poison("its data cannot be read")},
		"not an object":         {"a CloudEvent is an object", `"hello"`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},
		"an array within":       {"a CloudEvent is an object", `[{}]`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},
		"too deep":              {"encoding/json goes 10,000 deep", `{"id":"EZ1","data":` + strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001) + `}`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},
		"no JSON":               {"only where it ends is looked at before", `{"id":"EZ1"]`, decoded{verdict: quarantine, reason: "the event is not a CloudEvent"}},

		"the sink's test event": {
			"it proves that the way is open, and is about no task",
			`{"specversion":"1.0","type":"com.twilio.eventstreams.test-event","source":"Sink","id":"AC1","time":"2026-03-01T11:00:00Z","data":{"test_id":"cae2f9e2-c277-4612-8ad3-93c1a7a3ef88"}}`,
			decoded{verdict: test, id: "AC1", kind: testType, testID: "cae2f9e2-c277-4612-8ad3-93c1a7a3ef88"},
		},
		"an id that is a sentence": {
			"only what looks like an identifier may reach the log",
			`{"id":"call me, Ann","type":"some other sentence"}`,
			decoded{verdict: ignore, id: "(12 bytes, not an identifier)", kind: "(19 bytes, not an identifier)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(row.want, decode([]byte(row.event), now), cmp.AllowUnexported(decoded{})); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

func TestDecodeAttributes(t *testing.T) {
	t.Parallel()
	both := &channel.Interaction{SID: kd1, ChannelSID: uo1, Time: now}
	type found struct {
		SID         string
		Backend     channel.Backend
		ChannelType string
		Interaction *channel.Interaction
		Err         bool
	}
	const media = `"conversations":{"conversation_id":"` + kd1 + `","media":`
	for name, row := range map[string]struct {
		reason     string
		attributes string
		want       found
	}{
		"Flex Conversations":        {"the present generation", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + kd1 + `","flexInteractionChannelSid":"` + uo1 + `","channelType":"whatsapp","customerName":"N"}`, found{ch1, channel.Conversations, "whatsapp", both, false}},
		"legacy messaging":          {"the older generation", `{"channelSid":"` + ch1 + `","channelType":"sms","from":"+1"}`, found{ch1, channel.Chat, "sms", nil, false}},
		"both":                      {"conversationSid wins over channelSid", `{"channelSid":"` + ch2 + `","conversationSid":"` + ch1 + `"}`, found{ch1, channel.Conversations, "", nil, false}},
		"media, conversation_sid":   {"an agent-initiated SMS has it only here", `{` + media + `[{"conversation_sid":"` + ch1 + `"}]}}`, found{SID: ch1, Backend: channel.Conversations}},
		"media, sid":                {"the transcript's form", `{"flexInteractionChannelSid":"` + uo1 + `",` + media + `[{"type":"ChatTranscript","sid":"` + ch1 + `"}]}}`, found{ch1, channel.Conversations, "", both, false}},
		"media, the second":         {"a recording may come first", `{` + media + `[{"type":"Recording","sid":""},{"sid":"` + ch1 + `"}]}}`, found{SID: ch1, Backend: channel.Conversations}},
		"media, a recording":        {"a voice task's recording is no malformed channel", `{"call_sid":"CA1",` + media + `[{"type":"VoiceRecording","sid":"RE00000000000000000000000000000001"}]}}`, found{}},
		"media, a channel cut off":  {"something is meant, but what?", `{` + media + `[{"type":"ChatTranscript","sid":"CH0000"}]}}`, found{Err: true}},
		"media over channelSid":     {"a conversation is one in whichever place it stands", `{"channelSid":"` + ch2 + `",` + media + `[{"sid":"` + ch1 + `"}]}}`, found{SID: ch1, Backend: channel.Conversations}},
		"media of another shape":    {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":{"media":{"sid":"` + ch2 + `"}}}`, found{SID: ch1, Backend: channel.Chat}},
		"media of texts":            {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":{"media":["` + ch2 + `",null,7]}}`, found{SID: ch1, Backend: channel.Chat}},
		"conversations a text":      {"applications write here too", `{"channelSid":"` + ch1 + `","conversations":"none"}`, found{SID: ch1, Backend: channel.Chat}},
		"voice with conversations":  {"Flex Insights puts conversations on voice tasks too", `{"call_sid":"CA1","conversations":{"segment_link":"x"}}`, found{}},
		"null conversationSid":      {"null is absent", `{"conversationSid":null,"channelSid":"` + ch1 + `"}`, found{SID: ch1, Backend: channel.Chat}},
		"empty channelSid":          {"empty is absent", `{"channelSid":""}`, found{}},
		"null channelSid":           {"removed on a transfer, so that the janitor leaves it alone", `{"channelSid":null}`, found{}},
		"a number":                  {"not text, so not a SID of the wrong shape either", `{"channelSid":5}`, found{}},
		"upper-case digits":         {"Twilio's SIDs are in lower case", `{"channelSid":"CHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`, found{Err: true}},
		"too long":                  {"a SID has 34 characters", `{"channelSid":"` + ch1 + `0"}`, found{Err: true}},
		"a path":                    {"a SID becomes part of a path, so nothing else may pass", `{"channelSid":"../` + ch1 + `"}`, found{Err: true}},
		"a newline":                 {"the pattern covers the whole text", `{"channelSid":"` + ch1 + `\n"}`, found{Err: true}},
		"a key of another case":     {"channelSID is another's attribute, not channelSid", `{"channelSid":"` + ch1 + `","channelSID":"` + ch2 + `","CHANNELSID":null}`, found{SID: ch1, Backend: channel.Chat}},
		"a type in capitals":        {"settings name types in lower case", `{"channelSid":"` + ch1 + `","channelType":"WhatsApp"}`, found{SID: ch1, Backend: channel.Chat, ChannelType: "whatsapp"}},
		"a type that is a sentence": {"it would be somebody's data", `{"channelSid":"` + ch1 + `","channelType":"call Ann"}`, found{SID: ch1, Backend: channel.Chat}},
		"an interaction alone":      {"without its channel it cannot be closed", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + kd1 + `"}`, found{SID: ch1, Backend: channel.Conversations}},
		"an interaction of a task":  {"a SID of another kind is none", `{"conversationSid":"` + ch1 + `","flexInteractionSid":"` + wt1 + `","flexInteractionChannelSid":"` + uo1 + `"}`, found{SID: ch1, Backend: channel.Conversations}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := json.Marshal(row.attributes)
			for form, raw := range map[string]json.RawMessage{"text": text, "object": json.RawMessage(row.attributes)} {
				a, err := decodeAttributes(raw)
				if err != nil {
					t.Fatalf("%s: %v", form, err)
				}
				sid, backend, err := a.channel()
				got := found{sid, backend, a.channelType(), a.interaction(now), err != nil}
				if d := cmp.Diff(row.want, got); d != "" {
					t.Errorf("%s, as %s (-want +got):\n%s", row.reason, form, d)
				}
			}
		})
	}
}

func TestEventTime(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason     string
		candidates []string
		want       time.Time
	}{
		"payload":               {"the first one is the nearest to the task", []string{`"2026-03-01T11:00:00.000Z"`, `"2026-03-01T10:00:00Z"`}, before},
		"without a fraction":    {"older schemas give whole seconds", []string{`"2026-03-01T11:00:00Z"`}, before},
		"another zone":          {"an offset is a moment all the same", []string{`"2026-03-01T13:00:00+02:00"`}, before},
		"microseconds":          {"a record keeps milliseconds", []string{`"2026-03-01T11:00:00.123999Z"`}, before.Add(123 * time.Millisecond)},
		"seconds":               {"be lenient with epochs", []string{`1772362800`}, before},
		"milliseconds":          {"be lenient with epochs", []string{`1772362800000`}, before},
		"seconds as text":       {"numbers may come as text", []string{`"1772362800"`}, before},
		"milliseconds as text":  {"numbers may come as text", []string{`" 1772362800000 "`}, before},
		"seconds with fraction": {"a fraction of a second is precise enough", []string{`1772362800.5`}, before.Add(500 * time.Millisecond)},
		"missing":               {"the next candidate", []string{``, `null`, `"2026-03-01T11:00:00Z"`}, before},
		"nonsense":              {"the next candidate", []string{`"yesterday"`, `{}`, `true`, `-5`, `1e300`, `"NaN"`, `"2026-03-01T11:00:00Z"`}, before},
		"before TaskRouter":     {"a zero time is a mistake, and would be due at once", []string{`"1970-01-01T00:00:00Z"`, `0`, `"2026-03-01T11:00:00Z"`}, before},
		"the future":            {"a clock that runs ahead must not keep a channel for ever", []string{`"2027-03-01T11:00:00Z"`}, now},
		"a year beyond JSON":    {"it could not even be written down", []string{`99999999999`}, now},
		"none at all":           {"now errs on the side of keeping", nil, now},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var raw []json.RawMessage
			for _, c := range row.candidates {
				raw = append(raw, json.RawMessage(c))
			}
			if got := eventTime(now.Add(999*time.Microsecond), raw...); !got.Equal(row.want) {
				t.Errorf("%s: got %s, want %s", row.reason, got, row.want)
			}
		})
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	want := []string{
		"com.twilio.taskrouter.task.canceled", "com.twilio.taskrouter.task.completed", "com.twilio.taskrouter.task.created",
		"com.twilio.taskrouter.task.deleted", "com.twilio.taskrouter.task.system-deleted", "com.twilio.taskrouter.task.wrapup",
	}
	if d := cmp.Diff(want, EventTypes()); d != "" {
		t.Errorf("what the sink subscribes to (-want +got):\n%s", d)
	}
}

// FuzzTaskAttributes: whatever an application writes into a task, what is taken from it
// has the shape of what it is taken for, or is nothing.
func FuzzTaskAttributes(f *testing.F) {
	for _, seed := range []string{`{"channelSid":"` + ch1 + `"}`, `{"conversations":{"conversation_id":"` + kd1 + `","media":[{"sid":"` + ch1 + `"}]},"flexInteractionChannelSid":"` + uo1 + `","channelType":"Web"}`, `null`, `"{}"`, `[`, `{"a":1e999}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := decodeAttributes(json.RawMessage(text))
		if err != nil {
			return
		}
		sid, backend, err := a.channel()
		if (sid != "") != (backend != "") || sid != "" && !channel.IsSID(sid, "CH") || err != nil && sid != "" {
			t.Errorf("channel %q, backend %q, error %v", sid, backend, err)
		}
		if kind := a.channelType(); kind != "" && !channel.IsType(kind) {
			t.Errorf("channel type %q", kind)
		}
		if i := a.interaction(now); i != nil && (!channel.IsSID(i.SID, "KD") || !channel.IsSID(i.ChannelSID, "UO")) {
			t.Errorf("interaction %+v", i)
		}
	})
}
