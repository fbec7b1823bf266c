package integration

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/world"
)

func TestChannelIsGone(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for step := range way.requests() {
			t.Run(fmt.Sprintf("%s/before request %d of %d", way.name, step+1, way.requests()), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "somebody deletes the channel while a sweep works on it: that is as good as retired, and no error", way.settings)
				c := way.begin(w)
				c.NewTask().Complete()
				w.Pass(retention)
				w.SweepWire.At(firstOfChannel+step, c.Remove)
				report := w.Sweep()
				want(t, "failed", report.Failed, 0)
				want(t, "done with", report.Retired+report.Gone, 1)
				c.MustBe(gone, "in the end")
				want(t, "status of the record", c.Record().Status, channel.Retired)
				w.Pass(retention)
				want(t, "due in later sweeps", w.Sweep().Due, 0)
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
			c := w.NewChat()
			c.NewTask().Complete()
			w.Pass(retention)
			w.Sweep()
			c.NewTask()
			w.SweepWire.Calls()
			w.SweepWire.At(firstOfChannel+step, c.Remove)
			w.Sweep()
			w.SweepWire.Before = nil
			w.Sweep()
			w.Pass(retention)
			report := w.Sweep()
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
			task := c.NewTask()
			w.Pass(181 * 24 * time.Hour)
			task.Complete()
			w.Pass(retention)
			want(t, "retired", w.Sweep().Retired, 1)
			c.MustBe(way.end, "after the sweep")
		})
	}
}

func TestConversationWasClosedBefore(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name             string
		begin            func(*world.World) *world.Thread
		retired, already int
	}{
		{"without an interaction", (*world.World).NewPlainConversation, 0, 1},
		{"with an interaction, which is closed now", (*world.World).NewConversation, 1, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Flex closes most conversations itself: error 50377 says that there is nothing left to do", nil)
			c := row.begin(w)
			c.NewTask().Complete()
			c.Call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+c.Service+"/Conversations/"+c.SID, world.Form("State", "closed"))
			w.Pass(retention)
			report := w.Sweep()
			want(t, "failed", report.Failed, 0)
			want(t, "retired", report.Retired, row.retired)
			want(t, "already", report.Already, row.already)
			want(t, "status of the record", c.Record().Status, channel.Retired)
		})
	}
}

func TestChatWasDeactivatedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "somebody else's janitor was first: only the record is settled", nil)
	c := w.NewChatWith(world.AttributesRetired)
	c.NewTask().Complete()
	w.Pass(retention)
	w.Fake.Journal().Reset()
	want(t, "already", w.Sweep().Already, 1)
	for _, change := range w.Changes() {
		if change == "POST chat/v2/Services/"+c.Service+"/Channels/"+c.SID {
			t.Error("a channel that is already retired was written to")
		}
	}
	want(t, "status of the record", c.Record().Status, channel.Retired)
}

func TestSeveralChatServices(t *testing.T) {
	t.Parallel()
	for _, chat := range []bool{true, false} {
		t.Run(fmt.Sprintf("chat %v", chat), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "the task does not say which service its channel is in: each is asked, and the answer is remembered", nil)
			c := w.NewThread(w.Services[1], world.AttributesBefore, chat)
			c.NewTask().Complete()
			w.Pass(retention)
			want(t, "retired", w.Sweep().Retired, 1)
			c.MustBe(retired, "after the sweep")
			want(t, "service in the record", c.Record().ServiceSID, w.Services[1])
			if !chat {
				return
			}
			w.Fake.Journal().Reset()
			c.NewTask()
			want(t, "restored", w.Sweep().Restored, 1)
			for _, e := range w.Fake.Journal().Entries() {
				if e.Product == "chat" && e.Status == http.StatusNotFound {
					t.Errorf("%s was asked again, where the channel is not", e.Path)
				}
			}
		})
	}
}

func TestLedgerChangesWhileItIsWalked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "pages move when documents come and go between them: "+
		"a record may be skipped or seen twice, never worked on twice, and the next sweep finds the rest", nil)
	var threads []*world.Thread
	for range 250 {
		c := w.NewChat()
		c.NewTask().Complete()
		threads = append(threads, c)
	}
	w.Pass(retention)
	w.SweepWire.Before = func(n int) error {
		if n != 3 && n != 4 { // between the pages of the ledger
			return nil
		}
		for _, c := range threads[n*10 : n*10+5] { // on the page that was read
			w.Call(http.MethodDelete, "https://sync.twilio.com/v1/Services/"+w.Ledger+"/Documents/"+world.Prefix+c.SID, nil)
			c.Remove()
		}
		for range 5 {
			w.NewChat().NewTask().Complete()
		}
		return nil
	}
	first := w.Sweep()
	w.SweepWire.Before = nil
	second := w.Sweep()
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
		w.NewChat().NewTask().Complete()
	}
	w.Pass(retention)
	first, twilio := "", w.SweepWire.Next
	w.SweepWire.Next = world.RoundTripper(func(r *http.Request) (*http.Response, error) {
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
	report := w.Sweep()
	want(t, "walked, each once", report.Walked, 150)
	want(t, "retired", report.Retired, 150)
	want(t, "conflicts", report.Conflicts, 0)
	want(t, "items", len(report.Items), 150)
}

func TestForeignDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "other things may live in the Sync service, and a newer flexsweep's records: they are reported, and left alone", nil)
	address := "https://sync.twilio.com/v1/Services/" + w.Ledger + "/Documents"
	w.Call(http.MethodPost, address, world.Form("UniqueName", "somebody-elses", "Data", `{"version":1,"sid":"CH1"}`))
	w.Call(http.MethodPost, address, world.Form("UniqueName", world.Prefix+"CH-newer", "Data", `{"version":99,"sid":"CH2","status":"tracking"}`))
	w.Call(http.MethodPost, address, world.Form("Data", `{"no":"name"}`))
	c := w.NewChat()
	c.NewTask().Complete()
	w.Pass(retention)
	report := w.Sweep()
	want(t, "faulty", report.Faulty, 1)
	want(t, "walked", report.Walked, 1)
	want(t, "retired", report.Retired, 1)
}
