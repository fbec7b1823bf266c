package integration

import (
	"fmt"
	"github.com/flexsweep/flexsweep/test/world"
	"testing"
	"time"
)

// The figures to reach are counts, so they are exact.

func TestCallsPerEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Sync has a budget of writes, and Twilio waits 5 seconds: every call counts", nil)
	c := w.NewChat()
	task := c.NewWaitingTask()
	want(t, "an event on a channel never heard of: load, create", w.WebhookWire.Calls(), 2)
	task.Becomes("reserved", "assigned")
	want(t, "events that are not subscribed to", w.WebhookWire.Calls(), 0)
	task.Becomes("wrapping")
	want(t, "an event on a known channel: save", w.WebhookWire.Calls(), 1)
	ended := w.Fake.Clock().Now()
	task.Becomes("completed")
	want(t, "the next event: save", w.WebhookWire.Calls(), 1)
	w.Fake.Event("com.twilio.taskrouter.task.completed", ended, map[string]any{"task_sid": task.SID, "task_attributes": c.TaskAttributes()})
	w.Fake.Flush()
	want(t, "a duplicate", w.WebhookWire.Calls(), 0)
	w.RestartWebhook()
	c.NewWaitingTask()
	want(t, "a new instance: load, save", w.WebhookWire.Calls(), 2)
	restartedAlongside(w, func() { c.NewWaitingTask() })
	c.NewWaitingTask()
	want(t, "another instance wrote meanwhile: refused save, load, save", w.WebhookWire.Calls(), 3)
}

// The mix: 60 chats and 40 conversations with one task each, 20 of them with a transfer,
// 30 calls, one event in ten delivered twice; on one instance that has seen each channel.
func TestCallsPerEventOnAverage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "on average an event on a warm instance costs at most 1.1 calls", nil)
	var tasks []*world.Job
	for i := range 100 {
		c := w.NewChat()
		if i >= 60 {
			c = w.NewConversation()
		}
		tasks = append(tasks, c.NewTask())
		if i%5 == 0 {
			tasks = append(tasks, c.NewTask())
		}
	}
	for range 30 {
		tasks = append(tasks, w.NewTaskWith(`{"call_sid":"CA1"}`))
	}
	before := len(w.Fake.Deliveries())
	w.WebhookWire.Calls()
	for i, task := range tasks {
		w.Pass(time.Minute)
		if task.Complete(); i%10 == 0 {
			task.Becomes("completed")
		}
	}
	w.Pass(time.Hour)
	events, calls := len(w.Fake.Deliveries())-before, w.WebhookWire.Calls()
	average := float64(calls) / float64(events)
	t.Logf("%d events, %d calls, %.3f on average", events, calls, average)
	want(t, "at least 400 events", events >= 400, true)
	want(t, "at most 1.1 calls", average <= 1.1, true)
}

func TestCallsPerRetiredChannel(t *testing.T) {
	t.Parallel()
	const run = 4 // control document, one page of the ledger, history read and written
	for _, way := range ways {
		for _, n := range []int{0, 1, 7} {
			t.Run(fmt.Sprintf("%s/%d channels", way.name, n), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, way.reason, way.settings)
				for range n {
					way.begin(w).NewTask().Complete()
				}
				w.Pass(retention)
				report, run := w.Sweep(), run
				if n > 0 {
					run += 2 + way.requests() - way.calls // both chat services, and what the first channel asks besides
				}
				want(t, "retired", report.Retired, n)
				want(t, "calls", w.SweepWire.Calls(), run+n*way.calls)
				want(t, "calls in the report", report.Calls, int64(run+n*way.calls))
				want(t, "calls in the log", w.Logs.Last(t, "sweep")["calls"].(float64), float64(run+n*way.calls))
			})
		}
	}
}

func TestCallsPerWalk(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ records, pages int }{{0, 1}, {1, 1}, {99, 1}, {101, 2}, {350, 4}} {
		t.Run(fmt.Sprintf("%d records", row.records), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a walk costs one call per 100 records, whether they are due or not", nil)
			for range row.records {
				w.NewChat().NewWaitingTask()
			}
			report := w.Sweep(`{"dryRun":true}`)
			want(t, "walked", report.Walked, row.records)
			want(t, "calls: the control document, the history read and written, and the pages", w.SweepWire.Calls(), 3+row.pages)
		})
	}
}
