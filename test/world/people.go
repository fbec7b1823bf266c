package world

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Thread is one channel or conversation between a customer and the contact centre.
type Thread struct {
	*World
	SID         string
	Service     string
	Chat        bool   // a Programmable Chat channel; else a conversation
	Kind        string // the channel type: sms, web…
	Interaction string // KD…, if there is one
	Unit        string // UO…, the interaction's channel
}

// Attributes as an application might leave them: odd spacing, a number beyond float64,
// a nested object, and the two that a deactivation sets in the middle.
const (
	AttributesBefore  = `{ "from":"+15005550006", "ref": 12345678901234567890,"long_lived" : true, "status":"ACTIVE","pre":{"b":1.0,"a":["é",2e3]} }`
	AttributesRetired = `{ "from":"+15005550006", "ref": 12345678901234567890,"long_lived" : false, "status":"INACTIVE","pre":{"b":1.0,"a":["é",2e3]} }`
)

// NewChat makes a Programmable Chat channel with AttributesBefore.
func (w *World) NewChat() *Thread { return w.NewChatWith(AttributesBefore) }

// NewChatWith makes a Programmable Chat channel.
func (w *World) NewChatWith(attributes string) *Thread {
	return w.NewThread(w.Services[0], attributes, true)
}

// NewConversation makes a Flex conversation with its interaction.
func (w *World) NewConversation() *Thread {
	c := w.NewPlainConversation()
	c.Interaction, c.Unit = w.Fake.NewInteraction(c.SID, c.Kind)
	return c
}

// NewPlainConversation makes a conversation whose tasks name no interaction.
func (w *World) NewPlainConversation() *Thread {
	return w.NewThread(w.Services[0], AttributesBefore, false)
}

// NewThread makes a chat channel, or a conversation without an interaction, in a service.
func (w *World) NewThread(service, attributes string, chat bool) *Thread {
	return &Thread{World: w, SID: w.Fake.NewChannel(service, attributes), Service: service, Chat: chat, Kind: "sms"}
}

// Job is a TaskRouter task.
type Job struct {
	*World
	SID string
}

// NewTask makes a task on the thread that an agent takes at once.
func (c *Thread) NewTask() *Job {
	j := c.NewWaitingTask()
	j.Becomes("reserved", "assigned")
	return j
}

// NewWaitingTask makes a task that nobody has taken yet; its event is delivered before
// NewWaitingTask returns.
func (c *Thread) NewWaitingTask() *Job { return c.NewTaskWith(c.TaskAttributes()) }

// NewTaskWith makes a task with any attributes, on a channel or on none.
func (w *World) NewTaskWith(attributes string) *Job {
	w.Newest = &Job{w, w.Fake.NewTask(w.Workspace, attributes)}
	w.Fake.Flush()
	return w.Newest
}

// TaskAttributes are those of the thread's generation of Flex.
func (c *Thread) TaskAttributes() string {
	fields := map[string]string{"channelType": c.Kind, "name": "a customer"}
	if c.Chat {
		fields["channelSid"] = c.SID
	} else {
		fields["conversationSid"] = c.SID
	}
	if c.Interaction != "" {
		fields["flexInteractionSid"], fields["flexInteractionChannelSid"] = c.Interaction, c.Unit
	}
	text, err := json.Marshal(fields)
	if err != nil {
		c.T.Fatalf("encode attributes: %v", err)
	}
	return string(text)
}

// Becomes takes the task through statuses; each event is delivered before the next.
func (j *Job) Becomes(statuses ...string) {
	for _, status := range statuses {
		j.Fake.SetTask(j.SID, status)
		j.Fake.Flush()
	}
}

// Complete takes the task to the end that an agent gives it.
func (j *Job) Complete() { j.Becomes("wrapping", "completed") }

// Finish ends the task if it has not ended, as it has when its interaction was closed.
func (j *Job) Finish() {
	j.Fake.Flush() // what the closing may have caused
	if task, found := j.Fake.Task(j.SID); found && task.Status != "completed" && task.Status != "canceled" {
		j.Complete()
	}
}

// CustomerWrites is a message, and Flex makes a task for it. A closed channel takes no
// message; the task stands for one that an agent opens on it.
func (c *Thread) CustomerWrites() *Job {
	if c.State() == Usable || c.Chat && c.State() == Retired {
		c.Fake.Say(c.SID, "customer", "Are you still there?")
	}
	return c.NewTask()
}

// SetAttributes is what an application does through the API.
func (c *Thread) SetAttributes(attributes string) {
	c.T.Helper()
	c.Call(http.MethodPost, c.URL(), Form("Attributes", attributes))
}

// Remove deletes the channel through the API, unless it is gone already.
func (c *Thread) Remove() {
	c.T.Helper()
	if c.State() != Gone {
		c.Call(http.MethodDelete, c.URL(), nil)
	}
}

// URL is the thread's address in Twilio's API.
func (c *Thread) URL() string {
	if c.Chat {
		return "https://chat.twilio.com/v2/Services/" + c.Service + "/Channels/" + c.SID
	}
	return "https://conversations.twilio.com/v1/Services/" + c.Service + "/Conversations/" + c.SID
}

// Call makes a request of Twilio as an application would, which must succeed.
func (w *World) Call(method, address string, form url.Values) {
	w.T.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		w.T.Fatalf("call Twilio: %v", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials := w.Fake.Credentials()
	r.SetBasicAuth(credentials.APIKey, credentials.APISecret)
	res, err := w.Fake.Transport().RoundTrip(r)
	if err != nil {
		w.T.Fatalf("%s %s: %v", method, address, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		w.T.Fatalf("%s %s: HTTP %d", method, address, res.StatusCode)
	}
}

// Form makes a form of names and values.
func Form(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}
