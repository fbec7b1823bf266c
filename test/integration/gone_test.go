package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// remove deletes the thread's channel behind flexsweep's back.
func (c *thread) remove() {
	c.t.Helper()
	if c.state() == gone {
		return // the sweep was first
	}
	c.call(http.MethodDelete, "https://chat.twilio.com/v2/Services/"+c.service+"/Channels/"+c.sid, nil)
}

func TestChannelIsGone(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for step := range way.calls {
			t.Run(fmt.Sprintf("%s/before request %d of %d", way.name, step+1, way.calls), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "somebody deletes the channel while a sweep works on it: that is as good as retired, and no error", way.settings)
				c := way.begin(w)
				c.task().work()
				w.pass(retention)
				w.swept.at(firstOfChannel+step, c.remove)
				report := w.sweep()
				want(t, "failed", report.Failed, 0)
				want(t, "done with", report.Retired+report.Gone, 1)
				c.mustBe(gone, "in the end")
				want(t, "status of the record", c.record().Status, channel.Retired)
				w.pass(retention)
				want(t, "due in later sweeps", w.sweep().Due, 0)
			})
		}
	}
}

func TestChannelIsGoneWhenItIsPutBack(t *testing.T) {
	t.Parallel()
	for step, what := range []string{"claim", "fetch", "update", "save"} {
		t.Run("before "+what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "there is nothing to put back, which an operator should know: a task is open on it", nil)
			c := w.chat()
			c.task().work()
			w.pass(retention)
			w.sweep()
			c.task()
			w.swept.calls()
			w.swept.at(firstOfChannel+step, c.remove)
			w.sweep()
			w.swept.before = nil
			w.sweep()
			w.pass(retention)
			report := w.sweep()
			want(t, "failed", report.Failed, 0)
			want(t, "due in later sweeps", report.Due, 0)
		})
	}
}

func TestInteractionIsGone(t *testing.T) {
	t.Parallel()
	for _, way := range ways[2:] {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Twilio forgets interaction channels after 180 days; the conversation is still to be retired", way.settings)
			c := way.begin(w)
			task := c.task()
			w.pass(181 * 24 * time.Hour)
			task.work()
			w.pass(retention)
			want(t, "retired", w.sweep().Retired, 1)
			c.mustBe(way.end, "after the sweep")
		})
	}
}

func TestConversationWasClosedBefore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name             string
		begin            func(*world) *thread
		retired, already int
	}{
		{"without an interaction", (*world).plainConversation, 0, 1},
		{"with an interaction, which is closed now", (*world).conversation, 1, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Flex closes most conversations itself: error 50377 says that there is nothing left to do", nil)
			c := row.begin(w)
			c.task().work()
			c.call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+c.service+"/Conversations/"+c.sid, form("State", "closed"))
			w.pass(retention)
			report := w.sweep()
			want(t, "failed", report.Failed, 0)
			want(t, "retired", report.Retired, row.retired)
			want(t, "already", report.Already, row.already)
			want(t, "status of the record", c.record().Status, channel.Retired)
		})
	}
}

func TestChatWasDeactivatedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "somebody else's janitor was first: only the record is settled", nil)
	c := w.chatWith(attributesRetired)
	c.task().work()
	w.pass(retention)
	w.fake.Journal().Reset()
	want(t, "already", w.sweep().Already, 1)
	for _, change := range w.changes() {
		if change == "POST chat/v2/Services/"+c.service+"/Channels/"+c.sid {
			t.Error("a channel that is already retired was written to")
		}
	}
	want(t, "status of the record", c.record().Status, channel.Retired)
}

func TestSeveralChatServices(t *testing.T) {
	t.Parallel()
	for _, chat := range []bool{true, false} {
		t.Run(fmt.Sprintf("chat %v", chat), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "the task does not say which service its channel is in: each is asked, and the answer is remembered", nil)
			c := &thread{world: w, sid: w.fake.NewChannel(w.services[1], attributesBefore), service: w.services[1], chat: chat, kind: "sms"}
			c.task().work()
			w.pass(retention)
			want(t, "retired", w.sweep().Retired, 1)
			c.mustBe(retired, "after the sweep")
			want(t, "service in the record", c.record().ServiceSID, w.services[1])
			if !chat {
				return
			}
			w.fake.Journal().Reset()
			c.task()
			want(t, "undone", w.sweep().Undone, 1)
			for _, e := range w.fake.Journal().Entries() {
				if e.Product == "chat" && e.Status == http.StatusNotFound {
					t.Errorf("%s was asked again, where the channel is not", e.Path)
				}
			}
		})
	}
}

func TestLedgerChangesWhileItIsWalked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pages move when documents come and go between them: a record may be skipped or seen twice, never worked on twice, and the next sweep finds the rest", nil)
	var threads []*thread
	for range 250 {
		c := w.chat()
		c.task().work()
		threads = append(threads, c)
	}
	w.pass(retention)
	w.swept.before = func(n int) error {
		if n != 3 && n != 4 { // between the pages of the ledger
			return nil
		}
		for _, c := range threads[n*10 : n*10+5] { // on the page that was read
			w.call(http.MethodDelete, "https://sync.twilio.com/v1/Services/"+w.ledger+"/Documents/"+prefix+c.sid, nil)
			c.remove()
		}
		for range 5 {
			w.chat().task().work()
		}
		return nil
	}
	first := w.sweep(`{"ignoreDueShare":true}`)
	w.swept.before = nil
	second := w.sweep(`{"ignoreDueShare":true}`)
	want(t, "failed", first.Failed+second.Failed, 0)
	want(t, "retired by the two together", first.Retired+second.Retired, 240)
	seen := map[string]bool{}
	for _, item := range first.Items {
		if seen[item.Channel] {
			t.Errorf("%s was worked on twice in a sweep", item.Channel)
		}
		seen[item.Channel] = true
	}
}

func TestRecordIsSeenTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "when documents come between two pages, the second may repeat the first; a channel is still worked on once", nil)
	for range 150 {
		w.chat().task().work()
	}
	w.pass(retention)
	first, twilio := "", w.swept.next
	w.swept.next = roundTripper(func(r *http.Request) (*http.Response, error) {
		list := r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/Documents")
		switch {
		case list && first == "":
			first = r.URL.RawQuery
		case list && r.URL.RawQuery != first && !strings.HasSuffix(first, "&seen"):
			r = r.Clone(r.Context()) // the first page once more; it leads to the second
			r.URL.RawQuery, first = first, first+"&seen"
		}
		return twilio.RoundTrip(r)
	})
	report := w.sweep(`{"ignoreDueShare":true}`)
	want(t, "walked", report.Walked, 250)
	want(t, "retired", report.Retired, 150)
	want(t, "conflicts", report.Conflicts, 0)
	want(t, "items", len(report.Items), 150)
}

func TestForeignDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "other things may live in the Sync service, and a newer flexsweep's records: they are reported, and left alone", nil)
	address := "https://sync.twilio.com/v1/Services/" + w.ledger + "/Documents"
	w.call(http.MethodPost, address, form("UniqueName", "somebody-elses", "Data", `{"version":1,"sid":"CH1"}`))
	w.call(http.MethodPost, address, form("UniqueName", prefix+"CH-newer", "Data", `{"version":99,"sid":"CH2","status":"tracking"}`))
	w.call(http.MethodPost, address, form("Data", `{"no":"name"}`))
	c := w.chat()
	c.task().work()
	w.pass(retention)
	report := w.sweep()
	want(t, "faulty", report.Faulty, 1)
	want(t, "walked", report.Walked, 1)
	want(t, "retired", report.Retired, 1)
}
