package integration

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/world"
)

func TestKindsOfEnd(t *testing.T) {
	t.Parallel()
	ends := []struct {
		name, outcome, reason string
		end                   func(*world.Job)
	}{
		{"completed", "completed", "an agent did the task", func(j *world.Job) { j.Becomes("reserved", "assigned", "wrapping", "completed") }},
		{"canceled", "canceled", "nobody took the task; it is never completed", func(j *world.Job) { j.Becomes("canceled") }},
		{"deleted", "deleted", "somebody deleted the task through the API", func(j *world.Job) { j.Becomes("deleted") }},
		{"system-deleted", "system-deleted", "Twilio deleted a task whose other events were lost", func(j *world.Job) {
			j.Lose(func() { j.Becomes("canceled") })
			j.Pass(5 * time.Minute)
		}},
		{"task TTL exceeded", "canceled", "the task waited longer than its time to live", func(j *world.Job) { j.Pass(24 * time.Hour) }},
	}
	for _, end := range ends {
		for _, way := range ways {
			t.Run(end.name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, end.reason+"; "+way.reason, way.settings)
				c := way.begin(w)
				task := c.NewWaitingTask()
				end.end(task)
				w.Pass(10 * time.Minute) // the system-deleted event that follows must change nothing
				ended := c.Record().Tasks[task.SID]
				want(t, "phase", ended.Phase, channel.Ended)
				want(t, "outcome", ended.Outcome, end.outcome)
				if kept := retention - w.Fake.Clock().Now().Sub(ended.Time) - time.Second; kept > 0 {
					w.Pass(kept)
				}
				want(t, "reason to keep, a second before", w.Sweep().Skipped[channel.ReasonRetention], 1)
				w.Pass(time.Second)
				want(t, "retired", w.Sweep().Retired, 1)
				c.MustBe(way.end, "after the sweep")
			})
		}
	}
}

func TestTasksThatShareAChannel(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run("a transfer's tasks overlap/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "created(B) comes before completed(A): the last event says completed, but an agent is at work", way.settings)
			c := way.begin(w)
			first := c.NewTask()
			second := c.NewTask()
			first.Complete()
			w.Pass(3 * retention)
			want(t, "kept for the open task", w.Sweep().Skipped[channel.ReasonOpenTask], 1)
			c.MustBe(usable, "while the second task is open")
			second.Complete()
			w.Pass(retention - time.Second)
			want(t, "retired before the time is up", w.Sweep().Due, 0)
			w.Pass(time.Second)
			want(t, "retired", w.Sweep().Retired, 1)
			c.MustBe(way.end, "in the end")
		})
		t.Run("in wrap-up is not ended/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "an agent who is wrapping up may still write on the channel", way.settings)
			c := way.begin(w)
			c.NewTask().Becomes("wrapping")
			w.Pass(10 * retention)
			want(t, "kept for the open task", w.Sweep().Skipped[channel.ReasonOpenTask], 1)
			c.MustBe(usable, "during wrap-up")
		})
	}
}

func TestTasksWithoutAChannel(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, attributes, reason string }{
		{"voice", `{"call_sid":"CA00000000000000000000000000000001","direction":"inbound"}`,
			"a call has no channel, and a record named after none would poison every sweep"},
		{"nulls", `{"channelSid":null,"conversationSid":null}`, "a legacy transfer removes channelSid before the task ends"},
		{"empty", `{"channelSid":""}`, "an application may blank the attribute"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			w.NewTaskWith(row.attributes).Complete()
			want(t, "records", len(w.Records()), 0)
			want(t, "calls to Twilio", w.WebhookWire.Calls(), 0)
			for _, d := range w.Fake.Deliveries() {
				want(t, "outcome of the delivery", d.Outcome, "delivered")
			}
			want(t, "walked", w.Sweep().Walked, 0)
		})
	}
}
