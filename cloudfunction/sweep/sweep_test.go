package sweep_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

var discard = slog.New(slog.NewJSONHandler(io.Discard, nil))

// observer also notes the retirement that is to be undone.
type observer struct {
	retirer
	restored **channel.Retirement
}

func (o *observer) Restore(ctx context.Context, r channel.Record) (retire.Restoration, error) {
	*o.restored = r.Retirement
	return o.retirer.Restore(ctx, r)
}

// mixed is a ledger with a record of every kind; four are due, one is to be restored.
func mixed() *memory {
	hold := ended(5, 9*time.Hour)
	hold.Hold = &channel.Hold{By: "ops", Reason: "why"}
	claimed := channel.Claimed(ended(6, 9*time.Hour), "other", channel.Deactivate, noon)
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
	share := func(c *sweep.Config) { c.MaxDueShare = 0.39 } // 4 of 10 that are not retired
	const limit = 3*3600 + 3600
	full := sweep.Report{Run: "run", Started: noon, Ended: noon, Outcome: sweep.Completed, Walked: 11, Due: 4, Retired: 4, Restored: 1, Skipped: skipped, OldestOverdueSeconds: limit}
	plan := full
	plan.DryRun, plan.Retired, plan.Restored = true, 0, 0
	change := func(r sweep.Report, f func(*sweep.Report)) sweep.Report { f(&r); return r }

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
		"a limit": {"the most overdue first, the rest next time", sweep.Request{Limit: 2}, nil, nil, all[:2], change(full, func(r *sweep.Report) { r.Retired, r.Deferred = 1, 3 }), ""},
		"failed before": {"what keeps failing must not take the places of all others", sweep.Request{Limit: 3}, nil, func(m *memory) {
			e := m.entries[sid(2)]
			e.Record.Failure = &channel.Failure{Count: 3}
			m.entries[sid(2)] = e
		},
			[]string{"restore 9", "retire b", "retire 1"}, change(full, func(r *sweep.Report) { r.Retired, r.Deferred, r.Failing = 2, 2, 1 }), ""},
		"a higher limit":   {"a request can only lower the limit", sweep.Request{Limit: 99}, func(c *sweep.Config) { c.MaxRetirements = 1 }, nil, all[:1], change(full, func(r *sweep.Report) { r.Retired, r.Deferred = 0, 4 }), ""},
		"dry":              {"all but the writing", sweep.Request{DryRun: true}, nil, nil, nil, plan, ""},
		"paused":           {"nothing is even read", sweep.Request{}, nil, paused, nil, sweep.Report{Run: "run", Started: noon, Ended: noon, Outcome: sweep.Paused, Skipped: map[channel.Reason]int{}}, "ops paused the sweeps at 2026-03-01T12:00:00Z: audit"},
		"paused, dry":      {"looking is allowed, and it says so", sweep.Request{DryRun: true}, nil, paused, nil, plan, "ops paused"},
		"too large share":  {"a clock or a setting has gone wrong", sweep.Request{}, share, nil, nil, change(full, func(r *sweep.Report) { r.Outcome, r.Retired, r.Restored = sweep.Refused, 0, 0 }), "4 of 10 channels are due at once, more than the share of 0.39"},
		"too large, dry":   {"looking is allowed, and it says so", sweep.Request{DryRun: true}, share, nil, nil, change(plan, func(r *sweep.Report) { r.Outcome = sweep.Refused }), "MAX_DUE_SHARE"},
		"too large, sure":  {"the operator has looked", sweep.Request{IgnoreDueShare: true}, share, nil, all, full, ""},
		"the share itself": {"just the share is allowed", sweep.Request{}, func(c *sweep.Config) { c.MaxDueShare = 0.4 }, nil, all, full, ""},
		"a small ledger":   {"shares of few mean nothing", sweep.Request{}, func(c *sweep.Config) { c.MaxDueShare, c.MinRecords = 0.1, 10 }, nil, all, full, ""},
		"seen twice":       {"a walk of a changing ledger may repeat a record", sweep.Request{}, nil, func(m *memory) { m.order = append(m.order, sid(2)) }, all, change(full, func(r *sweep.Report) { r.Walked, r.Due = 12, 5 }), ""},
		"faulty":           {"it is counted, and costs no other", sweep.Request{}, nil, func(m *memory) { m.faulty = []ledger.Faulty{{Document: "flexsweep-CHx", Err: errDown}} }, all, change(full, func(r *sweep.Report) { r.Faulty = 6 }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, m, r := config, mixed(), &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}, restoration: retire.PutBack}}
			if row.config != nil {
				row.config(&c)
			}
			if row.memory != nil {
				row.memory(m)
			}
			before := fmt.Sprint(m.entries)
			report, lines, err := run(t, c, m, r, row.request)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(row.want, *report, cmpopts.IgnoreFields(sweep.Report{}, "Items", "Text")); d != "" {
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
	report, _, err := run(t, config, mixed(), &retirer{}, sweep.Request{DryRun: true, Limit: 2})
	want := []sweep.Item{
		{Channel: sid(2), Did: sweep.WouldRetire, Reason: channel.ReasonDue, Since: noon.Add(-4 * time.Hour)},
		{Channel: sid(9), Did: sweep.WouldRestore, Reason: channel.ReasonOpenTask, Since: noon},
	}
	if d := cmp.Diff(want, report.Items, cmpopts.IgnoreFields(sweep.Item{}, "Text")); d != "" || err != nil {
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
		"the walk":             {"what was not seen may be half of it", "page", "Twilio is down"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, r := mixed(), &retirer{}
			m.before = failing(row.fails)
			report, lines, err := run(t, config, m, r, sweep.Request{})
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
	m := mixed()
	m.before = func(_ *memory, operation, channel string) error {
		if operation == "save retiring" && channel == sid(2) {
			return errDown
		}
		return nil
	}
	r := &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}, restoration: retire.PutBack}}
	c := config
	c.Concurrency = 4
	report, _, err := run(t, c, m, r, sweep.Request{})
	if err != nil || report.Retired != 3 || report.Failed != 1 || report.Restored != 1 {
		t.Errorf("%v, %+v", err, report)
	}
}

func TestRunStopsInTime(t *testing.T) {
	t.Parallel()
	jump := func(after int) func() time.Time { // the clock jumps beyond the longest run
		calls := 0
		return func() time.Time {
			if calls++; calls > after {
				return noon.Add(channel.Lease)
			}
			return noon
		}
	}
	frozen := func() time.Time { return noon }
	for name, row := range map[string]struct {
		reason  string
		now     func() time.Time
		context func(context.Context) (context.Context, context.CancelFunc)
		left    int
	}{
		"no deadline": {"everything is done", frozen, nil, 0},
		"a far deadline": {"everything is done", frozen, func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, time.Hour)
		}, 0},
		"a near deadline": {"what is under way needs the rest", frozen, func(c context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(c, 15*time.Second)
		}, 5},
		"no time at all": {"the caller has gone", frozen, func(c context.Context) (context.Context, context.CancelFunc) {
			c, f := context.WithCancel(c)
			f()
			return c, f
		}, 5},
		"the longest run":     {"a claim must not outlive its lease", jump(1), nil, 5},
		"the longest, midway": {"what was begun is finished", jump(2), nil, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if row.context != nil {
				var cancel context.CancelFunc
				ctx, cancel = row.context(ctx)
				defer cancel()
			}
			r := &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}, restoration: retire.PutBack}}
			report, err := sweep.New(config, mixed(), r, row.now, func(time.Time) string { return "run" }).Run(ctx, sweep.Request{}, discard)
			if err != nil || report.LeftOver != row.left || len(r.asked) != 5-row.left {
				t.Errorf("%s: %v, %d left over, asked %v", row.reason, err, report.LeftOver, r.asked)
			}
			if stopped := report.Outcome == sweep.Stopped; stopped != (row.left > 0) || stopped != (report.Text != "") {
				t.Errorf("%s: outcome %s, %q", row.reason, report.Outcome, report.Text)
			}
		})
	}
}
