package operate

import (
	"context"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// DryRun runs the sweep from here, changing nothing. seen is told how many records were
// walked so far.
func (e *Environment) DryRun(ctx context.Context, request sweep.Request, seen func(records int)) (*sweep.Report, error) {
	request.DryRun = true
	sweeper := sweep.New(e.Config.SweepConfig(), &watched{Ledger: e.Ledger, seen: seen}, e.Retirer, e.Now, newRun)
	return sweeper.Run(ctx, request, nowhere)
}

// watched is a ledger that tells how far a walk has come.
type watched struct {
	*ledger.Ledger
	seen   func(int)
	walked int
}

// Walk implements sweep.Records.
func (w *watched) Walk(ctx context.Context, now time.Time, visit func(ledger.Page) error) error {
	return w.Ledger.Walk(ctx, now, func(p ledger.Page) error {
		w.walked += len(p.Entries)
		w.seen(w.walked)
		return visit(p)
	})
}
