package integration

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// trouble is a fault of Twilio's that passes: it strikes one request.
type trouble struct {
	name   string
	fault  faketwilio.Fault
	reason string
}

var troubles = []trouble{
	{"429", faketwilio.Fault{Status: http.StatusTooManyRequests}, "Twilio's products limit the rate, without a word on when to come again"},
	{"429 with Retry-After", faketwilio.Fault{Status: http.StatusTooManyRequests, RetryAfter: "3"}, "and if they do say when, that counts"},
	{"500", faketwilio.Fault{Status: http.StatusInternalServerError}, "an answer that tells nothing about what took effect"},
	{"503 as a page", faketwilio.Fault{Status: http.StatusServiceUnavailable, HTML: true}, "a gateway answers in HTML, which twilio-go cannot read"},
	{"500 after the effect", faketwilio.Fault{Status: http.StatusInternalServerError, Late: true}, "the request took effect although its answer says no"},
	{"reset", faketwilio.Fault{Reset: true}, "the connection broke before Twilio read the request"},
	{"reset after the effect", faketwilio.Fault{Reset: true, Late: true},
		"the connection broke when Twilio had done its work: a repeated create meets 409, a repeated update 412"},
	{"409", faketwilio.Fault{Status: http.StatusConflict, Code: 54301}, "somebody else was first"},
	{"412", faketwilio.Fault{Status: http.StatusPreconditionFailed, Code: 54103}, "somebody else was first"},
}

// strike lets the fault happen to the n-th request from now.
func strike(w *world.World, f faketwilio.Fault, n int) {
	f.Nth, f.Times = n, 1
	w.Fake.Faults().Add(f)
}

// mustHaveStruck fails the test if the faults in force hit nothing: it would prove nothing.
func mustHaveStruck(t *testing.T, w *world.World) {
	t.Helper()
	for _, e := range w.Fake.Journal().Entries() {
		if e.Fault != "" {
			return
		}
	}
	w.T.Fatalf("the fault struck no request")
}

func TestTwilioFailsOnceDuringASweep(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for _, trouble := range troubles {
			for step := range way.requests() {
				t.Run(fmt.Sprintf("%s/%s/request %d of %d", way.name, trouble.name, step+1, way.requests()), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, trouble.reason, way.settings)
					c, other := way.begin(w), way.begin(w)
					c.NewTask().Complete()
					w.Pass(retention)
					strike(w, trouble.fault, firstOfChannel+step)
					w.Sweep()
					mustHaveStruck(t, w)
					// What the sweep could not finish, the next one after the lease does; and a
					// channel with an open task is never concerned.
					other.NewTask()
					w.Pass(channel.Lease)
					w.Sweep()
					c.MustBe(way.end, "after one more sweep")
					want(t, "status of the record", c.Record().Status, channel.Retired)
					if c.Chat && way.end == retired {
						c.MustHave(world.AttributesRetired, "after one more sweep")
					}
					other.MustBe(usable, "with its task open")
					w.Pass(channel.Lease)
					want(t, "due in later sweeps", w.Sweep().Due, 0)
				})
			}
		}
	}
}

const odd = `{"long_lived":"yes", "status":"PARKED"}` // what an undo must give back

// The undo of the same sweep is as exposed as the retirement itself.
func TestTwilioFailsOnceDuringTheSameSweepsUndo(t *testing.T) {
	t.Parallel()
	for step, what := range []string{"load", "fetch", "update", "save"} {
		for _, trouble := range troubles {
			if what == "load" && (trouble.name == "409" || trouble.name == "412") {
				continue // no read is answered so
			}
			t.Run(trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "what the channel had before is known to this sweep only: "+trouble.reason, nil)
				c := w.NewChatWith(odd)
				c.NewTask().Complete()
				w.Pass(retention)
				w.SweepWire.At(firstOfChannel+4, func() {
					c.NewTask()
					strike(w, trouble.fault, 2+step) // the first from here is the settle that meets 412
				})
				w.Sweep()
				w.SweepWire.Before = nil
				mustBePutBack(t, c)
			})
		}
	}
}

func TestTwilioFailsOnceDuringTheNextSweepsUndo(t *testing.T) {
	t.Parallel()
	for step, what := range []string{"claim", "fetch", "update", "save"} {
		for _, trouble := range troubles {
			t.Run(trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "the record knows what the channel had before, until it is put back: "+trouble.reason, nil)
				c := w.NewChatWith(odd)
				c.NewTask().Complete()
				w.Pass(retention)
				w.Sweep()
				c.NewTask()
				strike(w, trouble.fault, firstOfChannel+step)
				w.Sweep()
				mustBePutBack(t, c)
			})
		}
	}
}

// mustBePutBack checks that, after a fault, one more sweep leaves the odd attributes.
func mustBePutBack(t *testing.T, c *world.Thread) {
	t.Helper()
	mustHaveStruck(t, c.World)
	c.Pass(channel.Lease)
	c.Sweep()
	c.MustHave(odd, "after one more sweep")
	want(t, "there is evidence left of a sweep", c.Record().Touched(), false)
}

func TestTwilioFailsOnceDuringADelivery(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles {
		for request, what := range map[int]string{1: "load", 2: "create"} {
			t.Run("first event/"+trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, trouble.reason, nil)
				c := w.NewChat()
				strike(w, trouble.fault, request)
				task := c.NewWaitingTask()
				mustKnow(t, c, task, channel.Open)
			})
		}
		for request, what := range map[int]string{1: "save", 2: "load after a conflict"} {
			t.Run("next event/"+trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, trouble.reason, nil)
				c := w.NewChat()
				task := c.NewWaitingTask()
				if request == 2 { // another instance has changed the record
					restartedAlongside(w, func() { task.Becomes("reserved", "assigned", "wrapping") })
				}
				strike(w, trouble.fault, request)
				task.Becomes("completed")
				mustKnow(t, c, task, channel.Ended)
			})
		}
	}
}

// restartedAlongside lets another instance of the webhook take the deliveries meanwhile.
func restartedAlongside(w *world.World, do func()) {
	webhook, over := w.Webhook, w.WebhookWire
	w.RestartWebhook()
	do()
	w.Webhook, w.WebhookWire = webhook, over
}

// mustKnow lets the redeliveries happen and checks that nothing was lost.
func mustKnow(t *testing.T, c *world.Thread, task *world.Job, phase channel.Phase) {
	t.Helper()
	mustHaveStruck(t, c.World)
	c.Pass(time.Minute)
	want(t, "phase of the task", c.Record().Tasks[task.SID].Phase, phase)
	for _, d := range c.Fake.Deliveries() {
		want(t, "outcome of the delivery of "+d.EventTypes[0], d.Outcome, "delivered")
	}
}

func TestSyncIsDownForHours(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles[:6] {
		t.Run(trouble.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "the webhook answers 503 as long as nothing is durable, and Event Streams comes again: "+trouble.reason, nil)
			fault := trouble.fault
			fault.Product = "sync"
			w.Fake.Faults().Add(fault)
			c := w.NewConversation()
			task := c.NewTask()
			task.Complete()
			w.Pass(3 * time.Hour)
			for _, d := range w.Fake.Deliveries() {
				want(t, "outcome meanwhile", d.Outcome, "pending")
				want(t, "first answer", d.Attempts[0].Status, http.StatusServiceUnavailable)
			}
			w.Fake.Faults().Clear()
			w.Pass(20 * time.Minute)
			mustKnow(t, c, task, channel.Ended)
			w.Pass(retention)
			want(t, "retired", w.Sweep().Retired, 1)
		})
	}
}

func TestTwilioIsDownDuringASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "failing for one channel is no reason to skip the others; a channel that fails three sweeps in a row raises an alarm", nil)
	sick, well := w.NewChat(), w.NewChat()
	sick.NewTask().Complete()
	w.Pass(retention / 2)
	w.Fake.Faults().Add(faketwilio.Fault{Product: "chat", Path: sick.SID, Status: http.StatusInternalServerError})
	well.NewTask().Complete()
	w.Pass(retention)
	for count := 1; count <= 4; count++ {
		report := w.Sweep()
		want(t, "failed", report.Failed, 1)
		want(t, "said to keep failing", report.KeepsFailing == 1, count >= 3)
		want(t, "failures in the record", sick.Record().Failure.Count, count)
		want(t, "HTTP status in the record", sick.Record().Failure.Status, http.StatusInternalServerError)
		well.MustBe(retired, "beside a channel that fails")
		line := w.Logs.Last(t, "sweep")
		want(t, "severity of the sweep's log line", fmt.Sprint(line["severity"]), "ERROR")
		want(t, "keeps_failing in the log", line["keeps_failing"].(float64) == 1, count >= 3)
	}
	w.Fake.Faults().Clear()
	want(t, "retired when it works again", w.Sweep().Retired, 1)
	want(t, "a failure is remembered", sick.Record().Failure != nil, false)
	sick.MustBe(retired, "when it works again")
}
