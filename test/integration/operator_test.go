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
	"github.com/flexsweep/flexsweep/test/world"
)

// What an operator sets at run time: the pause, and holds on single channels.

func TestPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "an operator stops all sweeps at once, with no deployment; events are recorded as ever", nil)
	c := overdue(w, 1)[0]
	address := "https://sync.twilio.com/v1/Services/" + w.Ledger + "/Documents"
	w.Call(http.MethodPost, address, world.Form("UniqueName", world.Prefix+"control", "Data",
		mustJSON(t, ledger.Control{Paused: true, Reason: "incident", By: "operator", Since: w.Fake.Clock().Now()})))
	report := w.Sweep()
	want(t, "outcome", report.Outcome, sweep.Paused)
	want(t, "walked", report.Walked, 0)
	want(t, "the text says who and why", strings.Contains(report.Text, "operator") && strings.Contains(report.Text, "incident"), true)
	c.MustBe(usable, "while paused")
	want(t, "what a dry run would do", w.Sweep(`{"dryRun":true}`).Items[0].Did, sweep.WouldRetire)
	other := w.NewChat()
	task := other.NewTask()
	want(t, "phase of a task that came meanwhile", other.Record().Tasks[task.SID].Phase, channel.Open)
	w.Call(http.MethodPost, address+"/"+world.Prefix+"control", world.Form("Data", `{"paused":false}`))
	want(t, "retired when resumed", w.Sweep().Retired, 1)
	c.MustBe(retired, "when resumed")
}

func TestPauseDuringASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the operator who sees a sweep go wrong pauses it: the run that is under way stops, too", world.Settings{"SWEEP_CONCURRENCY": "1"})
	threads := overdue(w, 10)
	slow := w.Fake.Faults().Add(faketwilio.Fault{Latency: time.Minute, Virtual: true})
	// Ahead of the claim a run that has taken this long looks at the control document.
	w.SweepWire.At(firstOfChannel+2, func() {
		w.Call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+w.Ledger+"/Documents",
			world.Form("UniqueName", world.Prefix+"control", "Data", `{"paused":true}`))
	})
	report := w.Sweep()
	want(t, "outcome", report.Outcome, sweep.Paused)
	want(t, "begun before the pause", report.Retired, 1)
	want(t, "left over", report.LeftOver, 9)
	for i, is := range retiredOf(threads) {
		want(t, "retired", is, i == 0)
	}
	w.Fake.Faults().Remove(slow)
	want(t, "retired while paused", w.Sweep().Retired, 0)
}

func TestPauseThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "whoever does not know whether sweeps are paused must act as if they were", nil)
	c := overdue(w, 1)[0]
	w.Call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+w.Ledger+"/Documents",
		world.Form("UniqueName", world.Prefix+"control", "Data", `{"paused":"yes"}`))
	status, _ := w.TrySweep()
	want(t, "HTTP status", status, http.StatusInternalServerError)
	c.MustBe(usable, "afterwards")
}

func TestHold(t *testing.T) {
	t.Parallel()
	hold := func(c *world.Thread, h channel.Hold) {
		r := c.Record()
		r.Hold = &h
		c.Call(http.MethodPost, "https://sync.twilio.com/v1/Services/"+c.Ledger+"/Documents/"+world.Prefix+c.SID, world.Form("Data", mustJSON(t, r)))
	}
	t.Run("until a time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "a lawyer needs this channel for a week", nil)
		c := overdue(w, 1)[0]
		hold(c, channel.Hold{Until: w.Fake.Clock().Now().Add(7 * 24 * time.Hour), By: "operator", Reason: "dispute"})
		want(t, "held", w.Sweep().Skipped[channel.ReasonHold], 1)
		w.Pass(7*24*time.Hour - time.Second)
		want(t, "held until the last second", w.Sweep().Skipped[channel.ReasonHold], 1)
		w.Pass(time.Second)
		want(t, "retired", w.Sweep().Retired, 1)
	})
	t.Run("for good", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "some channels are never to be retired; the events that go on must not lose the mark", nil)
		c := overdue(w, 1)[0]
		hold(c, channel.Hold{By: "operator", Reason: "executive"})
		c.NewTask().Complete()
		w.Pass(365 * 24 * time.Hour)
		want(t, "held", w.Sweep().Skipped[channel.ReasonHold], 1)
		c.MustBe(usable, "a year later")
	})
	t.Run("set during a sweep", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "the operator's save comes between retire and settle: the channel is put back", nil)
		c := overdue(w, 1)[0]
		w.SweepWire.At(firstOfChannel+4, func() { hold(c, channel.Hold{By: "operator", Reason: "dispute"}) })
		want(t, "restored", w.Sweep().Restored, 1)
		c.MustHave(world.AttributesBefore, "after the sweep")
		want(t, "the hold is still there", c.Record().Hold != nil, true)
	})
}
