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
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// fleet returns a ledger of so many channels that are due since an hour. With one record on
// each page a stretch has 10 of them.
func fleet(n int) *memory {
	var records []channel.Record
	for i := range n {
		records = append(records, ended(i+1, 2*time.Hour))
	}
	m := newMemory(records...)
	m.pageSize = 1
	return m
}

// pagesRead notes the places that are read; to be looked at after a pass has ended.
func pagesRead(m *memory) *[]string {
	var read []string
	m.before = func(_ *memory, operation, about string) error {
		if operation == "page" {
			read = append(read, about)
		}
		return nil
	}
	return &read
}

// A run whose time is up keeps the place before the stretch that it did not work off, and the
// next one goes on there.
func TestPassTakesSeveralRuns(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(25))
	clock := newClock(room, 2*time.Minute) // 13 channels in the 25 minutes of a run
	is := func(name string, got *sweep.Report, outcome sweep.Outcome, retired, leftOver, records int) {
		t.Helper()
		if got.Outcome != outcome || got.Retired != retired || got.LeftOver != leftOver || got.Pass.Records != records || got.Pass.Started != noon {
			t.Errorf("%s: %+v", name, got)
		}
	}
	is("the first run", room.mustRun(t, sweep.Request{}), sweep.Stopped, 13, 7, 10)
	want := ledger.History{Pass: &ledger.Pass{Started: noon, Place: place(10), Pages: 10, Live: 10, Due: 10, Retired: 13, Lateness: late(12, 4, 9)}}
	ignore := cmp.Options{cmpopts.IgnoreUnexported(ledger.History{}), cmpopts.IgnoreFields(ledger.History{}, "Sweeps")}
	if d := cmp.Diff(want, room.memory.history, ignore); d != "" {
		t.Errorf("what it leaves (-want +got):\n%s", d)
	}

	clock.add(time.Minute)
	read := pagesRead(room.memory)
	is("the second run", room.mustRun(t, sweep.Request{Tick: true}), sweep.Completed, 12, 0, 25)
	if len(*read) != 15 || (*read)[0] != string(place(10)) {
		t.Errorf("it read %v", *read)
	}
	pass := &ledger.Pass{Started: noon, Ended: room.now(), Pages: 25, Live: 22, Tombstones: 3, Due: 22, Retired: 25, Lateness: late(12, 4, 21)}
	if d := cmp.Diff(ledger.History{Pass: pass, Complete: pass}, room.memory.history, ignore); d != "" || len(room.memory.history.Sweeps) != 2 {
		t.Errorf("what it leaves, after %d runs (-want +got):\n%s", len(room.memory.history.Sweeps), d)
	}
}

// The report of a run says what the passes before it were.
func TestReportSaysOfThePassesBefore(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(3))
	room.memory.history.Complete = &ledger.Pass{Started: noon.Add(-time.Hour), Pages: 9}
	if got := room.mustRun(t, sweep.Request{}).Pass; got.Of != 9 || got.CompleteAgeSeconds != 3600 || got.Ended != noon {
		t.Errorf("with a complete pass: %+v", got)
	}
	room.memory.history.Pass = &ledger.Pass{Started: noon.Add(-time.Hour), Ended: noon.Add(-time.Hour), Pages: 8}
	if got := room.mustRun(t, sweep.Request{}).Pass; got.Of != 8 || got.CompleteAgeSeconds != 0 {
		t.Errorf("with a later one: %+v", got)
	}
	if got := room.mustRun(t, sweep.Request{Tick: true}).Pass; got.Of != 3 || got.CompleteAgeSeconds != 0 || got.Ended != noon {
		t.Errorf("with nothing to do: %+v", got)
	}
}

// late gives the counts of lateness: the first of them were retired less than 2^i seconds late,
// and at least half of that.
func late(i int, counts ...int) []int { return append(make([]int, i), counts...) }

// A run that works no stretch off has still retired what it has retired.
func TestPassRemembersHalfAStretch(t *testing.T) {
	t.Parallel()
	room := newRoom(fleet(15))
	room.memory.history.Pass = &ledger.Pass{Started: noon.Add(-time.Hour), Place: place(5), Pages: 5, Live: 5, Due: 5, Retired: 5, Lateness: late(12, 5)}
	newClock(room, 10*time.Minute)
	report := room.mustRun(t, sweep.Request{})
	want := &ledger.Pass{Started: noon.Add(-time.Hour), Place: place(5), Pages: 5, Live: 5, Due: 5, Retired: 8, Lateness: late(12, 5, 3)}
	if d := cmp.Diff(want, room.memory.history.Pass); d != "" || report.Outcome != sweep.Stopped || report.LeftOver != 7 {
		t.Errorf("%+v (-want +got):\n%s", report, d)
	}
}

func TestPassBegins(t *testing.T) {
	t.Parallel()
	const interval = 90 * time.Second // a fortieth of an hour
	ended := func(ago time.Duration) *ledger.Pass {
		return &ledger.Pass{Started: noon.Add(-ago), Ended: noon.Add(-ago + time.Second), Pages: 7}
	}
	underWay := &ledger.Pass{Started: noon.Add(-time.Second), Place: place(2), Pages: 2, Live: 2}
	for name, row := range map[string]struct {
		reason  string
		last    *ledger.Pass
		request sweep.Request
		outcome sweep.Outcome
		started time.Time // of the pass; zero for none
		pages   int
		of      int
	}{
		"the first tick":      {"no pass is known", nil, sweep.Request{Tick: true}, sweep.Completed, noon, 3, 0},
		"a tick too early":    {"there is nothing to do", ended(interval - time.Second), sweep.Request{Tick: true}, sweep.Idle, noon.Add(time.Second - interval), 7, 7},
		"a tick in time":      {"a new pass is due", ended(interval), sweep.Request{Tick: true}, sweep.Completed, noon, 3, 7},
		"a tick, midway":      {"it goes on, however young the pass", underWay, sweep.Request{Tick: true}, sweep.Completed, underWay.Started, 3, 0},
		"by hand":             {"an operator does not wait", ended(0), sweep.Request{}, sweep.Completed, noon, 3, 7},
		"by hand, midway":     {"it goes on", underWay, sweep.Request{}, sweep.Completed, underWay.Started, 3, 0},
		"dry, early":          {"looking costs nothing", ended(0), sweep.Request{Tick: true, DryRun: true}, sweep.Completed, noon, 3, 7},
		"dry, midway":         {"it looks at all", underWay, sweep.Request{DryRun: true}, sweep.Completed, noon, 3, 0},
		"a clock turned back": {"a pass of the future was begun by a wrong clock, and must not stop all others", ended(-time.Hour), sweep.Request{Tick: true}, sweep.Completed, noon, 3, 7},
		"clocks that differ":  {"a little ahead is no wrong clock", ended(-time.Minute), sweep.Request{Tick: true}, sweep.Idle, noon.Add(time.Minute), 7, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(3))
			room.memory.history.Pass = row.last
			report := room.mustRun(t, row.request)
			if report.Outcome != row.outcome || report.Pass.Started != row.started || report.Pass.Pages != row.pages || report.Pass.Of != row.of {
				t.Errorf("%s: %s, %+v", row.reason, report.Outcome, report.Pass)
			}
			if idle := report.Outcome == sweep.Idle; idle && (len(room.retirer.asked) > 0 || !strings.Contains(report.Text, "the next one begins 1m30s after it")) {
				t.Errorf("%s: asked %v, %q", row.reason, room.retirer.asked, report.Text)
			}
			if kept := room.memory.history.Pass == row.last; kept != (row.outcome == sweep.Idle || row.request.DryRun) {
				t.Errorf("%s: the pass is %+v now", row.reason, room.memory.history.Pass)
			}
			if row.request.DryRun && room.memory.history.Complete != nil {
				t.Errorf("%s: a dry pass is no complete one", row.reason)
			}
		})
	}
}

// The limit of a run keeps the place before what was put off; what keeps failing does not.
func TestLimitKeepsThePlace(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason   string
		limit    int
		failing  []int
		retired  int
		deferred int
		place    ledger.Place
		ended    bool
	}{
		"more than a stretch":    {"the rest of the second one is put off", 12, nil, 12, 8, place(10), false},
		"just a stretch":         {"the second one is not worked off", 10, nil, 10, 10, place(10), false},
		"all":                    {"nothing is put off", 25, nil, 25, 0, "", true},
		"failing ones put off":   {"they would hold the pass up for ever", 20, []int{21, 22, 23, 24, 25}, 20, 5, "", true},
		"one that is not":        {"it has never been tried", 20, []int{21, 22, 23, 24}, 20, 5, place(20), false},
		"failing ones come last": {"they must not take the places of others", 23, []int{21, 22}, 23, 2, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(25))
			for _, n := range row.failing {
				r := room.memory.record(n)
				r.Failure = &channel.Failure{Count: 1}
				room.memory.put(r)
			}
			report := room.mustRun(t, sweep.Request{Limit: row.limit})
			pass := room.memory.history.Pass
			if report.Outcome != sweep.Completed || report.Retired != row.retired || report.Deferred != row.deferred || pass.Place != row.place || pass.Ended.IsZero() == row.ended {
				t.Errorf("%s: %+v, the pass is %+v", row.reason, report, pass)
			}
		})
	}
}

// What must be put back and keeps failing does not hold the pass up either.
func TestFailingRestoresComeLast(t *testing.T) {
	t.Parallel()
	m := newMemory(opened(left(ended(1, 2*time.Hour), channel.Deactivate)), ended(2, 2*time.Hour), opened(left(ended(3, 2*time.Hour), channel.Deactivate)), ended(4, 2*time.Hour))
	for _, n := range []int{1, 2} {
		r := m.record(n)
		r.Failure = &channel.Failure{Count: 5}
		m.put(r)
	}
	room := newRoom(m)
	report := room.mustRun(t, sweep.Request{})
	want := []string{"restore 3", "retire 4", "restore 1", "retire 2"}
	if d := cmp.Diff(want, room.retirer.asked); d != "" || report.Failing != 1 {
		t.Errorf("%d failing (-want +got):\n%s", report.Failing, d)
	}
}

// Telling changes no channel, so the limit says nothing of it.
func TestTellingCostsNothingOfTheLimit(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(closedUnder(1), closedUnder(2), ended(3, 2*time.Hour)))
	report := room.mustRun(t, sweep.Request{Limit: 1})
	if report.Irrecoverable != 2 || report.Retired != 1 || report.Deferred != 0 {
		t.Errorf("%+v", report)
	}
}

// What stands beside the place: live and retired records, and the longest open task of all.
func TestPassCounts(t *testing.T) {
	t.Parallel()
	m := fleet(10)
	for n, r := range map[int]channel.Record{
		11: openedAt(ended(11, 9*time.Hour), "WT2", time.Hour), 12: openedAt(ended(12, 9*time.Hour), "WT2", 3*time.Hour), 13: settled(claimedByRun(ended(13, 9*time.Hour))),
		14: openedAt(ended(14, 9*time.Hour), "WT2", 2*time.Hour),
	} {
		m.put(r)
		m.order = append(m.order, sid(n))
	}
	slices.Sort(m.order)
	m.put(openedAt(m.record(3), "WT2", 2*time.Hour))
	room := newRoom(m)
	report := room.mustRun(t, sweep.Request{})
	want := &ledger.Pass{Started: noon, Ended: noon, Pages: 14, Live: 13, Tombstones: 1, Due: 9, Retired: 9, OldestOpen: noon.Add(-3 * time.Hour), Lateness: late(12, 9)}
	if d := cmp.Diff(want, room.memory.history.Pass); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if report.OldestOpenTaskSeconds != 3*3600 || report.Pass.Records != 14 || report.Walked != 14 {
		t.Errorf("%+v", report)
	}
}

// A record that moves between pages is seen twice in one stretch: it is one record.
func TestRecordSeenTwice(t *testing.T) {
	t.Parallel()
	m := fleet(3)
	m.order = append(m.order, sid(1), sid(2))
	report := newRoom(m).mustRun(t, sweep.Request{})
	if report.Walked != 3 || report.Due != 3 || report.Retired != 3 || report.Conflicts != 0 || report.Pass.Pages != 5 {
		t.Errorf("%+v", report)
	}
}
