package sweep

import (
	"fmt"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// maxSkew is how far our clock and Twilio's may differ.
const maxSkew = 5 * time.Minute

const (
	// fewGone is up to how many channels in a run that Twilio does not know are nothing special.
	fewGone = 20
	// mostGone is the share of them from which on something else must be wrong.
	mostGone = 0.5
)

// guard refuses to retire what cannot be explained: then a clock or a setting must have gone
// wrong. What is due and was not touched since the last complete pass began should have been
// retired by it.
type guard struct {
	most        int
	complete    *ledger.Pass // the last one that left nothing undone
	accepted    bool         // an operator has said that all is well
	acceptedAt  time.Time
	unexplained int

	mu           sync.Mutex
	worked, gone int
	refusal      string // "" while all is well
}

func newGuard(c Config, h ledger.History, control ledger.Control) *guard {
	g := &guard{most: c.MaxUnexplained, complete: h.Complete}
	if a := control.Accept; a != nil && a.Rules == c.Policy.Hash() {
		g.accepted = h.Complete == nil || h.Complete.Started.Before(a.Since)
		g.acceptedAt = a.Since
	}
	return g
}

// renewed reports whether a pass that is under way must begin anew: it was refused before an
// operator accepted what is due.
func (g *guard) renewed(p ledger.Pass) bool {
	return p.Partial && g.accepted && p.Started.Before(g.acceptedAt)
}

func (g *guard) refuse(format string, args ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refusal == "" {
		g.refusal = fmt.Sprintf(format, args...)
	}
}

func (g *guard) refused() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refusal != ""
}

// checkClock refuses if our clock and that of Twilio's answers differ.
func (g *guard) checkClock(now time.Time, meter *twilio.Meter) {
	date, known := meter.Date()
	if skew := now.Sub(date).Abs(); known && skew > maxSkew {
		g.refuse("this function's clock says %s, and Twilio's %s: nothing is retired by a wrong clock",
			now.UTC().Format(time.RFC3339), date.Format(time.RFC3339))
	}
}

// check counts what cannot be explained in a stretch before it is worked on. Channels that
// keep failing stay due; they are no sign of anything, and must not stop the others.
func (g *guard) check(s stretch) (unexplained int) {
	if g.complete == nil {
		return 0 // nobody knows what was there: the limit of a run holds
	}
	since := g.complete.Started
	for _, c := range s.due() {
		if !c.failing() && c.decision.At.Before(since) && c.entry.Updated.Before(since) {
			unexplained++
		}
	}
	g.unexplained += unexplained
	if g.unexplained > g.most && !g.accepted {
		g.refuse("%d channels are due that the pass of %s should have retired, more than the %d of MAX_UNEXPLAINED. "+
			"Has RETENTION changed, or a clock? If they are rightly due: flexsweep sweep --accept-due. "+
			"See docs/runbook.md#sweep-refused", g.unexplained, since.UTC().Format(time.RFC3339), g.most)
	}
	return unexplained
}

// plausible counts one channel that was worked on, and reports whether its result can be
// believed: that Twilio does not know most of the channels is more likely a wrong service.
func (g *guard) plausible(gone bool) bool {
	g.mu.Lock()
	g.worked++
	if gone {
		g.gone++
	}
	worked, lost := g.worked, g.gone
	g.mu.Unlock()
	if !gone || lost <= fewGone || float64(lost) <= mostGone*float64(worked) {
		return true
	}
	g.refuse("Twilio does not know %d of the %d channels that were worked on: look at CHAT_SERVICE_SIDS and the account; "+
		"flexsweep reconcile finds those that were taken for gone", lost, worked)
	return false
}
