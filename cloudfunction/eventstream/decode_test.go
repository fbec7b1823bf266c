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
	ac1, ac2 = "AC00000000000000000000000000000001", "AC00000000000000000000000000000002"
	ws1, ws2 = "WS00000000000000000000000000000001", "WS00000000000000000000000000000002"
)

var (
	now    = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	before = now.Add(-time.Hour)
)

// shape is a TaskRouter event as the docs show it, with the parts that vary.
func shape(kind, attributes string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":%q,"source":"AB1","id":"EZ1",
 "dataschema":"https://events-schemas.twilio.com/TaskRouter.WDSEvent/4","datacontenttype":"application/json",
 "data":{"sid":"EV1","name":"ReservationCreated","account_sid":%q,"timestamp":"2026-03-01T11:00:00.000Z","level":"INFO",
  "payload":{"sid":"EV1","eventtype":"reservation.created","timestamp":"2026-03-01T11:00:00.000Z","account_sid":%q,"workspace_sid":%q,"task_sid":%q,
   %s"task_age":"31088","task_priority":"1","task_version":3,"reason":null}}}`, kind, ac1, ac1, ws1, wt1, attributes)
}

func quoted(attributes string) string {
	text, _ := json.Marshal(attributes)
	return `"task_attributes":` + string(text) + `,`
}

func TestDecodeEvent(t *testing.T) {
	t.Parallel()
	const chat = `{"channelSid":"` + ch1 + `"}`
	task := func(kind string) channel.Event {
		e := channel.Event{ID: "EZ1", TaskSID: wt1, Workspace: ws1, Phase: phases[kind], Time: before}
		if e.Phase == channel.Ended {
			e.Outcome = kind
		}
		return e
	}
	as := func(kind string) decoded {
		e := task(kind)
		e.ChannelSID, e.Backend, e.Created = ch1, channel.Chat, kind == "created"
		return decoded{task: task(kind), events: []channel.Event{e}, id: "EZ1", kind: taskPrefix + kind}
	}
	ignored := func(kind string) decoded { return decoded{verdict: ignore, id: "EZ1", kind: kind} }
	without := func(kind string) decoded { // an event of a task that names no channel
		return decoded{verdict: ignore, task: task(kind), id: "EZ1", kind: taskPrefix + kind}
	}
	poison := func(reason string) decoded {
		return decoded{verdict: quarantine, id: "EZ1", kind: taskPrefix + "created", reason: reason}
	}
	poisoned := func(reason string) decoded {
		d := poison(reason)
		d.task = task("created")
		return d
	}
	onBoth := func(kind string) decoded {
		d := decoded{task: task(kind), id: "EZ1", kind: taskPrefix + kind, disputed: true}
		for _, p := range []place{{ch2, channel.Conversations}, {ch1, channel.Chat}} {
			e := task(kind)
			e.ChannelSID, e.Backend = p.sid, p.backend
			d.events = append(d.events, e)
		}
		return d
	}
	disputed, disputedEnd := onBoth("created"), onBoth("canceled")
	for name, row := range map[string]struct {
		reason string
		event  string
		want   decoded
	}{
		"created":                 {"a new task opens", shape(taskPrefix+"created", quoted(chat)), as("created")},
		"wrapup":                  {"the conversation is over, the task is not", shape(taskPrefix+"wrapup", quoted(chat)), as("wrapup")},
		"completed":               {"the ordinary end", shape(taskPrefix+"completed", quoted(chat)), as("completed")},
		"canceled":                {"a task that nobody accepts never completes", shape(taskPrefix+"canceled", quoted(chat)), as("canceled")},
		"deleted":                 {"deleted through the API", shape(taskPrefix+"deleted", quoted(chat)), as("deleted")},
		"system-deleted":          {"cleaned up by TaskRouter", shape(taskPrefix+"system-deleted", quoted(chat)), as("system-deleted")},
		"attributes as an object": {"another schema version may spare the second encoding", shape(taskPrefix+"created", `"task_attributes":`+chat+`,`), as("created")},

		"updated":              {"it says nothing of the phase", shape(taskPrefix+"updated", quoted(chat)), ignored(taskPrefix + "updated")},
		"transfer":             {"the transfer's own task has its own events", shape(taskPrefix+"transfer-completed", quoted(chat)), ignored(taskPrefix + "transfer-completed")},
		"a reservation":        {"its end is not the task's", shape("com.twilio.taskrouter.reservation.completed", quoted(chat)), ignored("com.twilio.taskrouter.reservation.completed")},
		"a bare phase":         {"only the full name counts", shape("created", quoted(chat)), ignored("created")},
		"a type of tomorrow":   {"unknown is not wrong", shape("com.twilio.new.thing", quoted(chat)), ignored("com.twilio.new.thing")},
		"voice":                {"a voice task is on no channel", shape(taskPrefix+"created", quoted(`{"call_sid":"CA1"}`)), without("created")},
		"no attributes":        {"a task need not have any", shape(taskPrefix+"created", ``), without("created")},
		"null attributes":      {"null is none", shape(taskPrefix+"created", `"task_attributes":null,`), without("created")},
		"empty attributes":     {"an empty text is none", shape(taskPrefix+"created", `"task_attributes":"",`), without("created")},
		"blank attributes":     {"white space is none", shape(taskPrefix+"created", `"task_attributes":" \n",`), without("created")},
		"attributes null text": {"the text null is none", shape(taskPrefix+"created", `"task_attributes":"null",`), without("created")},
		"an empty object":      {"nothing is on no channel", shape(taskPrefix+"created", `"task_attributes":"{}",`), without("created")},
		"a null payload":       {"nothing is on no channel", `{"id":"EZ1","type":"` + taskPrefix + `created","data":{"payload":null}}`, ignored(taskPrefix + "created")},

		"attributes not JSON":   {"the channel may be in there, unreadable", shape(taskPrefix+"created", quoted(`{channelSid}`)), poisoned("its task_attributes are not a JSON object")},
		"attributes an array":   {"not an object", shape(taskPrefix+"created", quoted(`[]`)), poisoned("its task_attributes are not a JSON object")},
		"attributes a number":   {"not an object", shape(taskPrefix+"created", `"task_attributes":5,`), poisoned("its task_attributes are not a JSON object")},
		"a channel of no shape": {"something is meant, but what?", shape(taskPrefix+"created", quoted(`{"channelSid":"general"}`)), poisoned("the channel SID in its task_attributes is malformed")},
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

		"another account":      {"whatever it says is not ours", strings.ReplaceAll(shape(taskPrefix+"created", quoted(chat)), ac1, ac2), decoded{verdict: foreign, id: "EZ1", kind: taskPrefix + "created", origin: ac2}},
		"of two generations":   {"what names two channels is evidence for neither", shape(taskPrefix+"created", quoted(`{"conversationSid":"`+ch2+`","channelSid":"`+ch1+`"}`)), disputed},
		"an end, two channels": {"it ends on both", shape(taskPrefix+"canceled", quoted(`{"conversationSid":"`+ch2+`","channelSid":"`+ch1+`"}`)), disputedEnd},

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
			got := decode([]byte(row.event), scope{account: ac1}, now)
			if got.task.TaskSID == "" {
				got.task = channel.Event{} // it says nothing then
			}
			if d := cmp.Diff(row.want, got, cmp.AllowUnexported(decoded{})); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
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
		"before 2020":           {"a time that was never set is a mistake, and would be due at once", []string{`"1970-01-01T00:00:00Z"`, `0`, `1577836799`, `"2026-03-01T11:00:00Z"`}, before},
		"since 2020":            {"it may be true", []string{`"2020-01-01T00:00:01Z"`, `"2026-03-01T11:00:00Z"`}, time.Date(2020, time.January, 1, 0, 0, 1, 0, time.UTC)},
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
