package sweep

import (
	"fmt"
	"math/bits"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// begin takes the pass up that is under way, or begins a new one, and reports whether there
// is anything to do: a tick waits until the last pass is old enough.
func (r *run) begin() bool {
	now := r.report.Started
	last := r.history.Pass
	switch {
	case r.request.DryRun:
		r.pass = ledger.Pass{Started: now}
	case last != nil && last.Ended.IsZero() && !r.guard.renewed(*last):
		r.pass, r.guard.unexplained = *last, last.Unexplained
	case last != nil && r.request.Tick && r.young(last.Started):
		r.report.Outcome = Idle
		r.report.Text = fmt.Sprintf("the last pass over the ledger began at %s; the next one begins %s after it",
			last.Started.UTC().Format(time.RFC3339), r.config.Policy.PassInterval())
		r.report.pass(*last, r.history)
		return false
	default:
		r.pass, r.moved = ledger.Pass{Started: now}, true
	}
	r.report.pass(r.pass, r.history)
	return true
}

// young reports whether a pass that began at the time is too young for another. One that lies ahead
// was begun by a wrong clock, and must not keep all others off.
func (r *run) young(began time.Time) bool {
	age := r.report.Started.Sub(began)
	return age < r.config.Policy.PassInterval() && age >= -maxSkew
}

// placesRefused is from how often in a row on it is an alert that Twilio does not take a place up.
const placesRefused = 2

// restart begins the pass anew, since Twilio does not know the place any more, and reports
// whether this run may go on with that. A second time it may not: a Twilio that takes up none of its
// own places would keep it reading the front of the ledger until its time is up.
func (r *run) restart(cause error) (again bool) {
	r.history.Refused++
	line := "the pass begins anew: " + cause.Error()
	if r.history.Refused >= placesRefused {
		r.log.Error(line, "in_a_row", r.history.Refused)
	} else {
		r.log.Warn(line, "in_a_row", r.history.Refused)
	}
	r.pass, r.moved = ledger.Pass{Started: r.report.Started}, true
	r.guard.unexplained = 0
	again, r.anew = !r.anew, true
	return again
}

// advance takes a stretch that was worked off into the pass.
func (r *run) advance(s stretch) {
	p := &r.pass
	p.Place, p.Pages = s.after, p.Pages+s.pages
	p.Live, p.Tombstones, p.Due = p.Live+s.live, p.Tombstones+s.tombstones, p.Due+len(s.due())
	p.Unexplained = r.guard.unexplained
	p.Partial = p.Partial || r.guard.refusal != "" || p.Missed > r.config.MaxUnexplained/2
	if !s.oldestOpen.IsZero() && (p.OldestOpen.IsZero() || s.oldestOpen.Before(p.OldestOpen)) {
		p.OldestOpen = s.oldestOpen
	}
	r.moved = true
	if s.before != "" {
		r.history.Refused = 0
	}
	r.report.pass(r.pass, r.history)
}

// complete ends the pass.
func (r *run) complete() {
	r.pass.Place, r.pass.Ended = "", r.Now()
	r.report.pass(r.pass, r.history)
}

// late counts a channel that was retired so long after it was due.
func (r *run) late(d time.Duration) {
	bucket := bits.Len64(uint64(max(0, d/time.Second)))
	for len(r.pass.Lateness) <= bucket {
		r.pass.Lateness = append(r.pass.Lateness, 0)
	}
	r.pass.Lateness[bucket]++
	r.pass.Retired++
	r.moved = true // it counts even where the stretch is not worked off
	r.report.late(d)
}
