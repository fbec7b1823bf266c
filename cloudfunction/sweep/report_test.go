package sweep_test

import (
	"slices"
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

func contains(t *testing.T, reason, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%s: %q does not contain %q", reason, text, part)
	}
}

// How long after they were due channels were retired.
func TestLateness(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason   string
		channels int // the n-th is n minutes late
		want     sweep.Lateness
	}{
		"none":  {"nothing is known", 0, sweep.Lateness{}},
		"one":   {"it is all of them", 1, sweep.Lateness{P50: 60, P95: 60, Max: 60}},
		"three": {"the middle one, and the last", 3, sweep.Lateness{P50: 2 * 60, P95: 3 * 60, Max: 3 * 60}},
		"forty": {"half are later than the first 20, two than the first 38", 40, sweep.Lateness{P50: 21 * 60, P95: 39 * 60, Max: 40 * 60}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory()
			for n := range row.channels {
				r := ended(n+1, time.Hour+time.Duration(n+1)*time.Minute)
				m.put(r)
				m.order = append(m.order, r.SID)
			}
			m.pageSize = 100
			if d := cmp.Diff(row.want, newRoom(m).mustRun(t, sweep.Request{}).Lateness, cmpopts.IgnoreUnexported(sweep.Lateness{})); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// Only what this run retired was late: what was so already, or is gone, says nothing.
func TestLatenessOfOthersIsNotCounted(t *testing.T) {
	t.Parallel()
	for _, result := range []channel.Result{channel.Already, channel.Gone} {
		room := newRoom(fleet(1))
		room.retirer.result = result
		report := room.mustRun(t, sweep.Request{})
		if report.Lateness.Max != 0 || room.memory.history.Pass.Retired != 0 || len(room.memory.history.Pass.Lateness) != 0 {
			t.Errorf("%s: %+v, pass %+v", result, report.Lateness, room.memory.history.Pass)
		}
	}
}

// A pass counts lateness by powers of two; what is retired at the very moment is not late.
func TestLatenessOfAPass(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(ended(1, time.Hour), ended(2, time.Hour+time.Second), ended(3, time.Hour+3*time.Second), ended(4, time.Hour+4*time.Second)))
	room.mustRun(t, sweep.Request{})
	if d := cmp.Diff([]int{1, 1, 1, 1}, room.memory.history.Pass.Lateness); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The most overdue channel is one that no sweep has tried: those that fail would hide it.
func TestOldestOverdue(t *testing.T) {
	t.Parallel()
	failing := ended(1, 9*time.Hour)
	failing.Failure = &channel.Failure{Count: 1}
	report := newRoom(newMemory(failing, ended(2, 3*time.Hour), ended(3, 2*time.Hour))).mustRun(t, sweep.Request{})
	if report.OldestOverdueSeconds != 2*3600 || report.Failing != 1 || report.Due != 3 {
		t.Errorf("%+v", report)
	}
	if report := newRoom(newMemory(failing)).mustRun(t, sweep.Request{}); report.OldestOverdueSeconds != 0 {
		t.Errorf("with failing ones alone: %+v", report)
	}
}

// A report has at most a thousand items, and those that somebody must look at are among them.
func TestItemsAreBounded(t *testing.T) {
	t.Parallel()
	m := newMemory()
	const all = 2500
	for n := range all {
		r := ended(n+1, 2*time.Hour)
		switch n {
		case 2400:
			r = openedAt(left(conversation(r), channel.Close), "WT2", time.Hour)
		case 2420:
			r = opened(left(r, channel.Deactivate))
		}
		m.put(r)
		m.order = append(m.order, r.SID)
	}
	m.pageSize = 100
	m.before = func(_ *memory, operation, about string) error {
		if operation == "save retiring" && about == sid(2450) {
			return errDown
		}
		return nil
	}
	room := newRoom(m)
	room.config.MaxRetirements = all
	room.retirer.each = func(_ string, r channel.Record) {
		room.retirer.restoration = retire.Restored
		if r.Claim.Backend == channel.Conversations {
			room.retirer.restoration = retire.Final
		}
	}
	report := room.mustRun(t, sweep.Request{})
	if len(report.Items) != 1000 || report.Retired != all-3 || report.Irrecoverable != 1 || report.Restored != 1 || report.Failed != 1 {
		t.Fatalf("%d items, %d retired, %d irrecoverable, %d restored, %d failed", len(report.Items), report.Retired, report.Irrecoverable, report.Restored, report.Failed)
	}
	for _, n := range []int{2401, 2421, 2450} {
		if !slices.ContainsFunc(report.Items, func(i sweep.Item) bool { return i.Channel == sid(n) }) {
			t.Errorf("channel %d is not among them", n)
		}
	}
	if !slices.IsSortedFunc(report.Items, func(a, b sweep.Item) int { return a.Since.Compare(b.Since) }) {
		t.Error("they are not in the order of time")
	}
}

// The items are in the order of time, and then of their channels.
func TestItemsAreSorted(t *testing.T) {
	t.Parallel()
	report := newRoom(newMemory(ended(3, 2*time.Hour), ended(1, 2*time.Hour), ended(2, 5*time.Hour))).mustRun(t, sweep.Request{})
	var order []string
	for _, item := range report.Items {
		order = append(order, strings.TrimLeft(item.Channel, "CH0"))
	}
	if d := cmp.Diff([]string{"2", "1", "3"}, order); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// The line of the run is one that alerts count by: as loud as what it says.
func TestTheLineOfTheRun(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		set    func(r *room)
		level  string
	}{
		"completed":     {"all is well", func(*room) {}, "INFO"},
		"idle":          {"all is well", func(r *room) { r.memory.history.Pass = completed(0) }, "INFO"},
		"stopped":       {"somebody should look, some day", func(r *room) { newClock(r, time.Hour) }, "WARN"},
		"paused":        {"somebody should look, some day", func(r *room) { r.memory.control.Paused = true }, "WARN"},
		"refused":       {"somebody must look", func(r *room) { r.retirer.services = retire.ErrService }, "ERROR"},
		"broken":        {"somebody must look", func(r *room) { r.memory.before = failing("page") }, "ERROR"},
		"failed":        {"somebody must look", func(r *room) { r.retirer.err = errDown }, "ERROR"},
		"irrecoverable": {"somebody must look", func(r *room) { r.memory.put(closedUnder(1)) }, "ERROR"},
		"faulty":        {"somebody must look", func(r *room) { r.memory.faulty = []ledger.Faulty{{Document: "ET1", Err: errDown}} }, "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(ended(1, 2*time.Hour), ended(2, 2*time.Hour)))
			row.set(room)
			_, lines, _ := room.run(t, sweep.Request{Tick: true})
			line := lines[len(lines)-1]
			if line["msg"] != "sweep" || line["level"] != row.level || line["run"] != "run" {
				t.Errorf("%s: said %v", row.reason, line)
			}
		})
	}
}

// Metrics and alerts read these fields by their names.
func TestTheFieldsOfTheLine(t *testing.T) {
	t.Parallel()
	room := newRoom(mixed())
	room.memory.history.Complete = completed(time.Hour)
	room.memory.faulty = []ledger.Faulty{{Document: "ET1", Err: errDown}}
	_, lines, err := room.run(t, sweep.Request{})
	if err != nil {
		t.Fatal(err)
	}
	line := lines[len(lines)-1]
	delete(line, "time")
	number := func(n int) any { return float64(n) }
	want := map[string]any{
		"level": "ERROR", "msg": "sweep", "run": "run", "dry_run": false, "outcome": "completed", "detail": "",
		"walked": number(11), "due": number(4), "deferred": number(0), "refused": number(0), "unexplained": number(0), "failing": number(0),
		"retired": number(4), "already": number(0), "gone": number(0), "restored": number(1), "irrecoverable": number(0), "busy": number(0),
		"conflicts": number(0), "failed": number(0), "keeps_failing": number(0), "left_over": number(0), "faulty": number(6), "calls": number(0),
		"oldest_overdue_seconds": number(4 * 3600), "oldest_open_task_seconds": number(60), "seconds": number(0),
		"skipped":  map[string]any{"open-task": number(1), "retention": number(1), "unconfirmed": number(0), "hold": number(1), "claimed": number(1), "retired": number(1), "no-task": number(1), "overflow": number(0), "unreadable": number(0)},
		"lateness": map[string]any{"p50": number(4 * 3600), "p95": number(4 * 3600), "max": number(4 * 3600)},
		"look_ups": map[string]any{"asked": number(0), "ended": number(0), "unknown": number(0), "failed": number(0)},
		"pass":     map[string]any{"pages": number(6), "of": number(3), "records": number(11), "ended": true, "complete_age_seconds": number(3600)},
	}
	if d := cmp.Diff(want, line); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if found := said(lines, "record cannot be read: Twilio is down"); len(found) != 6 || found[0]["document"] != "ET1" || found[0]["level"] != "ERROR" {
		t.Errorf("of what cannot be read it says %v", found)
	}
}

// What a run would do it says without doing it, whatever there is to do.
func TestDryRunSaysWhatItWouldTell(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(closedUnder(1)))
	report := room.mustRun(t, sweep.Request{DryRun: true})
	if len(report.Items) != 1 || report.Items[0].Did != sweep.WouldTell || len(room.memory.saves) > 0 {
		t.Errorf("%+v, saved %v", report.Items, room.memory.saves)
	}
}
