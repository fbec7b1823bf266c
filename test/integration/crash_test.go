package integration

import (
	"fmt"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/world"
)

// cut is a place where a sweep's process dies: at a request of its work on the channel,
// before it is sent, or after it took effect and before its answer arrived.
type cut struct {
	way  way
	step int
	lost bool
}

func (c cut) String() string {
	if c.lost {
		return fmt.Sprintf("%s/after request %d of %d", c.way.name, c.step+1, c.way.requests())
	}
	return fmt.Sprintf("%s/before request %d of %d", c.way.name, c.step+1, c.way.requests())
}

func cuts() []cut {
	var all []cut
	for _, w := range ways {
		for step := range w.requests() {
			all = append(all, cut{w, step, false}, cut{w, step, true})
		}
	}
	return all
}

// crash runs a sweep that dies at the cut, and starts a new instance.
func crash(w *world.World, at cut) {
	w.T.Helper()
	w.SweepWire.Kill(firstOfChannel+at.step, at.lost)
	w.TrySweep()
	if w.SweepWire.Calls() < firstOfChannel+at.step {
		w.T.Fatalf("the sweep ended before the cut")
	}
	w.RestartSweep()
}

func TestSweepDies(t *testing.T) {
	t.Parallel()
	for _, cut := range cuts() {
		t.Run(cut.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a process can be killed anywhere; the next sweep after the claim's lease finishes what it began", cut.way.settings)
			c := cut.way.begin(w)
			c.NewTask().Complete()
			w.Pass(retention)
			crash(w, cut)
			w.Sweep() // while the dead run's claim still holds, if it has one
			w.Pass(channel.Lease)
			w.Sweep()
			c.MustBe(cut.way.end, "after the lease and one more sweep")
			want(t, "status of the record", c.Record().Status, channel.Retired)
			if cut.way.end == retired && c.Chat {
				c.MustHave(world.AttributesRetired, "after the lease and one more sweep")
			}
			w.Pass(retention)
			want(t, "due in later sweeps", w.Sweep().Due, 0)
		})
	}
}

func TestSweepDiesAndCustomerWrites(t *testing.T) {
	t.Parallel()
	for _, cut := range cuts() {
		t.Run(cut.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a record that a dead run left half done, and a task that comes before anybody noticed: "+
				"the task wins wherever there is a way back", cut.way.settings)
			c := cut.way.begin(w)
			c.NewTask().Complete()
			w.Pass(retention)
			crash(w, cut)
			left := c.State()
			undoable := left == usable || !cut.way.final
			task := c.CustomerWrites()
			w.Pass(channel.Lease)
			w.Sweep()
			if undoable {
				c.MustBe(usable, "after the lease and one more sweep, with a task open")
				c.MustHave(world.AttributesBefore, "after the lease and one more sweep, with a task open")
				want(t, "there is evidence left of a sweep", c.Record().Touched(), false)
			} else {
				c.MustBe(left, "after something final")
			}
			task.Finish()
			w.Pass(retention + channel.Lease)
			w.Sweep()
			c.MustBe(cut.way.end, "when the task has ended, too")
			w.Pass(retention)
			want(t, "due in later sweeps", w.Sweep().Due, 0)
		})
	}
}

func TestUndoDies(t *testing.T) {
	t.Parallel()
	// Of the sweep that puts the channel back: claim, fetch, update, save.
	for step := range 4 {
		for _, lost := range []bool{false, true} {
			t.Run(cut{way{name: "chat, put back", calls: 4}, step, lost}.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "the undo can die as well, and the one after it must still know what to give back", nil)
				c := w.NewChatWith(`{"long_lived":1,"status":"PARKED","x":[ ]}`)
				c.NewTask().Complete()
				w.Pass(retention)
				w.Sweep()
				task := c.NewTask()
				crash(w, cut{step: step, lost: lost})
				w.Pass(channel.Lease)
				w.Sweep()
				c.MustHave(`{"long_lived":1,"status":"PARKED","x":[ ]}`, "after one more sweep")
				want(t, "there is evidence left of a sweep", c.Record().Touched(), false)
				task.Complete()
				w.Pass(retention)
				want(t, "retired again", w.Sweep().Retired, 1)
			})
		}
	}
}

// TestSweepOfAnUnusualChannelDies kills the sweep of a channel whose two attributes are not
// the usual ones: claim, fetch, note, fetch, update, settle.
func TestSweepOfAnUnusualChannelDies(t *testing.T) {
	t.Parallel()
	const unusual = `{"status":"PARKED","n":1.50}`
	for step := range 6 {
		for _, lost := range []bool{false, true} {
			at := cut{way{name: "chat, unusual", calls: 6}, step, lost}
			t.Run(at.String(), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "what the two attributes were must survive the run that overwrote them", nil)
				c := w.NewChatWith(unusual)
				c.NewTask().Complete()
				w.Pass(retention)
				crash(w, at)
				task := c.NewTask()
				w.Pass(channel.Lease)
				w.Sweep()
				c.MustHave(unusual, "after the lease and one more sweep, with a task open")
				want(t, "there is evidence left of a sweep", c.Record().Touched(), false)
				task.Complete()
				w.Pass(retention)
				want(t, "retired when the task has ended, too", w.Sweep().Retired, 1)
			})
		}
	}
}

func TestSweepDiesWhileItReads(t *testing.T) {
	t.Parallel()
	for request, what := range map[int]string{1: "the control document", 2: "the ledger"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "if nobody knows whether sweeps are paused, or what is due, nothing may be retired; and Scheduler must hear of it", nil)
			c := w.NewChat()
			c.NewTask().Complete()
			w.Pass(retention)
			w.SweepWire.Kill(request, false)
			w.Fake.Journal().Reset()
			status, report := w.TrySweep()
			want(t, "HTTP status", status, 500)
			want(t, "outcome", string(report.Outcome), "broken")
			want(t, "changes at Twilio", len(w.Changes()), 0)
			w.RestartSweep()
			want(t, "retired by the next sweep", w.Sweep().Retired, 1)
			c.MustBe(retired, "after the next sweep")
		})
	}
}

func TestWebhookDies(t *testing.T) {
	t.Parallel()
	for request, what := range map[int]string{1: "at its load", 2: "at its save"} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, answer lost %v", what, lost), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "an event whose instance died is delivered again, and applied once", nil)
				c := w.NewChat()
				w.WebhookWire.Kill(request, lost)
				task := c.NewWaitingTask()
				w.RestartWebhook()
				w.Pass(world.RetryWindow)
				for _, d := range w.Fake.Deliveries() {
					want(t, "outcome of the delivery", d.Outcome, "delivered")
				}
				want(t, "phase", c.Record().Tasks[task.SID].Phase, channel.Open)
				want(t, "records", len(w.Records()), 1)
			})
		}
	}
}
