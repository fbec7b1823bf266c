package operate_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// done is what a change came to, without its sentence.
func done(c operate.Changed) string {
	if c.Failed {
		return "not " + c.Did
	}
	return c.Did
}

// TestHoldLosesNoEvent: the event that comes in between load and save, and the hold, both stay.
func TestHoldLosesNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.NewChatWith(longLived)
	task := c.NewTask()
	env := open(t, w, before(w, http.MethodPost, "/Documents/", func() { task.Complete() }))
	if got := env.Hold(t.Context(), c.SID, time.Time{}, "audit"); done(got) != "held" {
		t.Fatal(got)
	}
	r := c.Record()
	if d := cmp.Diff(&channel.Hold{By: "ann", Reason: "audit"}, r.Hold); d != "" || r.Tasks[task.SID].Phase != channel.Ended {
		t.Errorf("task %v, hold (-want +got):\n%s", r.Tasks[task.SID], d)
	}
}

// TestHoldBeatsSweep: a hold that meets a sweep at work on the channel undoes it.
func TestHoldBeatsSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.NewChatWith(longLived)
	c.NewTask().Complete()
	w.Pass(49 * time.Hour)
	holder := open(t, w, w.Transport())
	sweeper := open(t, w, before(w, http.MethodPost, "/Channels/", func() { holder.Hold(t.Context(), c.SID, time.Time{}, "audit") }))
	report, err := sweeper.Sweeper.Run(t.Context(), sweep.Request{}, quiet)
	if err != nil || report.Restored != 1 {
		t.Errorf("%v, %+v", err, report)
	}
	if got := c.Attributes(); got != longLived {
		t.Errorf("attributes %s", got)
	}
}

// TestRetireMeetsEvent: what happened after the operator looked, or meanwhile, wins.
func TestRetireMeetsEvent(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, path string
		want       string
		reason     string
	}{
		{"before the claim", "/Documents/", "not conflict", "it is not the record any more that the operator has seen"},
		{"between claim and settling", "/Channels/", "not undone", "the channel is in use again, so it is put back"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.NewChatWith(longLived)
			c.NewTask().Complete()
			env := open(t, w, before(w, http.MethodPost, row.path, func() { c.NewTask() }))
			entry, err := env.Load(t.Context(), c.SID)
			if err != nil {
				t.Fatal(err)
			}
			if got := env.Retire(t.Context(), entry); done(got) != row.want {
				t.Errorf("%s: %+v, want %s", row.reason, got, row.want)
			}
			if got := c.Attributes(); got != longLived {
				t.Errorf("%s: attributes %s", row.reason, got)
			}
		})
	}
}

// TestUndoBroken: wherever undo breaks off, the next sweep finishes it.
func TestUndoBroken(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, method, path string
		back               bool // already, before the next sweep
		reason             string
	}{
		{"reading the channel", http.MethodGet, "/Channels/", false, "the record asks for it to be put back"},
		{"changing the channel", http.MethodPost, "/Channels/", false, "the record asks for it to be put back"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := retired(w)
			env := open(t, w, broken(w, row.method, row.path))
			if got := undo(t, env, c); done(got) != "not failed" || !strings.Contains(got.Text, "the next sweep tries again") {
				t.Errorf("%s: %+v", row.reason, got)
			}
			if r := c.Record(); operate.NewRow(entryOf(r), env.Config.Policy, env.Now()).State != operate.StateToRestore {
				t.Errorf("%s: %+v", row.reason, r)
			}
			w.Sweep("{}")
			if got := c.Attributes(); got != longLived {
				t.Errorf("%s: attributes %s", row.reason, got)
			}
			w.Sweep("{}") // and it is held
			if r := c.Record(); r.Status != channel.Tracking || r.Hold == nil || c.Attributes() != longLived {
				t.Errorf("%s: %+v", row.reason, r)
			}
		})
	}
}

// TestUndoMeetsEvent: an event at any moment of an undo leaves the channel back and its task known.
func TestUndoMeetsEvent(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/Documents/": "not conflict", "/Channels/": "undone"} {
		t.Run(strings.Trim(path, "/"), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := retired(w)
			var task *world.Job
			env := open(t, w, before(w, http.MethodPost, path, func() { task = c.NewTask() }))
			if got := undo(t, env, c); done(got) != want {
				t.Errorf("%+v, want %s", got, want)
			}
			w.Sweep("{}") // it puts back what was in use again before the undo began
			r := c.Record()
			if r.Tasks[task.SID].Phase != channel.Open || r.Status != channel.Tracking || c.Attributes() != longLived {
				t.Errorf("record %+v, attributes %s", r, c.Attributes())
			}
		})
	}
}

// TestUndoKeepsHold: a hold for good is not replaced by that of the undo.
func TestUndoKeepsHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := retired(w)
	env := open(t, w, w.Transport())
	env.Hold(t.Context(), c.SID, time.Time{}, "complaint")
	if got := undo(t, env, c); done(got) != "undone" {
		t.Fatal(got)
	}
	if h := c.Record().Hold; h == nil || h.Reason != "complaint" {
		t.Errorf("hold %+v", h)
	}
}

// TestUndoOfTombstone: the record of what came back does not expire.
func TestUndoOfTombstone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := retired(w)
	undo(t, open(t, w, w.Transport()), c)
	w.Pass(721 * time.Hour)
	if r := c.Record(); r.Status != channel.Tracking {
		t.Errorf("record %+v", r)
	}
}

// TestPauseMeetsAnother: of two operators at once, the second is told of the first.
func TestPauseMeetsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := open(t, w, w.Transport())
	env := open(t, w, before(w, http.MethodPost, "/Documents", func() {
		if _, _, err := other.Pause(t.Context(), "first"); err != nil {
			t.Error(err)
		}
	}))
	pause, changed, err := env.Pause(t.Context(), "second")
	if err != nil || changed || pause.Reason != "first" {
		t.Errorf("%+v, %v, %v", pause, changed, err)
	}
}

// TestDryRunWritesNothing: whatever is due, not one request but reads.
func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NewChatWith(longLived).NewTask().Complete()
	w.Pass(49 * time.Hour)
	env := open(t, w, w.Transport())
	w.Fake.Journal().Reset()
	walked := 0
	report, err := env.DryRun(t.Context(), sweep.Request{}, func(n int) { walked = n })
	if err != nil || report.Due != 1 || walked != 1 || !report.DryRun {
		t.Errorf("%v, walked %d, %+v", err, walked, report)
	}
	for _, e := range w.Fake.Journal().Entries() {
		if e.Method != http.MethodGet {
			t.Errorf("it sent %s %s", e.Method, e.Path)
		}
	}
}

// TestReadCounts: an overview agrees with its rows, and a page of 100 documents is one request.
func TestReadCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 230 {
		task := w.NewChatWith(longLived).NewTask()
		if i%2 == 0 {
			task.Complete()
		}
	}
	env := open(t, w, w.Transport())
	w.Fake.Journal().Reset()
	var seen []int
	s, err := env.Read(t.Context(), func(n int) { seen = append(seen, n) })
	if err != nil {
		t.Fatal(err)
	}
	want := operate.Overview{
		Channels: 230, Kinds: []operate.Kind{{Backend: channel.Chat, Type: "sms", Channels: 230, States: map[operate.State]int{operate.StateOpen: 115, operate.StateWaiting: 115}}},
		Next: []operate.Within{{1, 0}, {6, 0}, {24, 0}, {72, 115}},
	}
	if d := cmp.Diff(want, s.Overview); d != "" {
		t.Errorf("overview (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int{100, 200, 230}, seen); d != "" || w.Fake.Journal().Calls() != 5 {
		t.Errorf("%d requests, want 3 pages, pause and history; seen (-want +got):\n%s", w.Fake.Journal().Calls(), d)
	}
}

func TestOpenTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	outputs := func(settings map[string]string) deploy.Outputs {
		return deploy.Outputs{Functions: map[string]deploy.Function{"Sweep": {Environment: settings}}}
	}
	account := map[string]string{"TWILIO_ACCOUNT_SID": "AC" + strings.Repeat("0", 32), "SYNC_SERVICE_SID": "IS" + strings.Repeat("0", 32), "CHAT_SERVICE_SIDS": "IS" + strings.Repeat("1", 32)}
	fake := map[string]string{"TWILIO_BASE_URL": "http://127.0.0.1:1", "CLOCK_URL": "http://127.0.0.1:1"}
	for k, v := range account {
		fake[k] = v
	}
	for _, row := range []struct {
		name     string
		settings map[string]string
		secrets  secrets.Values
		want     string
		reason   string
	}{
		{"nothing applied", nil, secrets.Values{}, "read the settings of shop's sweep: TWILIO_ACCOUNT_SID: is required", "all faults at once, by name"},
		{"no secret", account, secrets.Values{}, "TWILIO_API_KEY: is required, with TWILIO_API_SECRET; or else TWILIO_AUTH_TOKEN", "what to give"},
		{"fake ended", fake, secrets.Values{AuthToken: "abc"}, "(does the fake Twilio of shop run?)", "at once, not at the first record"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := operate.Open(t.Context(), operate.Source{Name: "shop", Outputs: outputs(row.settings), Secrets: row.secrets, Now: time.Now})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%s: got %v, want %q", row.reason, err, row.want)
			}
		})
	}
}

func undo(t *testing.T, env *operate.Environment, c *world.Thread) operate.Changed {
	t.Helper()
	entry, err := env.Load(t.Context(), c.SID)
	if err != nil {
		t.Fatal(err)
	}
	return env.Undo(t.Context(), entry)
}
