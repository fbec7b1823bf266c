package integration

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// What an operator sets at run time: the pause, and holds on single channels.

func TestPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "an operator stops all sweeps at once, with no deployment; events are recorded as ever", nil)
	c := w.overdue(1)[0]
	address := "https://sync.twilio.com/v1/Services/" + w.ledger + "/Documents"
	w.call(http.MethodPost, address, form("UniqueName", prefix+"control", "Data",
		mustJSON(t, ledger.Control{Paused: true, Reason: "incident", By: "operator", Since: w.fake.Clock().Now()})))
	report := w.sweep()
	want(t, "outcome", report.Outcome, sweep.Paused)
	want(t, "walked", report.Walked, 0)
	want(t, "the text says who and why", strings.Contains(report.Text, "operator") && strings.Contains(report.Text, "incident"), true)
	c.mustBe(usable, "while paused")
	want(t, "what a dry run would do", w.sweep(`{"dryRun":true}`).Items[0].Did, sweep.WouldRetire)
	other := w.chat()
	task := other.task()
	want(t, "phase of a task that came meanwhile", other.record().Tasks[task.sid].Phase, channel.Open)
	w.call(http.MethodPost, address+"/"+prefix+"control", form("Data", `{"paused":false}`))
	want(t, "retired when resumed", w.sweep().Retired, 1)
	c.mustBe(retired, "when resumed")
}

func TestPauseDuringASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the operator who sees a sweep go wrong pauses it: the run that is under way stops, too", settings{"SWEEP_CONCURRENCY": "1"})
	threads := w.overdue(10)
	slow := w.fake.Faults().Add(faketwilio.Fault{Latency: time.Minute, Virtual: true})
	// Ahead of the claim a run that has taken this long looks at the control document.
	w.swept.at(firstOfChannel+2, func() {
		w.call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+w.ledger+"/Documents", form("UniqueName", prefix+"control", "Data", `{"paused":true}`))
	})
	report := w.sweep()
	want(t, "outcome", report.Outcome, sweep.Paused)
	want(t, "begun before the pause", report.Retired, 1)
	want(t, "left over", report.LeftOver, 9)
	for i, is := range retiredOf(threads) {
		want(t, "retired", is, i == 0)
	}
	w.fake.Faults().Remove(slow)
	want(t, "retired while paused", w.sweep().Retired, 0)
}

func TestPauseThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "whoever does not know whether sweeps are paused must act as if they were", nil)
	c := w.overdue(1)[0]
	w.call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+w.ledger+"/Documents", form("UniqueName", prefix+"control", "Data", `{"paused":"yes"}`))
	status, _ := w.trySweep()
	want(t, "HTTP status", status, http.StatusInternalServerError)
	c.mustBe(usable, "afterwards")
}

func TestHold(t *testing.T) {
	t.Parallel()
	hold := func(c *thread, h channel.Hold) {
		r := c.record()
		r.Hold = &h
		c.call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+c.ledger+"/Documents/"+prefix+c.sid, form("Data", mustJSON(c.t, r)))
	}
	t.Run("until a time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "a lawyer needs this channel for a week", nil)
		c := w.overdue(1)[0]
		hold(c, channel.Hold{Until: w.fake.Clock().Now().Add(7 * 24 * time.Hour), By: "operator", Reason: "dispute"})
		want(t, "held", w.sweep().Skipped[channel.ReasonHold], 1)
		w.pass(7*24*time.Hour - time.Second)
		want(t, "held until the last second", w.sweep().Skipped[channel.ReasonHold], 1)
		w.pass(time.Second)
		want(t, "retired", w.sweep().Retired, 1)
	})
	t.Run("for good", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "some channels are never to be retired; the events that go on must not lose the mark", nil)
		c := w.overdue(1)[0]
		hold(c, channel.Hold{By: "operator", Reason: "executive"})
		c.task().work()
		w.pass(365 * 24 * time.Hour)
		want(t, "held", w.sweep().Skipped[channel.ReasonHold], 1)
		c.mustBe(usable, "a year later")
	})
	t.Run("set during a sweep", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "the operator's save comes between retire and settle: the channel is put back", nil)
		c := w.overdue(1)[0]
		w.swept.at(firstOfChannel+3, func() { hold(c, channel.Hold{By: "operator", Reason: "dispute"}) })
		want(t, "undone", w.sweep().Undone, 1)
		c.mustHave(attributesBefore, "after the sweep")
		want(t, "the hold is still there", c.record().Hold != nil, true)
	})
}
