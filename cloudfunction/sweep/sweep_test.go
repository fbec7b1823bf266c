package sweep_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// mixed is a ledger with a record of every kind; four are due, one is to be restored.
func mixed() *memory {
	hold := ended(5, 9*time.Hour)
	hold.Hold = &channel.Hold{By: "ops", Reason: "why"}
	claimed := takenOver(ended(6, 9*time.Hour))
	empty := channel.Record{Version: 1, SID: sid(8), Status: channel.Tracking}
	return newMemory(
		ended(1, 3*time.Hour), ended(2, 5*time.Hour), ended(3, 30*time.Minute), opened(ended(4, 9*time.Hour)), hold, claimed,
		settled(claimedByRun(ended(7, 9*time.Hour))), empty, opened(left(ended(9, 9*time.Hour), channel.Deactivate)), ended(10, 2*time.Hour), ended(11, 5*time.Hour),
	)
}

func TestRun(t *testing.T) {
	t.Parallel()
	all := []string{"restore 9", "retire 2", "retire b", "retire 1", "retire a"} // what is to be put back first, then the most overdue
	skipped := map[channel.Reason]int{channel.ReasonRetention: 1, channel.ReasonOpenTask: 1, channel.ReasonHold: 1, channel.ReasonClaimed: 1, channel.ReasonRetired: 1, channel.ReasonNoTask: 1}
	paused := func(m *memory) { m.control = ledger.Control{Paused: true, By: "ops", Reason: "audit", Since: noon} }
	// All was there when the last complete pass began, and 4 were due already.
	unexplained := func(m *memory) { m.history.Complete = &ledger.Pass{Started: noon.Add(-30 * time.Second)} }
	most := func(n int) func(*sweep.Config) { return func(c *sweep.Config) { c.MaxUnexplained = n } }
	const limit = 3*3600 + 3600
	full := sweep.Report{
		Run: "run", Started: noon, Ended: noon, Outcome: sweep.Completed, Walked: 11, Due: 4, Retired: 4, Restored: 1, Skipped: skipped,
		OldestOverdueSeconds: limit, OldestOpenTaskSeconds: 60, Pass: sweep.PassReport{Started: noon, Ended: noon, Pages: 6, Records: 11},
		Lateness: sweep.Lateness{P50: limit, P95: limit, Max: limit},
	}
	plan := full
	plan.DryRun, plan.Retired, plan.Restored, plan.Lateness = true, 0, 0, sweep.Lateness{}
	change := func(r sweep.Report, f func(*sweep.Report)) sweep.Report { f(&r); return r }
	limited := func(f func(*sweep.Report)) sweep.Report { // the pass stands before what was put off
		return change(full, func(r *sweep.Report) { r.Pass.Ended, r.Pass.Pages, r.Pass.Records = time.Time{}, 0, 0; f(r) })
	}

	for name, row := range map[string]struct {
		reason  string
		request sweep.Request
		config  func(*sweep.Config)
		memory  func(*memory)
		asked   []string
		want    sweep.Report
		text    string
	}{
		"all":     {"each record by its verdict", sweep.Request{}, nil, nil, all, full, ""},
		"a limit": {"the most overdue first, the rest next time", sweep.Request{Limit: 2}, nil, nil, all[:2], limited(func(r *sweep.Report) { r.Retired, r.Deferred = 1, 3 }), ""},
		"failed before": {"what keeps failing must not take the places of all others", sweep.Request{Limit: 3}, nil, func(m *memory) {
			e := m.entries[sid(2)]
			e.Record.Failure = &channel.Failure{Count: 3}
			m.entries[sid(2)] = e
		},
			[]string{"restore 9", "retire b", "retire 1"}, limited(func(r *sweep.Report) {
				r.Retired, r.Deferred, r.Failing = 2, 2, 1
				r.Lateness = sweep.Lateness{P50: limit, P95: limit, Max: limit}
			}), ""},
		"a higher limit": {"a request can only lower the limit", sweep.Request{Limit: 99}, func(c *sweep.Config) { c.MaxRetirements = 1 }, nil, all[:1], limited(func(r *sweep.Report) { r.Retired, r.Deferred, r.Lateness = 0, 4, sweep.Lateness{} }), ""},
		"dry":            {"all but the writing", sweep.Request{DryRun: true}, nil, nil, nil, plan, ""},
		"dry, a limit":   {"it plans no more, and counts to the end", sweep.Request{DryRun: true, Limit: 2}, nil, nil, nil, change(plan, func(r *sweep.Report) { r.Deferred = 3 }), ""},
		"paused":         {"nothing is even read", sweep.Request{}, nil, paused, nil, sweep.Report{Run: "run", Started: noon, Ended: noon, Outcome: sweep.Paused, Skipped: map[channel.Reason]int{}}, "ops paused the sweeps at 2026-03-01T12:00:00Z: audit"},
		"paused, dry":    {"looking is allowed, and it says so", sweep.Request{DryRun: true}, nil, paused, nil, plan, "ops paused"},
		"unexplained": {"a clock or a setting has gone wrong; what is to be put back is", sweep.Request{}, most(3), unexplained, all[:1], change(full, func(r *sweep.Report) {
			r.Outcome, r.Retired, r.Refused, r.Unexplained, r.Lateness = sweep.Refused, 0, 4, 4, sweep.Lateness{}
			r.Pass.CompleteAgeSeconds = 30
		}), "4 channels are due that the pass of 2026-03-01T11:59:30Z should have retired, more than the 3 of MAX_UNEXPLAINED"},
		"unexplained, dry": {"looking is allowed, and it says so", sweep.Request{DryRun: true}, most(3), unexplained, nil, change(plan, func(r *sweep.Report) {
			r.Outcome, r.Unexplained, r.Pass.CompleteAgeSeconds = sweep.Refused, 4, 30
		}), "--accept-due"},
		"just as many": {"that many are allowed", sweep.Request{}, most(4), unexplained, all, change(full, func(r *sweep.Report) { r.Unexplained, r.Pass.CompleteAgeSeconds = 4, 30 }), ""},
		"seen twice":   {"a ledger that changes may show a record twice", sweep.Request{}, nil, func(m *memory) { m.order = append(m.order, sid(2)) }, all, full, ""},
		"faulty":       {"it is counted, and costs no other", sweep.Request{}, nil, func(m *memory) { m.faulty = []ledger.Faulty{{Document: "ET1", Err: errDown}} }, all, change(full, func(r *sweep.Report) { r.Faulty = 6 }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(mixed())
			m, r := room.memory, room.retirer
			if row.config != nil {
				row.config(&room.config)
			}
			if row.memory != nil {
				row.memory(m)
			}
			before := fmt.Sprint(m.entries)
			report, lines, err := room.run(t, row.request)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(row.want, *report, cmpopts.IgnoreFields(sweep.Report{}, "Items", "Text"), cmpopts.IgnoreUnexported(sweep.Lateness{})); d != "" {
				t.Errorf("%s: the report (-want +got):\n%s", row.reason, d)
			}
			if (report.Text == "") != (row.text == "") || !strings.Contains(report.Text, row.text) {
				t.Errorf("the text is %q, want one with %q", report.Text, row.text)
			}
			if d := cmp.Diff(row.asked, r.asked); d != "" {
				t.Errorf("%s: asked (-want +got):\n%s", row.reason, d)
			}
			if len(row.asked) == 0 && fmt.Sprint(m.entries) != before {
				t.Errorf("%s: the ledger was changed", row.reason)
			}
			summary := lines[len(lines)-1]
			if summary["msg"] != "sweep" || summary["run"] != "run" || summary["outcome"] != string(report.Outcome) || summary["retired"] != float64(report.Retired) {
				t.Errorf("the summary line is %v", summary)
			}
		})
	}
}

func TestDryRunSaysWhatItWould(t *testing.T) {
	t.Parallel()
	report, _, err := newRoom(mixed()).run(t, sweep.Request{DryRun: true, Limit: 2})
	want := []sweep.Item{
		{Channel: sid(2), Did: sweep.WouldRetire, Reason: channel.ReasonDue, Since: noon.Add(-4 * time.Hour)},
		{Channel: sid(9), Did: sweep.WouldRestore, Reason: channel.ReasonOpenTask, Since: noon.Add(-time.Minute)},
	}
	if d := cmp.Diff(want, report.Items, cmpopts.IgnoreFields(sweep.Item{}, "Text"), cmpopts.IgnoreUnexported(sweep.Item{})); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	for _, item := range report.Items {
		if item.Text == "" {
			t.Errorf("%s has no text for the operator", item.Channel)
		}
	}
}

func TestRunThatCannotKnow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		fails  string
		text   string
	}{
		"the control document": {"it may say that sweeps are paused", "control", "tell whether sweeps are paused: Twilio is down"},
		"the history":          {"how far the last sweep came is not known", "history", "read how far the last sweep came: Twilio is down"},
		"the walk":             {"what was not seen may be half of it", "page", "Twilio is down"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(mixed())
			room.memory.before = failing(row.fails)
			report, lines, err := room.run(t, sweep.Request{})
			r := room.retirer
			if err == nil || report.Outcome != sweep.Broken || report.Text != row.text || len(r.asked) > 0 {
				t.Errorf("%s: %v, %+v, asked %v", row.reason, err, report, r.asked)
			}
			if level := lines[len(lines)-1]["level"]; level != "ERROR" {
				t.Errorf("logged as %v", level)
			}
		})
	}
}

// One channel's failure never stops the others.
func TestOneFailureCostsNoOther(t *testing.T) {
	t.Parallel()
	room := newRoom(mixed())
	room.memory.before = func(_ *memory, operation, channel string) error {
		if operation == "save retiring" && channel == sid(2) {
			return errDown
		}
		return nil
	}
	room.config.Concurrency = 4
	if report := room.mustRun(t, sweep.Request{}); report.Retired != 3 || report.Failed != 1 || report.Restored != 1 {
		t.Errorf("%+v", report)
	}
}

func TestRunStopsInTime(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  string
		each    time.Duration // how long one channel takes
		context func(context.Context) (context.Context, context.CancelFunc)
		left    int
	}{
		"no deadline": {"everything is done", time.Second, nil, 0},
		"a far deadline": {"everything is done", time.Second, func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, time.Hour)
		}, 0},
		"a near deadline": {"what is under way needs the rest", 8 * time.Second, func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, 42*time.Second) // 22 less the margin, less what the test itself takes
		}, 2},
		"the longest run": {"a claim must not outlive its lease", channel.Lease - 5*time.Minute, nil, 4},
		"just less":       {"what was begun is finished", (channel.Lease - 5*time.Minute - time.Second) / 4, nil, 0},
		"midway":          {"what was begun is finished", (channel.Lease - 5*time.Minute) / 3, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if row.context != nil {
				var cancel context.CancelFunc
				ctx, cancel = row.context(ctx)
				defer cancel()
			}
			room := newRoom(mixed())
			newClock(room, row.each)
			report, _, err := room.runIn(ctx, t, sweep.Request{})
			if err != nil || report.LeftOver != row.left || len(room.retirer.asked) != 5-row.left {
				t.Errorf("%s: %v, %d left over, asked %v", row.reason, err, report.LeftOver, room.retirer.asked)
			}
			if stopped := report.Outcome == sweep.Stopped; stopped != (row.left > 0) || stopped != (report.Text != "") {
				t.Errorf("%s: outcome %s, %q", row.reason, report.Outcome, report.Text)
			}
		})
	}
}

// With no time at all nothing is begun, not even the reading.
func TestRunWithoutTime(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  string
		context func(context.Context) (context.Context, context.CancelFunc)
	}{
		"near deadline": {"what is under way needs the rest", func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, 15*time.Second)
		}},
		"the caller has gone": {"nobody waits for it", func(c context.Context) (context.Context, context.CancelFunc) {
			c, cancel := context.WithCancel(c)
			cancel()
			return c, cancel
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := row.context(t.Context())
			defer cancel()
			room := newRoom(mixed())
			report, _, err := room.runIn(ctx, t, sweep.Request{})
			if err != nil || report.Outcome != sweep.Stopped || report.Walked != 0 || len(room.retirer.asked) > 0 {
				t.Errorf("%s: %v, %+v, asked %v", row.reason, err, report, room.retirer.asked)
			}
		})
	}
}
