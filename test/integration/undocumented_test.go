package integration

import (
	"net/http"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// No public source says how Twilio behaves here, so everything must work either way.
func TestBehaviourThatTwilioDoesNotDocument(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, reason string
		options      faketwilio.Unverified
	}{
		{"20404 for everything that is missing", "branch on the status, not on the code", faketwilio.Unverified{GenericNotFound: true}},
		{"20412 for another revision", "branch on the status, not on the code", faketwilio.Unverified{GenericPrecondition: true}},
		{"ETag without quotation marks", "the revision is taken from the body", faketwilio.Unverified{BareETag: true}},
		{"403 for a closed conversation", "branch on code 50377, not on the status", faketwilio.Unverified{ClosedStatus: http.StatusForbidden}},
		{"409 for a closed conversation", "branch on code 50377, not on the status", faketwilio.Unverified{ClosedStatus: http.StatusConflict}},
		{"an interaction closes without its conversation", "the conversation is closed as well", faketwilio.Unverified{KeepConversation: true}},
	} {
		for _, way := range ways {
			t.Run(row.name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				w := newWorldWith(t, row.reason, way.settings, faketwilio.Options{Seed: 1, Unverified: row.options})
				w.Settings["SWEEP_CONCURRENCY"] = "1"
				w.RestartSweep()
				c, removed, busy := way.begin(w), way.begin(w), way.begin(w)
				c.NewTask().Complete()
				removed.NewTask().Complete()
				busy.NewTask().Complete()
				removed.Remove()
				w.Pass(retention)
				w.SweepWire.At(firstOfChannel, func() { restartedAlongside(w, func() { busy.NewTask() }) })
				report := w.Sweep()
				want(t, "failed", report.Failed, 0)
				want(t, "retired", report.Retired, 1)
				want(t, "gone", report.Gone, 1)
				want(t, "conflicts", report.Conflicts, 1)
				c.MustBe(way.end, "after the sweep")
				busy.MustBe(usable, "with an open task")
				busy.NewTask() // its event meets the instance that does not know the newest revision
				want(t, "open tasks", len(busy.Record().OpenTasks()), 2)
				for _, d := range w.Fake.Deliveries() {
					want(t, "attempts of a delivery", len(d.Attempts), 1)
				}
			})
		}
		t.Run(row.name+"/closed by Flex before", func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, row.reason, nil, faketwilio.Options{Seed: 1, Unverified: row.options})
			c := w.NewConversation()
			c.NewTask().Complete()
			c.Call(http.MethodPost, "https://conversations.twilio.com/v1/Services/"+c.Service+"/Conversations/"+c.SID, world.Form("State", "closed"))
			w.Pass(retention)
			want(t, "failed", w.Sweep().Failed, 0)
			want(t, "status of the record", c.Record().Status, channel.Retired)
		})
	}
}
