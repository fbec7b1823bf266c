package sweep_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// TestPausedMidway pauses a run while it is at work: each change of a channel takes two
// seconds, and the control document is read for the second time by an operator's hand.
func TestPausedMidway(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  string
		second  func(*memory) error // what the second read of the control document meets
		outcome sweep.Outcome
		stops   bool
	}{
		"goes on":        {"nobody has paused it", func(*memory) error { return nil }, sweep.Completed, false},
		"paused":         {"an operator can stop a run in seconds", func(m *memory) error { m.control = ledger.Control{Paused: true, By: "ops"}; return nil }, sweep.Paused, true},
		"cannot be read": {"nobody knows, so nothing more is begun", func(*memory) error { return errDown }, sweep.Stopped, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := mixed()
			reads := 0
			m.before = func(m *memory, operation, _ string) error {
				if operation != "control" {
					return nil
				}
				if reads++; reads == 2 {
					return row.second(m)
				}
				return nil
			}
			room := newRoom(m)
			clock := newClock(room, 2*time.Second)
			r := room.retirer
			report := room.mustRun(t, sweep.Request{})
			if passed := clock.passed(); passed == 0 {
				t.Error("the clock stood still")
			}
			if report.Outcome != row.outcome || (report.LeftOver > 0) != row.stops || reads < 2 {
				t.Errorf("%s: outcome %s (%s), %d left over after %d reads", row.reason, report.Outcome, report.Text, report.LeftOver, reads)
			}
			if len(r.asked)+report.LeftOver != 5 {
				t.Errorf("%s: worked on %v and left %d, want 5 in all", row.reason, r.asked, report.LeftOver)
			}
		})
	}
}
