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
	sweeper := sweep.New(e.Config.SweepConfig(), sweep.Ports{
		Records: &watched{Ledger: e.Ledger, seen: seen}, Memory: silent{e.Ledger}, Retirer: e.Retirer, Tasks: e.Tasks, Now: e.Now, NewRun: newRun,
	})
	return sweeper.Run(ctx, request, nowhere)
}

// watched is a ledger that tells how far a walk has come.
type watched struct {
	*ledger.Ledger
	seen   func(int)
	walked int
}

// ReadPage implements sweep.Records.
func (w *watched) ReadPage(ctx context.Context, place ledger.Place, now time.Time) (ledger.Page, error) {
	page, err := w.Ledger.ReadPage(ctx, place, now)
	w.walked += len(page.Entries)
	w.seen(w.walked)
	return page, err
}

// silent is a memory that a run leaves alone: only the deployed sweep's runs are remembered.
type silent struct{ sweep.Memory }

// SetHistory implements sweep.Memory.
func (silent) SetHistory(context.Context, ledger.History) error { return nil }
