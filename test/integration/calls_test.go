package integration

import (
	"fmt"
	"testing"
	"time"
)

// The figures to reach are counts, so they are exact.

func TestCallsPerEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Sync has a budget of writes, and Twilio waits 5 seconds: every call counts", nil)
	c := w.chat()
	task := c.waiting()
	want(t, "an event on a channel never heard of: load, create", w.hooked.calls(), 2)
	task.becomes("reserved", "assigned")
	want(t, "events that are not subscribed to", w.hooked.calls(), 0)
	task.becomes("wrapping")
	want(t, "an event on a known channel: save", w.hooked.calls(), 1)
	ended := w.fake.Clock().Now()
	task.becomes("completed")
	want(t, "the next event: save", w.hooked.calls(), 1)
	w.fake.Event("com.twilio.taskrouter.task.completed", ended, map[string]any{"task_sid": task.sid, "task_attributes": c.taskAttributes()})
	w.fake.Flush()
	want(t, "a duplicate", w.hooked.calls(), 0)
	w.restartWebhook()
	c.waiting()
	want(t, "a new instance: load, save", w.hooked.calls(), 2)
	w.restartedAlongside(func() { c.waiting() })
	c.waiting()
	want(t, "another instance wrote meanwhile: refused save, load, save", w.hooked.calls(), 3)
}

// The mix: 60 chats and 40 conversations with one task each, 20 of them with a transfer,
// 30 calls, one event in ten delivered twice; on one instance that has seen each channel.
func TestCallsPerEventOnAverage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "on average an event on a warm instance costs at most 1.1 calls", nil)
	var tasks []*job
	for i := range 100 {
		c := w.chat()
		if i >= 60 {
			c = w.conversation()
		}
		tasks = append(tasks, c.task())
		if i%5 == 0 {
			tasks = append(tasks, c.task())
		}
	}
	for range 30 {
		tasks = append(tasks, w.taskWith(`{"call_sid":"CA1"}`))
	}
	before := len(w.fake.Deliveries())
	w.hooked.calls()
	for i, task := range tasks {
		w.pass(time.Minute)
		if task.work(); i%10 == 0 {
			task.becomes("completed")
		}
	}
	w.pass(time.Hour)
	events, calls := len(w.fake.Deliveries())-before, w.hooked.calls()
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
					way.begin(w).task().work()
				}
				w.pass(retention)
				report := w.sweep()
				want(t, "retired", report.Retired, n)
				want(t, "calls", w.swept.calls(), run+n*way.calls)
				want(t, "calls in the report", report.Calls, int64(run+n*way.calls))
				want(t, "calls in the log", w.logs.last(t, "sweep")["calls"].(float64), float64(run+n*way.calls))
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
				w.chat().waiting()
			}
			report := w.sweep(`{"dryRun":true}`)
			want(t, "walked", report.Walked, row.records)
			want(t, "calls: the control document and the pages", w.swept.calls(), 1+row.pages)
		})
	}
}
