package sweep_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// past is a history in memory.
type past struct {
	runs []ledger.Past
	err  error
}

func (p *past) Remember(_ context.Context, run ledger.Past) error {
	p.runs = append(p.runs, run)
	return p.err
}

func TestRunIsRemembered(t *testing.T) {
	t.Parallel()
	ordinary := ledger.Past{Run: "run", Started: noon, Outcome: "completed", Walked: 11, Due: 4, Retired: 4, Restored: 1}
	for name, row := range map[string]struct {
		reason  string
		request sweep.Request
		memory  func(*memory)
		err     error
		want    []ledger.Past
	}{
		"ordinary":   {"an operator wants to know what the last runs did", sweep.Request{}, nil, nil, []ledger.Past{ordinary}},
		"dry":        {"it changed nothing", sweep.Request{DryRun: true}, nil, nil, nil},
		"paused":     {"that nothing was done matters, too", sweep.Request{}, func(m *memory) { m.control.Paused = true }, nil, []ledger.Past{{Run: "run", Started: noon, Outcome: "paused"}}},
		"broken":     {"that nothing could be done matters most", sweep.Request{}, func(m *memory) { m.before = failing("page") }, nil, []ledger.Past{{Run: "run", Started: noon, Outcome: "broken"}}},
		"no history": {"the run has succeeded all the same", sweep.Request{}, nil, errDown, []ledger.Past{ordinary}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, p, c := mixed(), &past{err: row.err}, config
			c.History = p
			if row.memory != nil {
				row.memory(m)
			}
			r := &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}, restoration: retire.PutBack}}
			report, _, err := run(t, c, m, r, row.request)
			if (err != nil) != (report.Outcome == sweep.Broken) {
				t.Errorf("%s: %v, outcome %s", row.reason, err, report.Outcome)
			}
			if d := cmp.Diff(row.want, p.runs); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// Channels that keep failing stay due for ever: they must not have the run refused.
func TestFailingChannelsDoNotCountAsDue(t *testing.T) {
	t.Parallel()
	m := newMemory(ended(1, 9*time.Hour), ended(2, 9*time.Hour), ended(3, 9*time.Hour), opened(ended(4, time.Hour)), opened(ended(5, time.Hour)))
	c := config
	c.MaxDueShare = 0.5
	for n, refused := range []bool{true, false} {
		r := &retirer{answer: answer{err: errDown}}
		report, _, err := run(t, c, m, r, sweep.Request{IgnoreDueShare: n > 0})
		if err != nil || (report.Outcome == sweep.Refused) != refused {
			t.Fatalf("%v, %+v", err, report)
		}
	}
	report, _, err := run(t, c, m, &retirer{answer: answer{outcome: channel.Outcome{Result: channel.Done}}}, sweep.Request{})
	if err != nil || report.Failing != 3 || report.Retired != 3 {
		t.Errorf("after they had failed: %v, %+v", err, report)
	}
}

func TestOne(t *testing.T) {
	t.Parallel()
	held := ended(1, time.Minute) // neither due nor free
	held.Hold = &channel.Hold{By: "ops", Reason: "why"}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		action channel.Action
		answer answer
		want   sweep.Item
		status channel.Status
	}{
		"retire":  {"the operator decides, whatever the policy says", held, channel.Retire, answer{outcome: channel.Outcome{Result: channel.Done}}, sweep.Item{Did: sweep.RetiredNow}, channel.Retired},
		"restore": {"a retirement is undone", opened(settled(claimedByRun(ended(1, time.Hour)))), channel.Restore, answer{restoration: retire.PutBack}, sweep.Item{Did: sweep.Restored}, channel.Tracking},
		"fails":   {"the error is in the answer", held, channel.Retire, answer{err: errDown}, sweep.Item{Did: sweep.FailedNow, Failures: 1}, channel.Retiring},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, r := newMemory(row.record), &retirer{answer: row.answer}
			s := sweep.New(config, m, r, func() time.Time { return noon }, func(time.Time) string { return "run" })
			name, item := s.One(t.Context(), m.entries[sid(1)], row.action, discard)
			row.want.Channel, row.want.Reason, row.want.Since = sid(1), sweep.ReasonOperator, noon
			if d := cmp.Diff(row.want, item, cmpopts.IgnoreFields(sweep.Item{}, "Text")); d != "" || name != "run" {
				t.Errorf("%s: run %s (-want +got):\n%s", row.reason, name, d)
			}
			if got := m.entries[sid(1)].Record.Status; got != row.status {
				t.Errorf("%s: the record is %s", row.reason, got)
			}
		})
	}
}
