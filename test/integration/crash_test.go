package integration

import (
	"fmt"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
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
		return fmt.Sprintf("%s/after request %d of %d", c.way.name, c.step+1, c.way.calls)
	}
	return fmt.Sprintf("%s/before request %d of %d", c.way.name, c.step+1, c.way.calls)
}

func cuts() []cut {
	var all []cut
	for _, w := range ways {
		for step := range w.calls {
			all = append(all, cut{w, step, false}, cut{w, step, true})
		}
	}
	return all
}

// crash runs a sweep that dies at the cut, and starts a new instance.
func (w *world) crash(at cut) {
	w.t.Helper()
	w.swept.kill(firstOfChannel+at.step, at.lost)
	w.trySweep()
	if w.swept.calls() < firstOfChannel+at.step {
		w.t.Fatal("the sweep ended before the cut")
	}
	w.restartSweep()
}

func TestSweepDies(t *testing.T) {
	t.Parallel()
	for _, cut := range cuts() {
		t.Run(cut.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a process can be killed anywhere; the next sweep after the claim's lease finishes what it began", cut.way.settings)
			c := cut.way.begin(w)
			c.task().work()
			w.pass(retention)
			w.crash(cut)
			w.sweep() // while the dead run's claim still holds, if it has one
			w.pass(channel.Lease)
			w.sweep()
			c.mustBe(cut.way.end, "after the lease and one more sweep")
			want(t, "status of the record", c.record().Status, channel.Retired)
			if cut.way.end == retired && c.chat {
				c.mustHave(attributesRetired, "after the lease and one more sweep")
			}
			w.pass(retention)
			want(t, "due in later sweeps", w.sweep().Due, 0)
		})
	}
}

func TestSweepDiesAndCustomerWrites(t *testing.T) {
	t.Parallel()
	for _, cut := range cuts() {
		t.Run(cut.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a record that a dead run left half done, and a task that comes before anybody noticed: the task wins wherever there is a way back", cut.way.settings)
			c := cut.way.begin(w)
			c.task().work()
			w.pass(retention)
			w.crash(cut)
			left := c.state()
			undoable := left == usable || !cut.way.final
			task := c.writes()
			w.pass(channel.Lease)
			w.sweep()
			if undoable {
				c.mustBe(usable, "after the lease and one more sweep, with a task open")
				c.mustHave(attributesBefore, "after the lease and one more sweep, with a task open")
				want(t, "there is evidence left of a sweep", c.record().Touched(), false)
			} else {
				c.mustBe(left, "after something final")
			}
			task.finish()
			w.pass(retention + channel.Lease)
			w.sweep()
			c.mustBe(cut.way.end, "when the task has ended, too")
			w.pass(retention)
			want(t, "due in later sweeps", w.sweep().Due, 0)
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
				c := w.chatWith(`{"long_lived":1,"status":"PARKED","x":[ ]}`)
				c.task().work()
				w.pass(retention)
				w.sweep()
				task := c.task()
				w.crash(cut{step: step, lost: lost})
				w.pass(channel.Lease)
				w.sweep()
				c.mustHave(`{"long_lived":1,"status":"PARKED","x":[ ]}`, "after one more sweep")
				want(t, "there is evidence left of a sweep", c.record().Touched(), false)
				task.work()
				w.pass(retention)
				want(t, "retired again", w.sweep().Retired, 1)
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
				c := w.chatWith(unusual)
				c.task().work()
				w.pass(retention)
				w.crash(at)
				task := c.task()
				w.pass(channel.Lease)
				w.sweep()
				c.mustHave(unusual, "after the lease and one more sweep, with a task open")
				want(t, "there is evidence left of a sweep", c.record().Touched(), false)
				task.work()
				w.pass(retention)
				want(t, "retired when the task has ended, too", w.sweep().Retired, 1)
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
			c := w.chat()
			c.task().work()
			w.pass(retention)
			w.swept.kill(request, false)
			w.fake.Journal().Reset()
			status, report := w.trySweep()
			want(t, "HTTP status", status, 500)
			want(t, "outcome", string(report.Outcome), "broken")
			want(t, "changes at Twilio", len(w.changes()), 0)
			w.restartSweep()
			want(t, "retired by the next sweep", w.sweep().Retired, 1)
			c.mustBe(retired, "after the next sweep")
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
				c := w.chat()
				w.hooked.kill(request, lost)
				task := c.waiting()
				w.restartWebhook()
				w.pass(retryWindow)
				for _, d := range w.fake.Deliveries() {
					want(t, "outcome of the delivery", d.Outcome, "delivered")
				}
				want(t, "phase", c.record().Tasks[task.sid].Phase, channel.Open)
				want(t, "records", len(w.records()), 1)
			})
		}
	}
}
