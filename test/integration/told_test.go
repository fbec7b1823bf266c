package integration

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

const eventPrefix = "com.twilio.taskrouter."

const lateTask = "WT0123456789abcdef0123456789abcdef"

func (ev lateEvent) send(w *world.World, c *world.Thread) {
	w.Fake.Event(eventPrefix+ev.name, ev.at, map[string]any{
		"account_sid": w.Settings["TWILIO_ACCOUNT_SID"], "workspace_sid": w.Workspace,
		"task_sid": lateTask, "task_attributes": c.TaskAttributes(),
	})
	w.Fake.Flush()
}

type lateEvent struct {
	name string
	at   time.Time
}

func finish(j *world.Job) { j.Becomes("reserved", "assigned", "wrapping", "completed") }

func on(key, sid, more string) string { return fmt.Sprintf(`{"%s":"%s"%s}`, key, sid, more) }

func TestTypeShortensRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a stranger's type must not replace the default retention", world.Settings{"RETENTION_BY_CHANNEL_TYPE": "web=1h"})
	c := w.NewChat()
	finish(w.NewTaskWith(on("channelSid", c.SID, "")))
	finish(w.NewTaskWith(on("channelSid", c.SID, `,"channelType":"web"`)))
	w.Pass(2 * time.Hour)
	w.Sweep()
	c.MustBe(usable, "2h after the end, with a retention of 48h")
}

func TestClosedUnderAfterLostAnswer(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprint("lost=", lost), func(t *testing.T) {
			w := newWorld(t, "a closing whose answer was lost is still ours", nil)
			c := w.NewPlainConversation()
			finish(c.NewWaitingTask())
			w.Pass(retention + time.Hour)
			at := w.Fake.Clock().Now().Add(-time.Minute)
			if lost {
				w.Fake.Faults().Add(faketwilio.Fault{Product: "conversations", Method: http.MethodPost, Reset: true, Late: true, Times: 1})
			}
			w.Sweep()
			w.Fake.Faults().Clear()
			c.MustBe(retired, "after the sweep")
			lateEvent{"task.created", at}.send(w, c)
			want(t, "closed under", len(c.Record().ClosedUnder()), 1)
		})
	}
}

func TestWrapupErasedByEnd(t *testing.T) {
	t.Parallel()
	for _, end := range []bool{false, true} {
		t.Run(fmt.Sprint("end=", end), func(t *testing.T) {
			w := newWorld(t, "what was known to be open at the closing stays so when its end is heard", nil)
			c := w.NewPlainConversation()
			finish(c.NewWaitingTask())
			w.Pass(retention + time.Hour)
			at := w.Fake.Clock().Now().Add(-time.Minute)
			w.Sweep()
			w.Pass(5 * time.Minute)
			lateEvent{"task.wrapup", at}.send(w, c)
			if end {
				lateEvent{"task.completed", w.Fake.Clock().Now()}.send(w, c)
			}
			want(t, "closed under", len(c.Record().ClosedUnder()), 1)
		})
	}
}

func TestToldWhatIsNotSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a task created after the closing was not closed under", nil)
	c := w.NewPlainConversation()
	finish(c.NewWaitingTask())
	w.Pass(retention + time.Hour)
	dead, next := false, w.SweepWire.Next
	w.SweepWire.Next = world.RoundTripper(func(r *http.Request) (*http.Response, error) {
		if dead {
			return nil, errors.New("killed")
		}
		res, err := next.RoundTrip(r)
		dead = r.Method == http.MethodPost && strings.Contains(r.URL.Host, "conversations")
		return res, err
	})
	w.TrySweep()
	c.MustBe(retired, "after the crash")
	w.RestartSweep()
	w.Pass(10 * time.Minute)
	w.NewTaskWith(c.TaskAttributes())
	w.Pass(time.Hour)
	w.Sweep()
	want(t, "closed under", len(c.Record().ClosedUnder()), 0)
}

func TestOverflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "strangers' tasks must not push the victim's out, nor keep its channel for ever", nil)
	c := w.NewChat()
	own := c.NewTask()
	var jobs []*world.Job
	for range channel.MaxTasks {
		jobs = append(jobs, w.NewTaskWith(on("channelSid", c.SID, "")))
	}
	if _, found := c.Record().Tasks[own.SID]; !found {
		t.Errorf("the victim's open task is not in the ledger any more")
	}
	for _, j := range append(jobs, own) {
		j.Becomes("canceled")
	}
	w.Pass(30 * 24 * time.Hour)
	w.Sweep()
	c.MustBe(retired, "30 days after every task has ended")
}
