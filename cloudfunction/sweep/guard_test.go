package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// change changes every record of a ledger.
func change(m *memory, f func(e *ledger.Entry)) {
	for sid, e := range m.entries {
		f(&e)
		m.entries[sid] = e
	}
}

// completed is the last pass that left nothing undone, so long before noon.
func completed(ago time.Duration) *ledger.Pass {
	return &ledger.Pass{Started: noon.Add(-ago), Ended: noon.Add(-ago + time.Minute), Pages: 3}
}

// TestGuard has three channels that are due, and lets two pass that cannot be explained.
func TestGuard(t *testing.T) {
	t.Parallel()
	const quarter = 15 * time.Minute
	long := func(m *memory) { m.updated(noon.Add(-2 * time.Hour)) } // nothing has happened to them since they ended
	accept := func(rules string, ago time.Duration) *ledger.Accept {
		return &ledger.Accept{Rules: rules, By: "ops", Since: noon.Add(-ago)}
	}
	rules := config.Policy.Hash()
	for name, row := range map[string]struct {
		reason      string
		set         func(m *memory)
		refused     bool
		unexplained int
	}{
		"a shorter retention": {"1h was set for 48h: all was there, and due, when the last pass began", func(m *memory) { long(m); m.history.Complete = completed(quarter) }, true, 3},
		"the weekend":         {"hundreds became due since the last pass", func(m *memory) { long(m); m.history.Complete = completed(time.Hour + time.Second) }, false, 0},
		"due just then":       {"that pass need not have met it", func(m *memory) { long(m); m.history.Complete = completed(time.Hour) }, false, 0},
		"due just before":     {"that pass must have met it", func(m *memory) { long(m); m.history.Complete = completed(time.Hour - time.Second) }, true, 3},
		"the backlog":         {"after a week of dry runs the last real pass is old", func(m *memory) { long(m); m.history.Complete = completed(7 * 24 * time.Hour) }, false, 0},
		"backfill":            {"the documents were made since", func(m *memory) { m.updated(noon.Add(-time.Minute)); m.history.Complete = completed(quarter) }, false, 0},
		"updated just then":   {"that pass need not have met it", func(m *memory) { m.updated(noon.Add(-quarter)); m.history.Complete = completed(quarter) }, false, 0},
		"updated just before": {"that pass must have met it", func(m *memory) {
			m.updated(noon.Add(-quarter - time.Second))
			m.history.Complete = completed(quarter)
		}, true, 3},
		"a hold that has run out": {"they could not be retired before", func(m *memory) {
			long(m)
			change(m, func(e *ledger.Entry) {
				e.Record.Hold = &channel.Hold{Until: noon.Add(-time.Minute), By: "ops", Reason: "why"}
			})
			m.history.Complete = completed(quarter)
		}, false, 0},
		"a hold that ran out before": {"that pass must have met them", func(m *memory) {
			long(m)
			change(m, func(e *ledger.Entry) {
				e.Record.Hold = &channel.Hold{Until: noon.Add(-quarter - time.Minute), By: "ops", Reason: "why"}
			})
			m.history.Complete = completed(quarter)
		}, true, 3},
		"a hold that was released": {"whoever released it has written the record", func(m *memory) { m.updated(noon.Add(-time.Second)); m.history.Complete = completed(quarter) }, false, 0},
		"an upgrade":               {"nobody knows what was there", func(m *memory) { long(m); m.history.Sweeps = []ledger.Summary{{Run: "old"}} }, false, 0},
		"failing ones": {"they stay due, and are no sign of anything", func(m *memory) {
			long(m)
			change(m, func(e *ledger.Entry) { e.Record.Failure = &channel.Failure{Count: 1} })
			m.history.Complete = completed(quarter)
		}, false, 0},
		"two of three": {"that few are allowed", func(m *memory) {
			long(m)
			e := m.entries[sid(2)]
			e.Updated = noon
			m.entries[sid(2)] = e
			m.history.Complete = completed(quarter)
		}, false, 2},

		"accepted": {"an operator has looked", func(m *memory) {
			long(m)
			m.history.Complete = completed(quarter)
			m.control.Accept = accept(rules, time.Minute)
		}, false, 3},
		"accepted, other rules": {"that was not what the operator saw", func(m *memory) {
			long(m)
			m.history.Complete = completed(quarter)
			m.control.Accept = accept("other", time.Minute)
		}, true, 3},
		"accepted for another pass": {"it was good for one", func(m *memory) {
			long(m)
			m.history.Complete = completed(quarter)
			m.control.Accept = accept(rules, quarter)
		}, true, 3},
		"accepted just then": {"it is good for the first whole pass from then on", func(m *memory) {
			long(m)
			m.history.Complete = completed(quarter)
			m.control.Accept = accept(rules, quarter-time.Second)
		}, false, 3},
		"accepted, an upgrade": {"nothing is unexplained anyway", func(m *memory) { long(m); m.control.Accept = accept(rules, time.Minute) }, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(ended(1, 2*time.Hour), ended(2, 2*time.Hour), ended(3, 2*time.Hour)))
			room.config.MaxUnexplained = 2
			row.set(room.memory)
			before := room.memory.history.Complete
			report := room.mustRun(t, sweep.Request{})
			if refused := report.Outcome == sweep.Refused; refused != row.refused || report.Unexplained != row.unexplained || (report.Retired == 3) == refused || (report.Refused == 3) != refused {
				t.Errorf("%s: %s (%s), %d unexplained, %d retired, %d refused", row.reason, report.Outcome, report.Text, report.Unexplained, report.Retired, report.Refused)
			}
			h := room.memory.history
			if complete := h.Complete != before; complete == row.refused || h.Pass.Partial != row.refused || h.Pass.Unexplained != row.unexplained || h.Pass.Ended.IsZero() {
				t.Errorf("%s: the pass is %+v, the last complete one %+v", row.reason, h.Pass, h.Complete)
			}
		})
	}
}

// The number is one of a pass, however many runs it takes.
func TestGuardCountsOverThePass(t *testing.T) {
	t.Parallel()
	underWay := func(unexplained int) *ledger.Pass {
		return &ledger.Pass{Started: noon.Add(-time.Minute), Place: place(10), Pages: 10, Live: 10, Unexplained: unexplained}
	}
	for name, row := range map[string]struct {
		reason  string
		pass    *ledger.Pass
		request sweep.Request
		refused bool
	}{
		"together too many":    {"one and two are more than two", underWay(1), sweep.Request{}, true},
		"together just enough": {"two are allowed", underWay(0), sweep.Request{}, false},
		"too many before":      {"the run before has refused already", underWay(9), sweep.Request{}, true},
		"a pass that ended":    {"its number was its own", &ledger.Pass{Started: noon.Add(-time.Hour), Ended: noon.Add(-time.Minute), Unexplained: 9}, sweep.Request{}, false},
		"dry":                  {"a dry run begins a pass of its own", underWay(1), sweep.Request{DryRun: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := fleet(12) // two of them behind the place
			m.updated(noon.Add(-2 * time.Hour))
			for n := range 10 {
				m.put(openedAt(m.record(n+1), "WT2", time.Minute))
			}
			m.history.Pass, m.history.Complete = row.pass, completed(15*time.Minute)
			room := newRoom(m)
			room.config.MaxUnexplained = 2
			report := room.mustRun(t, row.request)
			if refused := report.Outcome == sweep.Refused; refused != row.refused || report.Unexplained != 2 {
				t.Errorf("%s: %s (%s), %d unexplained", row.reason, report.Outcome, report.Text, report.Unexplained)
			}
		})
	}
}

// What an operator accepts is accepted for a whole pass, from its front, and for no other.
func TestAcceptIsGoodForOnePass(t *testing.T) {
	t.Parallel()
	m := fleet(25)
	m.updated(noon.Add(-2 * time.Hour))
	m.history.Complete = completed(15 * time.Minute)
	room := newRoom(m)
	room.config.MaxUnexplained = 5
	clock := newClock(room, 2*time.Minute)
	step := func(name string, outcome sweep.Outcome, retired int, begun time.Time) {
		t.Helper()
		report := room.mustRun(t, sweep.Request{Tick: true})
		if report.Outcome != outcome || report.Retired != retired || report.Pass.Started != begun {
			t.Errorf("%s: %s (%s), %d retired, in the pass of %s", name, report.Outcome, report.Text, report.Retired, report.Pass.Started)
		}
		clock.add(time.Minute)
	}
	// A refused run retires nothing, so it is at the end of the ledger at once.
	step("refused", sweep.Refused, 0, noon)
	clock.add(time.Hour)
	step("refused again", sweep.Refused, 0, noon.Add(61*time.Minute))
	room.memory.control.Accept = &ledger.Accept{Rules: config.Policy.Hash(), By: "ops", Since: room.now()}
	clock.add(time.Hour)
	begun := room.now()
	step("accepted", sweep.Stopped, 13, begun)
	step("the rest", sweep.Completed, 12, begun)
	for n := 26; n <= 31; n++ { // what has been forgotten, for some reason
		m.order = append(m.order, sid(n))
		m.put(ended(n, 2*time.Hour))
	}
	m.updated(noon.Add(-2 * time.Hour))
	clock.add(time.Hour)
	step("another pass", sweep.Refused, 5, room.now()) // the sixth is one too many
}

// A pass that was refused midway begins anew once it is accepted: what it left behind is due.
func TestAcceptedPassBeginsAnew(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  string
		partial bool
		begun   time.Duration // before noon
		accept  time.Duration // before noon; 0 for none
		anew    bool
	}{
		"refused before": {"what is due lies behind the place", true, time.Hour, time.Minute, true},
		"not refused":    {"nothing due lies behind the place", false, time.Hour, time.Minute, false},
		"begun since":    {"it was begun for that", true, time.Minute, time.Hour, false},
		"begun with it":  {"it was begun for that", true, time.Hour, time.Hour, false},
		"not accepted":   {"it goes on for what must be put back", true, time.Hour, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(12))
			room.memory.history.Pass = &ledger.Pass{Started: noon.Add(-row.begun), Place: place(10), Pages: 10, Live: 10, Partial: row.partial}
			if row.accept > 0 {
				room.memory.control.Accept = &ledger.Accept{Rules: config.Policy.Hash(), By: "ops", Since: noon.Add(-row.accept)}
			}
			report := room.mustRun(t, sweep.Request{Tick: true})
			want := 2
			if row.anew {
				want = 12
			}
			h := room.memory.history
			if report.Retired != want || h.Pass.Pages != 12 || (h.Pass.Started == noon) != row.anew {
				t.Errorf("%s: %d retired, the pass is %+v", row.reason, report.Retired, h.Pass)
			}
			if complete := h.Complete != nil; complete != (row.anew || !row.partial) {
				t.Errorf("%s: the last complete pass is %+v", row.reason, h.Complete)
			}
		})
	}
}

// dated is a memory whose requests go through a client, to a Twilio with a clock.
type dated struct {
	*memory
	client *twilio.Client
}

func (d dated) Control(ctx context.Context) (ledger.Control, error) {
	if err := d.client.Get(ctx, "fetch", "https://sync.twilio.com/", &struct{}{}); err != nil {
		return ledger.Control{}, err
	}
	return d.memory.Control(ctx)
}

// at is a Twilio that says the time, or none.
type at string

func (a at) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	if a != "" {
		header.Set("Date", string(a))
	}
	return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

func TestGuardComparesTheClocks(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) at { return at(noon.Add(d).Format(http.TimeFormat)) }
	for name, row := range map[string]struct {
		reason  string
		twilio  at
		refused bool
	}{
		"the same":       {"all is well", date(0), false},
		"five ahead":     {"clocks differ, and answers take time", date(-5 * time.Minute), false},
		"five behind":    {"clocks differ, and answers take time", date(5 * time.Minute), false},
		"ahead":          {"what is due by it may not be", date(-5*time.Minute - time.Second), true},
		"behind":         {"a clock that is wrong is wrong", date(5*time.Minute + time.Second), true},
		"two days ahead": {"all that is kept would be due", date(-48 * time.Hour), true},
		"no date":        {"nothing is known", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(mixed())
			memory := dated{room.memory, twilio.New(twilio.Config{AccountSID: "AC1", Username: "AC1", Password: "x", Transport: row.twilio, Attempts: 1})}
			s := sweep.New(room.config, sweep.Ports{Records: memory, Memory: memory, Retirer: room.retirer, Tasks: room.tasks, Now: room.now, NewRun: func(time.Time) string { return "run" }})
			report, err := s.Run(t.Context(), sweep.Request{}, discard)
			if err != nil || (report.Outcome == sweep.Refused) != row.refused || (report.Retired == 0) != row.refused || report.Restored != 1 || report.Calls != 1 {
				t.Errorf("%s: %v, %+v", row.reason, err, report)
			}
			if row.refused && !strings.Contains(report.Text, "this function's clock says 2026-03-01T12:00:00Z, and Twilio's 2026-0") {
				t.Errorf("the text is %q", report.Text)
			}
		})
	}
}

// That Twilio does not know most of the channels is more likely a wrong service.
func TestGuardDoesNotBelieveThatAllAreGone(t *testing.T) {
	t.Parallel()
	gone := func(r *retirer, is func(n int) bool) {
		n := 0
		r.each = func(string, channel.Record) {
			n++
			r.result = channel.Done
			if is(n) {
				r.result = channel.Gone
			}
		}
	}
	for name, row := range map[string]struct {
		reason          string
		channels        int
		is              func(n int) bool // of the n-th from 1
		gone, busy, off int
	}{
		"twenty":          {"that many may be deleted", 20, func(int) bool { return true }, 20, 0, 0},
		"twenty-one":      {"the last one is given back", 21, func(int) bool { return true }, 20, 1, 0},
		"all of many":     {"and no other is begun", 30, func(int) bool { return true }, 20, 1, 9},
		"half of many":    {"somebody has deleted some", 60, func(n int) bool { return n%2 == 0 }, 30, 0, 0},
		"more than half":  {"the 21st is one too many: 21 of 41", 60, func(n int) bool { return n%2 == 1 }, 20, 1, 19},
		"after many done": {"a share says it, not a number", 60, func(n int) bool { return n > 30 }, 30, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(row.channels))
			room.memory.pageSize = 100
			gone(room.retirer, row.is)
			report := room.mustRun(t, sweep.Request{})
			if report.Gone != row.gone || report.Busy != row.busy || report.LeftOver != row.off || report.Gone+report.Busy+report.LeftOver+report.Retired != row.channels {
				t.Errorf("%s: %d gone, %d busy, %d left over, %d retired", row.reason, report.Gone, report.Busy, report.LeftOver, report.Retired)
			}
			if refused := report.Outcome == sweep.Refused; refused != (row.busy > 0) || room.memory.history.Pass.Partial != refused || (room.memory.history.Complete == nil) != refused {
				t.Errorf("%s: %s (%s)", row.reason, report.Outcome, report.Text)
			}
			if row.busy == 0 {
				return
			}
			r := room.memory.record(row.gone + report.Retired + 1)
			if r.Status != channel.Tracking || r.Claim != nil || !strings.Contains(report.Text, fmt.Sprintf("Twilio does not know 21 of the %d channels that were worked on: look at CHAT_SERVICE_SIDS", 21+report.Retired)) {
				t.Errorf("%s: the record is %+v, the text %q", row.reason, r, report.Text)
			}
		})
	}
}

// A chat service that Twilio does not know ends all retirements; that it did not say, those of
// the backend in this run. Either way nothing is touched, and it is asked once for each backend.
func TestServicesAreAsked(t *testing.T) {
	t.Parallel()
	unknown := fmt.Errorf("%w IS1: look at CHAT_SERVICE_SIDS", retire.ErrService)
	for name, row := range map[string]struct {
		reason  string
		err     error
		outcome sweep.Outcome
		did     map[sweep.Did]int
		looked  []string
	}{
		"known":   {"asked once for each backend", nil, sweep.Completed, map[sweep.Did]int{sweep.RetiredNow: 3, sweep.Restored: 1}, []string{"services chat", "inspect 1", "inspect 2", "services conversations"}},
		"unknown": {"that it does not know a channel either says nothing", unknown, sweep.Refused, map[sweep.Did]int{sweep.LeftOver: 4}, []string{"services chat"}},
		"down":    {"nobody knows", errDown, sweep.Completed, map[sweep.Did]int{sweep.FailedNow: 4}, []string{"services chat", "services conversations"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMemory(ended(1, 4*time.Hour), ended(2, 3*time.Hour), conversation(ended(3, 2*time.Hour)), opened(left(ended(4, 9*time.Hour), channel.Deactivate)))
			room := newRoom(m)
			room.retirer.services = row.err
			report := room.mustRun(t, sweep.Request{})
			did := map[sweep.Did]int{}
			for _, item := range report.Items {
				did[item.Did]++
			}
			if d := cmp.Diff(row.did, did); d != "" || report.Outcome != row.outcome {
				t.Errorf("%s: %s (%s) (-want +got):\n%s", row.reason, report.Outcome, report.Text, d)
			}
			if d := cmp.Diff(row.looked, room.retirer.looked); d != "" {
				t.Errorf("%s: looked at (-want +got):\n%s", row.reason, d)
			}
			if row.err != nil && (len(m.saves) > 0 || len(room.retirer.asked) > 0) {
				t.Errorf("%s: saved %v, asked %v", row.reason, m.saves, room.retirer.asked)
			}
			if errors.Is(row.err, retire.ErrService) && !strings.Contains(report.Text, "does not know the chat service IS1: look at CHAT_SERVICE_SIDS") {
				t.Errorf("the text is %q", report.Text)
			}
		})
	}
}

// A pass that left what was due undone, with no trace in the records, is no complete one: the
// next one must not be refused for that.
func TestAnOutageIsNoCompletePass(t *testing.T) {
	t.Parallel()
	claimsOf := func(channels int) hook {
		return func(_ *memory, operation, about string) error {
			if operation == "save retiring" && about <= sid(channels) {
				return errDown
			}
			return nil
		}
	}
	for name, row := range map[string]struct {
		reason   string
		set      func(r *room)
		failed   int
		missed   int
		complete bool
	}{
		"the services":      {"nobody knew whether they are there", func(r *room) { r.retirer.services = errDown }, 12, 12, false},
		"the claims":        {"none of them could be written", func(r *room) { r.memory.before = claimsOf(12) }, 12, 12, false},
		"the channels":      {"and their failures could not be written", func(r *room) { r.retirer.inspected = errDown; r.memory.before = failing("save tracking") }, 12, 12, false},
		"the failures":      {"they are written down", func(r *room) { r.retirer.inspected = errDown }, 12, 0, true},
		"a few claims":      {"one bad record must not make the guard forget", func(r *room) { r.memory.before = claimsOf(2) }, 2, 2, true},
		"too many claims":   {"they would be half of what is let pass", func(r *room) { r.memory.before = claimsOf(3) }, 3, 3, false},
		"changed meanwhile": {"whoever changed it has written it", func(r *room) { r.retirer.inspected = errDown; r.memory.before = from("save tracking", 1, 99, touched) }, 12, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(fleet(12))
			if name == "changed meanwhile" {
				room = newRoom(fleet(1))
				row.failed = 1
			}
			room.memory.updated(noon.Add(-2 * time.Hour))
			room.config.MaxUnexplained = 5
			row.set(room)
			report := room.mustRun(t, sweep.Request{})
			h := room.memory.history
			if report.Failed != row.failed || h.Pass.Missed != row.missed || (h.Complete != nil) != row.complete {
				t.Errorf("%s: %d failed, the pass is %+v", row.reason, report.Failed, h.Pass)
			}
			room.memory.before, room.retirer.answer = nil, allDone
			room.now = func() time.Time { return noon.Add(time.Hour) }
			if report := room.mustRun(t, sweep.Request{}); report.Outcome != sweep.Completed || room.memory.history.Complete == nil {
				t.Errorf("%s: after the outage: %+v", row.reason, report)
			}
		})
	}
}

// What must be put back and could not be is due at no pass.
func TestAMissedRestoreIsNotCounted(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(opened(left(ended(1, 9*time.Hour), channel.Deactivate))))
	room.config.MaxUnexplained = 0
	room.retirer.services = errDown
	if report := room.mustRun(t, sweep.Request{}); report.Failed != 1 || room.memory.history.Complete == nil || room.memory.history.Complete.Missed != 0 {
		t.Errorf("%+v, complete %+v", report, room.memory.history.Complete)
	}
}
