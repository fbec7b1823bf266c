package sweep_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

func TestRunIsRemembered(t *testing.T) {
	t.Parallel()
	ordinary := ledger.Summary{Run: "run", Started: noon, Outcome: "completed", Walked: 11, Due: 4, Retired: 4, Restored: 1}
	dry := ledger.Summary{Run: "run", Started: noon, Outcome: "completed", DryRun: true, Walked: 11, Due: 4}
	for name, row := range map[string]struct {
		reason  string
		request sweep.Request
		memory  func(*memory)
		want    []ledger.Summary
	}{
		"ordinary":    {"an operator wants to know what the last runs did", sweep.Request{}, nil, []ledger.Summary{ordinary}},
		"dry":         {"it is shown as what it was", sweep.Request{DryRun: true}, nil, []ledger.Summary{dry}},
		"paused":      {"a pause of days must not push all that was done out of the history", sweep.Request{}, func(m *memory) { m.control.Paused = true }, nil},
		"idle":        {"most ticks are, and nothing was done", sweep.Request{Tick: true}, func(m *memory) { m.history.Pass = &ledger.Pass{Started: noon, Ended: noon} }, nil},
		"broken":      {"that nothing could be done matters most", sweep.Request{}, func(m *memory) { m.before = failing("page") }, []ledger.Summary{{Run: "run", Started: noon, Outcome: "broken"}}},
		"no control":  {"that nothing could be done matters most", sweep.Request{}, func(m *memory) { m.before = failing("control") }, []ledger.Summary{{Run: "run", Started: noon, Outcome: "broken"}}},
		"not written": {"the run has succeeded all the same", sweep.Request{}, func(m *memory) { m.before = failing("set history") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(mixed())
			if row.memory != nil {
				row.memory(room.memory)
			}
			report, lines, err := room.run(t, row.request)
			if (err != nil) != (report.Outcome == sweep.Broken) {
				t.Errorf("%s: %v, outcome %s", row.reason, err, report.Outcome)
			}
			if d := cmp.Diff(row.want, room.memory.history.Sweeps); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if warned := len(said(lines, "sweep not remembered: Twilio is down")) == 1; warned != (name == "not written") {
				t.Errorf("%s: the log is %v", row.reason, lines)
			}
		})
	}
}

// What was so already, or is gone, is as good as retired; how long the run took is remembered.
func TestTheSummaryOfARun(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(7))
	newClock(room, 10*time.Second)
	each, n := room.retirer.each, 0
	room.retirer.each = func(what string, r channel.Record) {
		each(what, r)
		room.retirer.result = []channel.Result{channel.Done, channel.Done, channel.Done, channel.Done, channel.Already, channel.Already, channel.Gone}[n]
		n++
	}
	room.mustRun(t, sweep.Request{})
	want := []ledger.Summary{{Run: "run", Started: noon, Seconds: 70, Outcome: "completed", Walked: 7, Due: 7, Retired: 7}}
	if d := cmp.Diff(want, room.memory.history.Sweeps); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOne(t *testing.T) {
	t.Parallel()
	kept := held(ended(1, time.Minute)) // neither due nor free
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		action channel.Action
		answer answer
		want   sweep.Item
		status channel.Status
	}{
		"retire":  {"the operator decides, whatever the policy says", kept, channel.Retire, allDone, sweep.Item{Did: sweep.RetiredNow}, channel.Retired},
		"restore": {"a retirement is undone", opened(settled(claimedByRun(ended(1, time.Hour)))), channel.Restore, allDone, sweep.Item{Did: sweep.Restored}, channel.Tracking},
		"fails":   {"the error is in the answer", kept, channel.Retire, answer{err: errDown, found: active()}, sweep.Item{Did: sweep.FailedNow, Failures: 1}, channel.Retiring},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(row.record)
			room := newRoom(m)
			room.retirer.answer = row.answer
			name, item := room.sweeper().One(t.Context(), m.entries[sid(1)], row.action, discard)
			row.want.Channel, row.want.Reason, row.want.Since = sid(1), sweep.ReasonOperator, noon
			if d := cmp.Diff(row.want, item, cmpopts.IgnoreFields(sweep.Item{}, "Text"), cmpopts.IgnoreUnexported(sweep.Item{})); d != "" || name != "run" {
				t.Errorf("%s: run %s (-want +got):\n%s", row.reason, name, d)
			}
			if got := m.entries[sid(1)].Record.Status; got != row.status {
				t.Errorf("%s: the record is %s", row.reason, got)
			}
		})
	}
}
