package integration

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
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
	{"reset after the effect", faketwilio.Fault{Reset: true, Late: true}, "the connection broke when Twilio had done its work: a repeated create meets 409, a repeated update 412"},
	{"409", faketwilio.Fault{Status: http.StatusConflict, Code: 54301}, "somebody else was first"},
	{"412", faketwilio.Fault{Status: http.StatusPreconditionFailed, Code: 54103}, "somebody else was first"},
}

// strike lets the fault happen to the n-th request from now.
func (w *world) strike(f faketwilio.Fault, n int) {
	f.Nth, f.Times = n, 1
	w.fake.Faults().Add(f)
}

// mustHaveStruck fails the test if the faults in force hit nothing: it would prove nothing.
func (w *world) mustHaveStruck() {
	w.t.Helper()
	for _, e := range w.fake.Journal().Entries() {
		if e.Fault != "" {
			return
		}
	}
	w.t.Fatal("the fault struck no request")
}

func TestTwilioFailsOnceDuringASweep(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for _, trouble := range troubles {
			for step := range way.calls {
				t.Run(fmt.Sprintf("%s/%s/request %d of %d", way.name, trouble.name, step+1, way.calls), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, trouble.reason, way.settings)
					c, other := way.begin(w), way.begin(w)
					c.task().work()
					w.pass(retention)
					w.strike(trouble.fault, firstOfChannel+step)
					w.sweep()
					w.mustHaveStruck()
					// What the sweep could not finish, the next one after the lease does; and a
					// channel with an open task is never concerned.
					other.task()
					w.pass(channel.Lease)
					w.sweep()
					c.mustBe(way.end, "after one more sweep")
					want(t, "status of the record", c.record().Status, channel.Retired)
					if c.chat && way.end == retired {
						c.mustHave(attributesRetired, "after one more sweep")
					}
					other.mustBe(usable, "with its task open")
					w.pass(channel.Lease)
					want(t, "due in later sweeps", w.sweep().Due, 0)
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
				c := w.chatWith(odd)
				c.task().work()
				w.pass(retention)
				w.swept.at(firstOfChannel+3, func() {
					c.task()
					w.strike(trouble.fault, 2+step) // the first from here is the settle that meets 412
				})
				w.sweep()
				w.swept.before = nil
				c.mustBePutBack()
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
				c := w.chatWith(odd)
				c.task().work()
				w.pass(retention)
				w.sweep()
				c.task()
				w.strike(trouble.fault, firstOfChannel+step)
				w.sweep()
				c.mustBePutBack()
			})
		}
	}
}

// mustBePutBack checks that, after a fault, one more sweep leaves the odd attributes.
func (c *thread) mustBePutBack() {
	c.t.Helper()
	c.mustHaveStruck()
	c.pass(channel.Lease)
	c.sweep()
	c.mustHave(odd, "after one more sweep")
	want(c.t, "there is evidence left of a sweep", c.record().Touched(), false)
}

func TestTwilioFailsOnceDuringADelivery(t *testing.T) {
	t.Parallel()
	for _, trouble := range troubles {
		for request, what := range map[int]string{1: "load", 2: "create"} {
			t.Run("first event/"+trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, trouble.reason, nil)
				c := w.chat()
				w.strike(trouble.fault, request)
				task := c.waiting()
				c.mustKnow(task, channel.Open)
			})
		}
		for request, what := range map[int]string{1: "save", 2: "load after a conflict"} {
			t.Run("next event/"+trouble.name+"/"+what, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, trouble.reason, nil)
				c := w.chat()
				task := c.waiting()
				if request == 2 { // another instance has changed the record
					w.restartedAlongside(func() { task.becomes("reserved", "assigned", "wrapping") })
				}
				w.strike(trouble.fault, request)
				task.becomes("completed")
				c.mustKnow(task, channel.Ended)
			})
		}
	}
}

// restartedAlongside lets another instance of the webhook take the deliveries meanwhile.
func (w *world) restartedAlongside(do func()) {
	webhook, over := w.webhook, w.hooked
	w.restartWebhook()
	do()
	w.webhook, w.hooked = webhook, over
}

// mustKnow lets the redeliveries happen and checks that nothing was lost.
func (c *thread) mustKnow(task *job, phase channel.Phase) {
	c.t.Helper()
	c.mustHaveStruck()
	c.pass(time.Minute)
	want(c.t, "phase of the task", c.record().Tasks[task.sid].Phase, phase)
	for _, d := range c.fake.Deliveries() {
		want(c.t, "outcome of the delivery of "+d.EventTypes[0], d.Outcome, "delivered")
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
			w.fake.Faults().Add(fault)
			c := w.conversation()
			task := c.task()
			task.work()
			w.pass(3 * time.Hour)
			for _, d := range w.fake.Deliveries() {
				want(t, "outcome meanwhile", d.Outcome, "pending")
				want(t, "first answer", d.Attempts[0].Status, http.StatusServiceUnavailable)
			}
			w.fake.Faults().Clear()
			w.pass(20 * time.Minute)
			c.mustKnow(task, channel.Ended)
			w.pass(retention)
			want(t, "retired", w.sweep().Retired, 1)
		})
	}
}

func TestTwilioIsDownDuringASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "failing for one channel is no reason to skip the others; a channel that fails three sweeps in a row raises an alarm", nil)
	sick, well := w.chat(), w.chat()
	sick.task().work()
	w.pass(retention / 2)
	w.fake.Faults().Add(faketwilio.Fault{Product: "chat", Path: sick.sid, Status: http.StatusInternalServerError})
	well.task().work()
	w.pass(retention)
	for count := 1; count <= 4; count++ {
		report := w.sweep()
		want(t, "failed", report.Failed, 1)
		want(t, "said to keep failing", report.KeepsFailing == 1, count >= 3)
		want(t, "failures in the record", sick.record().Failure.Count, count)
		want(t, "HTTP status in the record", sick.record().Failure.Status, http.StatusInternalServerError)
		well.mustBe(retired, "beside a channel that fails")
		line := w.logs.last(t, "sweep")
		want(t, "severity of the sweep's log line", fmt.Sprint(line["severity"]), "ERROR")
		want(t, "keeps_failing in the log", line["keeps_failing"].(float64) == 1, count >= 3)
	}
	w.fake.Faults().Clear()
	want(t, "retired when it works again", w.sweep().Retired, 1)
	want(t, "a failure is remembered", sick.record().Failure != nil, false)
	sick.mustBe(retired, "when it works again")
}
