package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// What went wrong in the samples and scripts that others use for this job. Each test
// tells one of those faults and shows that it cannot happen here.

func TestPeersHandledOnlyTheFirstEventOfABatch(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, "the rest of every batch was lost", nil, faketwilio.Options{Seed: 1, BatchSize: 500})
	for range 60 {
		w.Fake.NewTask(w.Workspace, w.NewChat().TaskAttributes())
	}
	w.Fake.Flush()
	want(t, "deliveries", len(w.Fake.Deliveries()), 1)
	want(t, "records", len(w.Records()), 60)
}

func TestPeersStoredVoiceTasksAsChannelUndefined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a document named after no channel made every sweep throw", nil)
	w.NewTaskWith(`{"direction":"inbound"}`).Complete()
	c := w.NewChat()
	c.NewTask().Complete()
	w.Pass(retention)
	want(t, "documents of records", len(w.Records()), 1)
	want(t, "retired", w.Sweep().Retired, 1)
}

func TestPeersListedTheWholeLedgerForOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "each event read every document of the service", nil)
	for range 120 {
		w.NewChat().NewWaitingTask()
	}
	lists := w.Fake.Journal().CallsByRoute()["GET sync.twilio.com/v1/Services/{ServiceSid}/Documents"]
	want(t, "lists of documents by the webhook", lists, 0)
}

func TestPeersLetTheLastArrivalWin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a created event that was overtaken made an ended task open for ever", nil)
	c := w.NewChat()
	late := capture(c) // created, which arrives at last
	task := w.Newest
	task.Becomes("reserved", "assigned", "wrapping", "completed")
	want(t, "HTTP status", post(w, late), http.StatusOK)
	want(t, "phase", c.Record().Tasks[task.SID].Phase, channel.Ended)
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 1)
}

func TestPeersAnswered200WhenNothingWasStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Twilio never sent the event again", nil)
	w.Fake.Faults().Add(faketwilio.Fault{Product: "sync", Status: http.StatusInternalServerError})
	w.NewChat().NewWaitingTask()
	want(t, "HTTP status", w.Fake.Deliveries()[0].Attempts[0].Status, http.StatusServiceUnavailable)
}

func TestPeersLetAnyWebsiteCallThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "public, without a signature, and open to every origin", nil)
	var header http.Header
	w.Deliver = func(r *http.Request) (*http.Response, error) {
		res, err := w.ToWebhook(r)
		header = res.Header
		return res, err
	}
	w.NewChat().NewWaitingTask()
	want(t, "Access-Control-Allow-Origin", header.Get("Access-Control-Allow-Origin"), "")
}

func TestPeersWroteOneChannelsAttributesIntoAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "customer data of one channel ended up in another customer's, which was still open: the worst of them", nil)
	var threads []*world.Thread
	text := func(i int, status, longLived string) string {
		return fmt.Sprintf(`{"customer":%d,"status":"%s","long_lived":%s}`, i, status, longLived)
	}
	for i := range 30 {
		c := w.NewChatWith(text(i, "ACTIVE", "true"))
		threads = append(threads, c)
		if task := c.NewTask(); i%2 == 0 {
			task.Complete()
		}
	}
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 15)
	for i, c := range threads {
		if i%2 == 0 {
			c.MustHave(text(i, "INACTIVE", "false"), "of a due channel")
		} else {
			c.MustHave(text(i, "ACTIVE", "true"), "of an open channel")
		}
	}
}

func TestPeersStoppedAtTheFirstError(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		spoil func(*world.Thread)
	}{
		{"a deleted channel", (*world.Thread).Remove},
		{"attributes that are no object", func(c *world.Thread) { c.SetAttributes(`"text"`) }},
		{"a channel that answers 403", func(c *world.Thread) {
			c.Fake.Faults().Add(faketwilio.Fault{Product: "chat", Path: c.SID, Status: http.StatusForbidden, Code: 50400})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "one bad channel poisoned every later sweep", nil)
			threads := overdue(w, 5)
			row.spoil(threads[0])
			w.Sweep()
			for _, c := range threads[1:] {
				c.MustBe(retired, "beside a bad one")
			}
			other := overdue(w, 1)[0]
			w.Sweep()
			other.MustBe(retired, "in the next sweep")
		})
	}
}

func TestPeersRetiredAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the retention that was promised was never written", nil)
	c := w.NewChat()
	c.NewTask().Complete()
	want(t, "due", w.Sweep().Due, 0)
	c.MustBe(usable, "right after the end of its task")
}

func TestPeersSawOnlyTheFirstPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a script stopped after 100 channels and called it done", nil)
	for range 230 {
		w.NewChat().NewTask().Complete()
	}
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 230)
}

func TestPeersTookAChannelWithoutATaskForAnOrphan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a channel whose task is not created yet was closed under the customer's hands", nil)
	c := w.NewConversation()
	w.Fake.Say(c.SID, "customer", "Hello?")
	w.Pass(10 * retention)
	w.Sweep()
	c.MustBe(usable, "without a task")
}

func TestPeersKeptPersonalDataAndOutgrewTheirDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "whole payloads in the ledger: personal data for ever, and error 54006 beyond 16 KiB", nil)
	c := w.NewChat()
	canary := "canary-" + strings.Repeat("x", 20<<10)
	attributes := strings.Replace(c.TaskAttributes(), "a customer", canary, 1)
	for range 30 {
		task := w.NewTaskWith(attributes)
		task.Becomes("reserved", "assigned", "wrapping", "completed")
	}
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 1)
	for _, d := range w.Fake.Documents(w.Ledger) {
		want(t, "size of "+d.UniqueName+" is small", len(d.Data) < 8<<10, true)
		want(t, "personal data in "+d.UniqueName, strings.Contains(string(d.Data), "canary"), false)
	}
	for _, secret := range []string{"canary", "+15005550006", w.Settings["TWILIO_AUTH_TOKEN"], w.Settings["TWILIO_API_SECRET"]} {
		want(t, "something in the log that must not be", strings.Contains(w.Logs.String(), secret), false)
	}
}

func TestPeersLeftAgentsInWrapUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "closing the interaction channel without its routing leaves tasks in wrapping; and Twilio forbids the Task API for this", nil)
	c := w.NewConversation()
	c.NewTask().Complete()
	w.Pass(retention)
	w.Fake.Journal().Reset()
	want(t, "retired", w.Sweep().Retired, 1)
	closed := 0
	for _, e := range w.Fake.Journal().Entries() {
		if e.Product == "flex-api" && e.Method == http.MethodPost {
			closed++
			want(t, "Status", e.Form.Get("Status"), "closed")
			want(t, "Routing", e.Form.Get("Routing"), `{"status":"closed"}`)
		}
		want(t, "the Task API changes something", e.Product == "taskrouter" && e.Method != http.MethodGet, false)
	}
	want(t, "interaction channels closed", closed, 1)
	found, _ := w.Fake.InteractionChannel(c.Interaction, c.Unit)
	want(t, "status of the interaction channel", found.Status, "closed")
	c.MustHave(world.AttributesBefore, "a conversation's attributes are not touched")
}

func TestPeersClosedParkedConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a parked conversation is to be kept until its own retention is over, whatever its state",
		world.Settings{"RETENTION_BY_CHANNEL_TYPE": "sms=720h"})
	c := w.NewConversation()
	c.NewTask().Complete()
	c.Call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+c.Service+"/Conversations/"+c.SID, world.Form("State", "inactive"))
	w.Pass(720*time.Hour - time.Second)
	want(t, "kept", w.Sweep().Skipped[channel.ReasonRetention], 1)
	c.MustBe(usable, "while parked")
	w.Pass(time.Second)
	want(t, "retired", w.Sweep().Retired, 1)
}
