package integration

import (
	"fmt"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/world"
)

// A sweep's first requests are always the control document, the history, the first page of the
// ledger, and the two chat services; the sixth is the first about a channel.
const firstOfChannel = 6

// Between any two requests of a sweep a customer may write: Flex makes a task on the
// channel, and its event reaches the webhook before the sweep's next request does Twilio.
func TestCustomerWritesDuringASweep(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for step := range way.requests() {
			t.Run(fmt.Sprintf("%s/before request %d of %d", way.name, step+1, way.requests()), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "a channel with an open task must not stay retired, wherever in a sweep the task comes", way.settings)
				c := way.begin(w)
				c.NewTask().Complete()
				w.Pass(retention)
				var task *world.Job
				w.SweepWire.At(firstOfChannel+step, func() { task = c.CustomerWrites() })
				report := w.Sweep()
				if task == nil {
					t.Fatalf("the sweep made only %d requests", w.SweepWire.Calls())
				}
				w.SweepWire.Before = nil
				if lost := way.final && step >= 4; lost { // past the last look at the tasks and at the newest message
					want(t, "irrecoverable", report.Irrecoverable, 1)
					c.MustBe(way.end, "after a final disposition")
					c.CustomerWrites()
					want(t, "what later sweeps do about what cannot be undone", len(w.Sweep().Items), 0)
				} else {
					mustBeSpared(t, c, report)
				}
				task.Finish()
				w.Pass(retention + channel.Lease)
				w.Sweep()
				c.MustBe(way.end, "when the new task has ended, too")
				w.Pass(retention)
				want(t, "due in later sweeps", w.Sweep().Due, 0)
			})
		}
	}
}

// mustBeSpared checks that a thread with an open task is as it was, and that the next
// sweep leaves nothing behind either.
func mustBeSpared(t *testing.T, c *world.Thread, report sweep.Report) {
	t.Helper()
	want(t, "retired", report.Retired+report.Already+report.Gone+report.Irrecoverable, 0)
	want(t, "failed", report.Failed, 0)
	for range 2 {
		c.MustBe(usable, "with an open task")
		c.MustHave(world.AttributesBefore, "with an open task")
		c.Pass(channel.Lease) // of a claim that could not be given back
		c.Sweep()
	}
	r := c.Record()
	want(t, "status of the record", r.Status, channel.Tracking)
	want(t, "there is evidence left of a sweep", r.Touched(), false)
}

// A chat channel's two attributes can be anything before a sweep, or missing.
func TestUndoGivesBackWhatWasThere(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, before, during, reason string }{
		{"both", world.AttributesBefore, world.AttributesRetired, "the usual long-lived channel"},
		{"neither", `{"name":"A. Customer"}`, `{"name":"A. Customer","long_lived":false,"status":"INACTIVE"}`,
			"an application that never set them must not find them set"},
		{"empty", `{}`, `{"long_lived":false,"status":"INACTIVE"}`, "a channel without any attributes"},
		{"one", `{"status":"ACTIVE" , "a":[1 ,2]}`, `{"status":"INACTIVE" , "a":[1 ,2],"long_lived":false}`, "each of the two stands for itself"},
		{"other words", `{"long_lived":"yes","status":"PARKED","n":1e400}`, `{"long_lived":false,"status":"INACTIVE","n":1e400}`,
			"an application may use the attributes its own way"},
		{"nulls", `{"long_lived":null,"status":null}`, `{"long_lived":false,"status":"INACTIVE"}`, "null is not the same as missing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			c := w.NewChatWith(row.before)
			c.NewTask().Complete()
			w.Pass(retention)
			settle := firstOfChannel + 4
			w.SweepWire.At(settle, func() {
				c.MustHave(row.during, "between retire and settle")
				c.NewTask()
			})
			want(t, "restored", w.Sweep().Restored, 1)
			c.MustHave(row.before, "after the undo in the same sweep")
		})
		t.Run(row.name+", a sweep later", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			c := w.NewChatWith(row.before)
			c.NewTask().Complete()
			w.Pass(retention)
			want(t, "retired", w.Sweep().Retired, 1)
			c.MustHave(row.during, "after the sweep")
			c.NewTask()
			want(t, "restored", w.Sweep().Restored, 1)
			c.MustHave(row.before, "after the undo by the next sweep")
		})
	}
}

func TestForeignChangesSurviveTheUndo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a plug-in may write its own attributes between retire and undo; they are not flexsweep's to take back", nil)
	c := w.NewChat()
	c.NewTask().Complete()
	w.Pass(retention)
	w.Sweep()
	c.SetAttributes(`{"plugin":{"seen":[3,1]},"long_lived":false,"status":"INACTIVE"}`)
	c.NewTask()
	want(t, "restored", w.Sweep().Restored, 1)
	c.MustHave(`{"plugin":{"seen":[3,1]},"long_lived":true,"status":"ACTIVE"}`, "after the undo")
}

func TestSomebodyElseMadeItUsableAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "if Flex itself set the channel active again, the undo must leave it alone", nil)
	c := w.NewChat()
	c.NewTask().Complete()
	w.Pass(retention)
	w.Sweep()
	const theirs = `{"long_lived":true,"status":"ACTIVE","theirs":1}`
	c.SetAttributes(theirs)
	c.NewTask()
	w.Fake.Journal().Reset()
	want(t, "restored", w.Sweep().Restored, 0)
	c.MustHave(theirs, "after the sweep")
	want(t, "status of the record", c.Record().Status, channel.Tracking)
}

// Everything that is no news leaves the revision of a record alone, so that a sweep that
// is at work on it is not disturbed.
func TestRepeatedEventsDoNotDisturbASweep(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Event Streams repeats events for hours; a repetition between claim and settle must not undo anything", way.settings)
			c := way.begin(w)
			task := c.NewTask()
			task.Complete()
			ended := w.Fake.Clock().Now()
			w.Pass(retention)
			w.SweepWire.Before = func(n int) error {
				if n >= firstOfChannel {
					w.Fake.Event("com.twilio.taskrouter.task.completed", ended, map[string]any{"task_sid": task.SID, "task_attributes": c.TaskAttributes()})
					w.Fake.Flush()
				}
				return nil
			}
			delivered := len(w.Fake.Deliveries())
			want(t, "retired", w.Sweep().Retired, 1)
			want(t, "there were repetitions before each request", len(w.Fake.Deliveries()) >= delivered+way.calls, true)
			c.MustBe(way.end, "after the sweep")
			want(t, "status of the record", c.Record().Status, channel.Retired)
		})
	}
}

func TestTaskBeginsAndEndsDuringASweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "no task is open when the sweep settles, but the channel was in use: its retention starts anew", nil)
	c := w.NewChat()
	c.NewTask().Complete()
	w.Pass(retention)
	w.SweepWire.At(firstOfChannel+4, func() { c.NewTask().Complete() })
	want(t, "restored", w.Sweep().Restored, 1)
	c.MustHave(world.AttributesBefore, "after the sweep")
	want(t, "hours to retirement", hourly(c, 50), 48)
}

func TestTwoSweepsAtOnce(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		for step := range way.requests() {
			t.Run(fmt.Sprintf("%s/before request %d of %d", way.name, step+1, way.requests()), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, "Scheduler may call again before a run has ended: each channel is worked on once", way.settings)
				c := way.begin(w)
				c.NewTask().Complete()
				w.Pass(retention)
				var second sweep.Report
				w.SweepWire.At(firstOfChannel+step, func() {
					w.RestartSweep() // another instance; the first one goes on below
					second = w.Sweep()
				})
				first := w.Sweep()
				want(t, "retired by the two together", first.Retired+second.Retired, 1)
				want(t, "failed", first.Failed+second.Failed, 0)
				c.MustBe(way.end, "after both")
				want(t, "status of the record", c.Record().Status, channel.Retired)
			})
		}
	}
}
