package operate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// TestUndoUnderALiveClaim: a sweep that is at work on the record is not robbed of its claim.
func TestUndoUnderALiveClaim(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := retired(w)
	c.NewTask() // in use again, so the next sweep puts it back
	env := open(t, w, w.Transport())
	var got operate.Changed
	sweeper := open(t, w, before(w, http.MethodPost, "/Channels/", func() { got = undo(t, env, c) }))
	if _, err := sweeper.Sweeper.Run(t.Context(), sweep.Request{}, quiet); err != nil {
		t.Fatal(err)
	}
	if done(got) != "not busy" || !strings.Contains(got.Text, "is at work on it, until ") {
		t.Errorf("%+v", got)
	}
	if r := c.Record(); r.Touched() || r.Hold != nil || c.Attributes() != longLived {
		t.Errorf("record %+v, attributes %s: want what the sweep did, and nothing else", r, c.Attributes())
	}
}

// TestUndoOfAnotherRun: what was listed as run A's is left alone when run B has retired it since.
func TestUndoOfAnotherRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := retired(w)
	env := open(t, w, w.Transport())
	seen, err := env.Load(t.Context(), c.SID)
	if err != nil {
		t.Fatal(err)
	}
	c.NewTask().Complete()
	w.Pass(49 * time.Hour)
	w.Sweep("{}")
	w.Pass(time.Hour)
	w.Sweep("{}")
	if r := c.Record(); r.Retirement == nil || r.Retirement.Run == seen.Record.Retirement.Run {
		t.Fatalf("record %+v: the test needs another run's retirement", r)
	}
	if got := env.Undo(t.Context(), seen); done(got) != "not conflict" {
		t.Errorf("%+v", got)
	}
	if c.Record().Status != channel.Retired {
		t.Error("the other run's retirement is undone")
	}
}

// TestStricterHoldStays: no hold ends earlier than somebody has asked for, and who did is told.
func TestStricterHoldStays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name          string
		first, second time.Duration // 0: for good
		did, by       string        // whose hold stands
		reason        string
	}{
		{"an hour after for good", 0, time.Hour, "kept", "eve", "legal's hold is not ended by a colleague's"},
		{"the same again", 0, 0, "kept", "eve", "nothing is gained, and the first reason is lost"},
		{"for good after an hour", time.Hour, 0, "held", "ann", "it lasts longer"},
		{"a shorter one", 48 * time.Hour, time.Hour, "kept", "eve", "the longer one stays"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.NewChatWith(longLived)
			c.NewTask()
			env := open(t, w, w.Transport())
			until := func(d time.Duration) time.Time {
				if d == 0 {
					return time.Time{}
				}
				return env.Now().Add(d).UTC()
			}
			env.By = "eve"
			env.Hold(t.Context(), c.SID, until(row.first), "legal")
			env.By = "ann"
			got := env.Hold(t.Context(), c.SID, until(row.second), "audit")
			if h := c.Record().Hold; done(got) != row.did || h.By != row.by || !strings.Contains(h.Reason, "legal") {
				t.Errorf("%s: %+v, hold %+v", row.reason, got, h)
			}
			if got := env.Release(t.Context(), c.SID); !strings.Contains(got.Text, row.by+" had held it") {
				t.Errorf("%+v: want whose hold it was", got)
			}
		})
	}
}

// TestHoldTooLate: of a conversation that a sweep closes just now nobody is told that it is held.
func TestHoldTooLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.NewPlainConversation()
	c.NewTask().Complete()
	w.Pass(49 * time.Hour)
	env := open(t, w, w.Transport())
	var got operate.Changed
	sweeper := open(t, w, before(w, http.MethodPost, "/Conversations/", func() { got = env.Hold(t.Context(), c.SID, time.Time{}, "audit") }))
	if _, err := sweeper.Sweeper.Run(t.Context(), sweep.Request{}, quiet); err != nil {
		t.Fatal(err)
	}
	if done(got) != "not too late" || !strings.Contains(got.Text, "may have done it already") {
		t.Errorf("meanwhile: %+v", got)
	}
	if got := env.Hold(t.Context(), c.SID, time.Time{}, "audit"); done(got) != "not too late" || !strings.Contains(got.Text, "that is final") {
		t.Errorf("afterwards: %+v", got)
	}
}

// TestReleaseOfAnother: a hold that was set in between is not lifted unseen.
func TestReleaseOfAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.NewChatWith(longLived)
	c.NewTask()
	eve := open(t, w, w.Transport())
	eve.By = "eve"
	env := open(t, w, before(w, http.MethodPost, "/Documents/", func() { eve.Hold(t.Context(), c.SID, time.Time{}, "legal") }))
	eve.Hold(t.Context(), c.SID, eve.Now().Add(time.Hour), "audit")
	if got := env.Release(t.Context(), c.SID); done(got) != "not conflict" {
		t.Errorf("%+v", got)
	}
	if h := c.Record().Hold; h == nil || !h.Until.IsZero() {
		t.Errorf("hold %+v", h)
	}
}

// TestResumeOfAnotherPause: a pause that was set in between stands.
func TestResumeOfAnotherPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	env := open(t, w, w.Transport())
	if _, _, err := env.Pause(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	seen, err := env.Control(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Resume(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	if _, _, err := env.Pause(t.Context(), "second"); err != nil {
		t.Fatal(err)
	}
	if err := env.Resume(t.Context(), seen); err == nil || !strings.Contains(err.Error(), "another one than you have seen") {
		t.Errorf("%v", err)
	}
	if now, err := env.Control(t.Context()); err != nil || !now.Paused || now.Reason != "second" {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestUnheardTask: a task whose events never came keeps its channel, and is shown.
func TestUnheardTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.NewChatWith(longLived)
	c.NewTask().Complete()
	w.Deliver = world.Drop
	task := c.NewTask()
	env := open(t, w, w.Transport())
	entry, err := env.Load(t.Context(), c.SID)
	if err != nil {
		t.Fatal(err)
	}
	if got := env.Retire(t.Context(), entry); done(got) != "not refused" || !strings.Contains(got.Text, task.SID) || c.Attributes() != longLived {
		t.Errorf("%+v, attributes %s", got, c.Attributes())
	}
	facts, err := env.Live(t.Context(), entry.Record)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		if f.What == "task "+task.SID && f.Differs {
			return
		}
	}
	t.Errorf("%+v: want the task as a difference", facts)
}
