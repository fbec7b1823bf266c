package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// What went wrong in the samples and scripts that others use for this job. Each test
// tells one of those faults and shows that it cannot happen here.

func TestPeersHandledOnlyTheFirstEventOfABatch(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, "the rest of every batch was lost", nil, faketwilio.Options{Seed: 1, BatchSize: 500})
	for range 60 {
		w.fake.NewTask(w.workspace, w.chat().taskAttributes())
	}
	w.fake.Flush()
	want(t, "deliveries", len(w.fake.Deliveries()), 1)
	want(t, "records", len(w.records()), 60)
}

func TestPeersStoredVoiceTasksAsChannelUndefined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a document named after no channel made every sweep throw", nil)
	w.taskWith(`{"direction":"inbound"}`).work()
	c := w.chat()
	c.task().work()
	w.pass(retention)
	want(t, "documents of records", len(w.records()), 1)
	want(t, "retired", w.sweep().Retired, 1)
}

func TestPeersListedTheWholeLedgerForOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "each event read every document of the service", nil)
	for range 120 {
		w.chat().waiting()
	}
	lists := w.fake.Journal().CallsByRoute()["GET sync.twilio.com/v1/Services/{ServiceSid}/Documents"]
	want(t, "lists of documents by the webhook", lists, 0)
}

func TestPeersLetTheLastArrivalWin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a created event that was overtaken made an ended task open for ever", nil)
	c := w.chat()
	late := c.capture() // created, which arrives at last
	task := w.newest
	task.becomes("reserved", "assigned", "wrapping", "completed")
	want(t, "HTTP status", w.post(late), http.StatusOK)
	want(t, "phase", c.record().Tasks[task.sid].Phase, channel.Ended)
	w.pass(retention)
	want(t, "retired", w.sweep().Retired, 1)
}

func TestPeersAnswered200WhenNothingWasStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Twilio never sent the event again", nil)
	w.fake.Faults().Add(faketwilio.Fault{Product: "sync", Status: http.StatusInternalServerError})
	w.chat().waiting()
	want(t, "HTTP status", w.fake.Deliveries()[0].Attempts[0].Status, http.StatusServiceUnavailable)
}

func TestPeersLetAnyWebsiteCallThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "public, without a signature, and open to every origin", nil)
	var header http.Header
	w.deliver = func(r *http.Request) (*http.Response, error) {
		res, err := w.toWebhook(r)
		header = res.Header
		return res, err
	}
	w.chat().waiting()
	want(t, "Access-Control-Allow-Origin", header.Get("Access-Control-Allow-Origin"), "")
}

func TestPeersWroteOneChannelsAttributesIntoAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "customer data of one channel ended up in another customer's, which was still open: the worst of them", nil)
	var threads []*thread
	text := func(i int, status, longLived string) string {
		return fmt.Sprintf(`{"customer":%d,"status":"%s","long_lived":%s}`, i, status, longLived)
	}
	for i := range 30 {
		c := w.chatWith(text(i, "ACTIVE", "true"))
		threads = append(threads, c)
		if task := c.task(); i%2 == 0 {
			task.work()
		}
	}
	w.pass(retention)
	want(t, "retired", w.sweep().Retired, 15)
	for i, c := range threads {
		if i%2 == 0 {
			c.mustHave(text(i, "INACTIVE", "false"), "of a due channel")
		} else {
			c.mustHave(text(i, "ACTIVE", "true"), "of an open channel")
		}
	}
}

func TestPeersStoppedAtTheFirstError(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		spoil func(*thread)
	}{
		{"a deleted channel", (*thread).remove},
		{"attributes that are no object", func(c *thread) { c.setAttributes(`"text"`) }},
		{"a channel that answers 403", func(c *thread) {
			c.fake.Faults().Add(faketwilio.Fault{Product: "chat", Path: c.sid, Status: http.StatusForbidden, Code: 50400})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "one bad channel poisoned every later sweep", nil)
			threads := w.overdue(5)
			row.spoil(threads[0])
			w.sweep()
			for _, c := range threads[1:] {
				c.mustBe(retired, "beside a bad one")
			}
			other := w.overdue(1)[0]
			w.sweep()
			other.mustBe(retired, "in the next sweep")
		})
	}
}

func TestPeersRetiredAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the retention that was promised was never written", nil)
	c := w.chat()
	c.task().work()
	want(t, "due", w.sweep().Due, 0)
	c.mustBe(usable, "right after the end of its task")
}

func TestPeersSawOnlyTheFirstPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a script stopped after 100 channels and called it done", nil)
	for range 230 {
		w.chat().task().work()
	}
	w.pass(retention)
	want(t, "retired", w.sweep(`{"ignoreDueShare":true}`).Retired, 230)
}

func TestPeersTookAChannelWithoutATaskForAnOrphan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a channel whose task is not created yet was closed under the customer's hands", nil)
	c := w.conversation()
	w.fake.Say(c.sid, "customer", "Hello?")
	w.pass(10 * retention)
	w.sweep()
	c.mustBe(usable, "without a task")
}

func TestPeersKeptPersonalDataAndOutgrewTheirDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "whole payloads in the ledger: personal data for ever, and error 54006 beyond 16 KiB", nil)
	c := w.chat()
	canary := "canary-" + strings.Repeat("x", 20<<10)
	attributes := strings.Replace(c.taskAttributes(), "a customer", canary, 1)
	for range 30 {
		task := w.taskWith(attributes)
		task.becomes("reserved", "assigned", "wrapping", "completed")
	}
	w.pass(retention)
	want(t, "retired", w.sweep().Retired, 1)
	for _, d := range w.fake.Documents(w.ledger) {
		want(t, "size of "+d.UniqueName+" is small", len(d.Data) < 8<<10, true)
		want(t, "personal data in "+d.UniqueName, strings.Contains(string(d.Data), "canary"), false)
	}
	for _, secret := range []string{"canary", "+15005550006", w.settings["TWILIO_AUTH_TOKEN"], w.settings["TWILIO_API_SECRET"]} {
		want(t, "something in the log that must not be", strings.Contains(w.logs.text.String(), secret), false)
	}
}

func TestPeersLeftAgentsInWrapUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "closing the interaction channel without its routing leaves tasks in wrapping; and Twilio forbids the Task API for this", nil)
	c := w.conversation()
	c.task().work()
	w.pass(retention)
	w.fake.Journal().Reset()
	want(t, "retired", w.sweep().Retired, 1)
	closed := 0
	for _, e := range w.fake.Journal().Entries() {
		if e.Product == "flex-api" {
			closed++
			want(t, "Status", e.Form.Get("Status"), "closed")
			want(t, "Routing", e.Form.Get("Routing"), `{"status":"closed"}`)
		}
		want(t, "the Task API is used", e.Product == "taskrouter", false)
	}
	want(t, "interaction channels closed", closed, 1)
	found, _ := w.fake.InteractionChannel(c.interaction, c.unit)
	want(t, "status of the interaction channel", found.Status, "closed")
	c.mustHave(attributesBefore, "a conversation's attributes are not touched")
}

func TestPeersClosedParkedConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a parked conversation is to be kept until its own retention is over, whatever its state", settings{"RETENTION_BY_CHANNEL_TYPE": "sms=720h"})
	c := w.conversation()
	c.task().work()
	c.call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+c.service+"/Conversations/"+c.sid, form("State", "inactive"))
	w.pass(720*time.Hour - time.Second)
	want(t, "kept", w.sweep().Skipped[channel.ReasonRetention], 1)
	c.mustBe(usable, "while parked")
	w.pass(time.Second)
	want(t, "retired", w.sweep().Retired, 1)
}
