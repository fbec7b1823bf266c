package sweep_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// Twilio's tokens do not last for ever: then the pass begins at the front.
func TestPlaceIsRefused(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  string
		refused int // in a row before
		level   string
		records int
		after   int
	}{
		"once":              {"it happens", 0, "WARN", 3, 1},
		"twice in a row":    {"something is wrong with the places", 1, "ERROR", 3, 2},
		"and a third":       {"something is wrong still", 2, "ERROR", 3, 3},
		"the next is taken": {"the row is at its end", 1, "ERROR", 15, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(row.records))
			room.memory.history = ledger.History{
				Pass:    &ledger.Pass{Started: noon.Add(-time.Hour), Place: "gone", Pages: 50, Live: 50, Unexplained: 200, Partial: true, Retired: 7},
				Refused: row.refused,
			}
			report, lines, err := room.run(t, sweep.Request{Tick: true})
			if err != nil || report.Outcome != sweep.Completed || report.Retired != row.records || report.Pass.Started != noon || report.Pass.Pages != row.records {
				t.Errorf("%s: %v, %+v", row.reason, err, report)
			}
			found := said(lines, "the pass begins anew: ")
			if len(found) != 1 || found[0]["level"] != row.level || found[0]["in_a_row"] != float64(row.refused+1) {
				t.Errorf("%s: said %v", row.reason, found)
			}
			h := room.memory.history
			if h.Refused != row.after || h.Complete == nil || h.Complete.Unexplained != 0 || h.Complete.Partial || h.Complete.Retired != row.records {
				t.Errorf("%s: left %+v, complete %+v", row.reason, h, h.Complete)
			}
		})
	}
}

// A Twilio that takes up none of its own places must not keep a run going for ever.
func TestPlaceIsRefusedAgainAndAgain(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(15))
	room.memory.before = func(_ *memory, operation, about string) error {
		if operation == "page" && about == string(place(10)) {
			return fmt.Errorf("list records: %w", ledger.ErrPlace)
		}
		return nil
	}
	report, lines, err := room.run(t, sweep.Request{})
	if err == nil || report.Outcome != sweep.Broken || report.Retired != 10 {
		t.Errorf("%v, %+v", err, report)
	}
	found := said(lines, "the pass begins anew: ")
	if len(found) != 2 || found[0]["level"] != "WARN" || found[1]["level"] != "ERROR" {
		t.Errorf("said %v", found)
	}
	if h := room.memory.history; h.Refused != 2 || h.Pass.Place != "" || !h.Pass.Ended.IsZero() {
		t.Errorf("left %+v, pass %+v", h, h.Pass)
	}
}

// After an error the next run goes on before the stretch that was not read.
func TestPageErrorKeepsThePlace(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(15))
	room.memory.before = func(_ *memory, operation, about string) error {
		if operation == "page" && about == string(place(12)) {
			return errDown
		}
		return nil
	}
	report, _, err := room.run(t, sweep.Request{})
	if err == nil || report.Outcome != sweep.Broken || report.Retired != 10 || room.memory.history.Pass.Place != place(10) {
		t.Errorf("%v, %+v, pass %+v", err, report, room.memory.history.Pass)
	}
	room.memory.before = nil
	if report := room.mustRun(t, sweep.Request{Tick: true}); report.Retired != 5 || report.Pass.Ended.IsZero() {
		t.Errorf("the next run: %+v", report)
	}
}

// A run that dies, or cannot say how far it came, costs nothing but a second look.
func TestRunThatIsNotRemembered(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(15))
	room.memory.history.Pass = &ledger.Pass{Started: noon.Add(-time.Minute), Place: place(5), Pages: 5, Live: 5}
	room.memory.before = failing("set history")
	if report := room.mustRun(t, sweep.Request{}); report.Retired != 10 || room.memory.history.Pass.Place != place(5) {
		t.Errorf("%+v", report)
	}
	room.memory.before = nil
	report := room.mustRun(t, sweep.Request{})
	if report.Retired != 0 || report.Skipped[channel.ReasonRetired] != 10 || room.memory.history.Pass.Pages != 15 {
		t.Errorf("the next run: %+v", report)
	}
}

// Of two runs at once both are remembered, and the place of the one that was first.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	other := ledger.History{Sweeps: []ledger.Summary{{Run: "other"}}, Pass: &ledger.Pass{Started: noon, Place: place(1), Pages: 1}, Refused: 1}
	for name, row := range map[string]struct {
		reason    string
		conflicts int
		fails     string
		runs      int
		warned    int
	}{
		"once":     {"both are remembered", 1, "", 2, 0},
		"twice":    {"there is an end to trying, and it is said", 2, "", 1, 1},
		"and down": {"nothing is known any more, and it is said", 1, "history", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(3))
			left, reads := row.conflicts, 0
			room.memory.before = func(m *memory, operation, _ string) error {
				if operation == "history" {
					if reads++; reads == 2 && row.fails == "history" {
						return errDown
					}
				}
				if operation == "set history" && left > 0 {
					left--
					m.history = other
					return fmt.Errorf("set: %w", ledger.ErrConflict)
				}
				return nil
			}
			report, lines, err := room.run(t, sweep.Request{})
			if err != nil || report.Retired != 3 {
				t.Errorf("%s: %v, %+v", row.reason, err, report)
			}
			h := room.memory.history
			if len(h.Sweeps) != row.runs || h.Sweeps[0].Run != "other" || h.Pass.Place != place(1) || h.Refused != 1 || h.Complete != nil {
				t.Errorf("%s: left %+v", row.reason, h)
			}
			if warned := said(lines, "sweep not remembered"); len(warned) != row.warned {
				t.Errorf("%s: said %v", row.reason, warned)
			}
		})
	}
}

// A caller who goes while a page is read leaves a run that says that it has not ended, each time.
func TestCallerGoesWhileReading(t *testing.T) {
	t.Parallel()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		room := newRoom(fleet(15))
		room.memory.before = func(_ *memory, operation, about string) error {
			if operation == "page" && about == string(place(9)) {
				cancel()
			}
			return nil
		}
		report, _, err := room.runIn(ctx, t, sweep.Request{})
		broken, stopped := err != nil && report.Outcome == sweep.Broken, err == nil && report.Outcome == sweep.Stopped // whichever is seen first
		if !broken && !stopped || !report.Pass.Ended.IsZero() {
			t.Fatalf("%v, %+v", err, report)
		}
	}
}

// A pause between two records ends the run, and what it has done by then is remembered.
func TestPassIsPausedMidway(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(25))
	newClock(room, 5*time.Second)
	reads := 0
	room.memory.before = func(m *memory, operation, _ string) error {
		if operation == "control" {
			if reads++; reads == 13 {
				m.control.Paused = true
			}
		}
		return nil
	}
	report := room.mustRun(t, sweep.Request{})
	if report.Outcome != sweep.Paused || report.Retired != 12 || report.LeftOver != 8 {
		t.Errorf("%+v", report)
	}
	h := room.memory.history
	if len(h.Sweeps) != 1 || h.Sweeps[0].Outcome != "paused" || h.Sweeps[0].Retired != 12 || h.Pass == nil || h.Pass.Place != place(10) || h.Pass.Retired != 12 {
		t.Errorf("left %+v, pass %+v", h, h.Pass)
	}
}
