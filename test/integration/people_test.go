package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// thread is one channel or conversation between a customer and the contact centre.
type thread struct {
	*world
	sid         string
	service     string
	chat        bool
	kind        string // the channel type: sms, web…
	interaction string // KD…, if there is one
	unit        string // UO…, the interaction's channel
}

// Attributes as an application might leave them: odd spacing, a number beyond float64,
// a nested object, and the two that a deactivation sets in the middle.
const (
	attributesBefore  = `{ "from":"+15005550006", "ref": 12345678901234567890,"long_lived" : true, "status":"ACTIVE","pre":{"b":1.0,"a":["é",2e3]} }`
	attributesRetired = `{ "from":"+15005550006", "ref": 12345678901234567890,"long_lived" : false, "status":"INACTIVE","pre":{"b":1.0,"a":["é",2e3]} }`
)

// chat makes a Programmable Chat channel.
func (w *world) chat() *thread { return w.chatWith(attributesBefore) }

func (w *world) chatWith(attributes string) *thread {
	sid := w.fake.NewChannel(w.services[0], attributes)
	return &thread{world: w, sid: sid, service: w.services[0], chat: true, kind: "sms"}
}

// conversation makes a Flex conversation with its interaction.
func (w *world) conversation() *thread {
	c := w.plainConversation()
	c.interaction, c.unit = w.fake.NewInteraction(c.sid, "sms")
	return c
}

// plainConversation makes a conversation whose tasks name no interaction.
func (w *world) plainConversation() *thread {
	sid := w.fake.NewConversation(w.services[0], attributesBefore)
	return &thread{world: w, sid: sid, service: w.services[0], kind: "sms"}
}

// job is a TaskRouter task on a thread.
type job struct {
	*world
	sid string
}

// task creates a task on the thread that an agent takes at once.
func (c *thread) task() *job {
	j := c.waiting()
	j.becomes("reserved", "assigned")
	return j
}

// waiting creates a task that nobody has taken yet; its event is delivered before
// waiting returns.
func (c *thread) waiting() *job { return c.taskWith(c.taskAttributes()) }

func (w *world) taskWith(attributes string) *job {
	w.newest = &job{w, w.fake.NewTask(w.workspace, attributes)}
	w.fake.Flush()
	return w.newest
}

// taskAttributes are those of the thread's generation of Flex.
func (c *thread) taskAttributes() string {
	fields := map[string]string{"channelType": c.kind, "name": "a customer"}
	if c.chat {
		fields["channelSid"] = c.sid
	} else {
		fields["conversationSid"] = c.sid
	}
	if c.interaction != "" {
		fields["flexInteractionSid"], fields["flexInteractionChannelSid"] = c.interaction, c.unit
	}
	text, err := json.Marshal(fields)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// becomes takes the task through statuses; each event is delivered before the next.
func (j *job) becomes(statuses ...string) {
	for _, status := range statuses {
		j.fake.SetTask(j.sid, status)
		j.fake.Flush()
	}
}

// work takes the task to the end that an agent gives it.
func (j *job) work() { j.becomes("wrapping", "completed") }

// finish ends the task if it has not ended, as it has when its interaction was closed.
func (j *job) finish() {
	j.fake.Flush() // what the closing may have caused
	if task, found := j.fake.Task(j.sid); found && task.Status != "completed" && task.Status != "canceled" {
		j.work()
	}
}

// writes is what a customer does: a message, and Flex makes a task for it. A closed
// channel takes no message; the task stands for one that an agent opens on it.
func (c *thread) writes() *job {
	if c.state() == usable || c.chat && c.state() == retired {
		c.fake.Say(c.sid, "customer", "Are you still there?")
	}
	return c.task()
}

// record returns the thread's record in the ledger.
func (c *thread) record() channel.Record {
	c.t.Helper()
	r, found := c.records()[c.sid]
	if !found {
		c.t.Fatalf("the ledger has no record of %s", c.sid)
	}
	return r
}

// state of a thread, as Twilio has it.
type state string

const (
	usable  state = "usable"
	retired state = "retired"
	gone    state = "gone"
)

func (c *thread) state() state {
	if c.chat {
		return c.chatState()
	}
	found, ok := c.fake.Conversation(c.sid)
	switch {
	case !ok:
		return gone
	case found.State == "closed":
		return retired
	}
	return usable
}

func (c *thread) chatState() state {
	found, ok := c.fake.Channel(c.sid)
	if !ok {
		return gone
	}
	var two struct {
		LongLived bool   `json:"long_lived"`
		Status    string `json:"status"`
	}
	if err := json.Unmarshal([]byte(found.Attributes), &two); err != nil {
		c.t.Fatalf("attributes of %s: %v", c.sid, err)
	}
	if !two.LongLived && two.Status == "INACTIVE" {
		return retired
	}
	return usable
}

func (c *thread) attributes() string {
	found, _ := c.fake.Channel(c.sid)
	return found.Attributes
}

// setAttributes is what an application does through the API.
func (c *thread) setAttributes(attributes string) {
	c.t.Helper()
	address := "https://chat.twilio.com/v2/Services/" + c.service + "/Channels/" + c.sid
	c.call(http.MethodPost, address, form("Attributes", attributes))
}

// call makes a request of Twilio as an application would, which must succeed.
func (w *world) call(method, address string, form url.Values) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(w.settings["TWILIO_API_KEY"], w.settings["TWILIO_API_SECRET"])
	res, err := w.fake.Transport().RoundTrip(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		w.t.Fatalf("%s %s: HTTP %d", method, address, res.StatusCode)
	}
}

// form makes a form of names and values.
func form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

// mustBe fails the test if Twilio does not have the thread in that state.
func (c *thread) mustBe(want state, when string) {
	c.t.Helper()
	if got := c.state(); got != want {
		c.t.Fatalf("%s: the channel is %s, want %s", when, got, want)
	}
}

// mustHave fails the test if the chat channel's attributes differ in any byte.
func (c *thread) mustHave(attributes, when string) {
	c.t.Helper()
	if got := c.attributes(); got != attributes {
		c.t.Fatalf("%s: attributes are\n%s\nwant\n%s", when, got, attributes)
	}
}

// want compares two comparable values.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}

// retryWindow is how long Event Streams repeats a delivery.
const retryWindow = 4 * time.Hour

// way is one way to retire: a backend and a disposition.
type way struct {
	name     string
	settings settings
	begin    func(*world) *thread
	end      state // of the channel
	final    bool  // cannot be undone
	// calls are the requests to Twilio for one retired channel, without the two of the
	// run itself: claim, what the retirement takes, settle.
	calls  int
	reason string
}

var ways = []way{
	{
		name: "chat, deactivated", begin: (*world).chat, end: retired, calls: 4,
		reason: "claim, fetch, update, settle: the default for Programmable Chat",
	},
	{
		name: "chat, deleted", settings: settings{"CHAT_DISPOSITION": "delete"}, begin: (*world).chat, end: gone, final: true, calls: 4,
		reason: "claim, newest message, delete, settle: who must not keep histories",
	},
	{
		name: "conversation, closed with its interaction", begin: (*world).conversation, end: retired, final: true, calls: 5,
		reason: "claim, newest message, close interaction channel, close conversation, settle: the default for Flex Conversations",
	},
	{
		name: "conversation, closed without an interaction", begin: (*world).plainConversation, end: retired, final: true, calls: 4,
		reason: "agent-initiated tasks do not name their interaction",
	},
	{
		name: "conversation, deleted", settings: settings{"CONVERSATIONS_DISPOSITION": "delete"}, begin: (*world).conversation, end: gone, final: true, calls: 5,
		reason: "claim, newest message, close interaction channel, delete, settle",
	},
}
