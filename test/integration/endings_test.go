package integration

import (
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestKindsOfEnd(t *testing.T) {
	t.Parallel()
	ends := []struct {
		name, outcome, reason string
		end                   func(*job)
	}{
		{"completed", "completed", "an agent did the task", func(j *job) { j.becomes("reserved", "assigned", "wrapping", "completed") }},
		{"canceled", "canceled", "nobody took the task; it is never completed", func(j *job) { j.becomes("canceled") }},
		{"deleted", "deleted", "somebody deleted the task through the API", func(j *job) { j.becomes("deleted") }},
		{"system-deleted", "system-deleted", "Twilio deleted a task whose other events were lost", func(j *job) {
			j.lose(func() { j.becomes("canceled") })
			j.pass(5 * time.Minute)
		}},
		{"task TTL exceeded", "canceled", "the task waited longer than its time to live", func(j *job) { j.pass(24 * time.Hour) }},
	}
	for _, end := range ends {
		for _, way := range ways {
			t.Run(end.name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, end.reason+"; "+way.reason, way.settings)
				c := way.begin(w)
				task := c.waiting()
				end.end(task)
				w.pass(10 * time.Minute) // the system-deleted event that follows must change nothing
				ended := c.record().Tasks[task.sid]
				want(t, "phase", ended.Phase, channel.Ended)
				want(t, "outcome", ended.Outcome, end.outcome)
				if kept := retention - w.fake.Clock().Now().Sub(ended.Time) - time.Second; kept > 0 {
					w.pass(kept)
				}
				want(t, "reason to keep, a second before", w.sweep().Skipped[channel.ReasonRetention], 1)
				w.pass(time.Second)
				want(t, "retired", w.sweep().Retired, 1)
				c.mustBe(way.end, "after the sweep")
			})
		}
	}
}

// lose does something whose events never arrive: a 4xx makes Event Streams drop them.
func (w *world) lose(do func()) {
	w.deliver = func(*http.Request) (*http.Response, error) { return answer(http.StatusNotFound), nil }
	do()
	w.deliver = nil
}

// answer is an HTTP answer without a body.
func answer(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}
}

func TestTasksThatShareAChannel(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run("a transfer's tasks overlap/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "created(B) comes before completed(A): the last event says completed, but an agent is at work", way.settings)
			c := way.begin(w)
			first := c.task()
			second := c.task()
			first.work()
			w.pass(3 * retention)
			want(t, "kept for the open task", w.sweep().Skipped[channel.ReasonOpenTask], 1)
			c.mustBe(usable, "while the second task is open")
			second.work()
			w.pass(retention - time.Second)
			want(t, "retired before the time is up", w.sweep().Due, 0)
			w.pass(time.Second)
			want(t, "retired", w.sweep().Retired, 1)
			c.mustBe(way.end, "in the end")
		})
		t.Run("in wrap-up is not ended/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "an agent who is wrapping up may still write on the channel", way.settings)
			c := way.begin(w)
			c.task().becomes("wrapping")
			w.pass(10 * retention)
			want(t, "kept for the open task", w.sweep().Skipped[channel.ReasonOpenTask], 1)
			c.mustBe(usable, "during wrap-up")
		})
	}
}

func TestTasksWithoutAChannel(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, attributes, reason string }{
		{"voice", `{"call_sid":"CA00000000000000000000000000000001","direction":"inbound"}`, "a call has no channel, and a record named after none would poison every sweep"},
		{"nulls", `{"channelSid":null,"conversationSid":null}`, "a legacy transfer removes channelSid before the task ends"},
		{"empty", `{"channelSid":""}`, "an application may blank the attribute"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			w.taskWith(row.attributes).work()
			want(t, "records", len(w.records()), 0)
			want(t, "calls to Twilio", w.hooked.calls(), 0)
			for _, d := range w.fake.Deliveries() {
				want(t, "outcome of the delivery", d.Outcome, "delivered")
			}
			want(t, "walked", w.sweep().Walked, 0)
		})
	}
}
