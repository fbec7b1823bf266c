package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
)

// recordTime is more than the work on one record takes, with every repetition.
const recordTime = 2 * time.Minute

// putBack goes through claim and restore. Without the claim a run that is slow could put
// a channel back that another has retired since, rightly, because the last task has ended.
func (j *job) putBack(ctx context.Context) {
	if dead := j.entry.Record.Claim; dead != nil { // what it did it did then, not now
		j.acted = dead.Time.Add(recordTime)
	}
	claimed := channel.ClaimedToRestore(j.entry.Record, j.report.Run, j.Now())
	if err := j.serviceKnown(ctx, claimed.Claim.Backend); err != nil {
		j.unknownService(err)
		return
	}
	if j.claim(ctx, claimed) {
		j.restore(ctx)
	}
}

// restore puts the channel back and clears the record's evidence.
func (j *job) restore(ctx context.Context) {
	restoration, err := j.Retirer.Restore(ctx, j.entry.Record)
	switch {
	case err != nil:
		j.fail(ctx, err)
		return
	case restoration == retire.Final: // there is no way back, and the next message opens a new channel anyway
		j.settle(ctx, channel.Done, "")
		return
	case restoration == retire.Lost:
		j.settle(ctx, channel.Gone, "")
		return
	}
	for range saves {
		record := j.entry.Record
		_, err := j.save(ctx, channel.Restored(record), ledger.NoTTL)
		if err == nil {
			j.item.restored(restoration, len(record.OpenTasks()) > 0)
			return
		}
		if !j.again(ctx, err) {
			return
		}
		if current := j.entry.Record; !current.Touched() || claimant(current) != claimant(record) {
			j.item.Did = Conflict // another run has put it back, or taken it over
			return
		}
	}
	j.item.fail(fmt.Errorf("save record of %s: %w in each of %d tries", j.item.Channel, ledger.ErrConflict, saves))
}

func claimant(r channel.Record) string {
	if r.Claim == nil {
		return ""
	}
	return r.Claim.Run
}

// tell reports, once, that a task was open when something final was done: its created event
// came only afterwards.
func (j *job) tell(ctx context.Context) {
	_, err := j.save(ctx, channel.Told(j.entry.Record), ledger.KeepTTL)
	switch {
	case errors.Is(err, ledger.ErrConflict):
		j.item.Did = Conflict // the next pass tells it
	case err != nil:
		j.item.fail(err)
	default:
		j.item.Did, j.item.Text = Irrecoverable, fmt.Sprintf("it was retired under a task that was open: %v", j.entry.Record.ClosedUnder())
	}
}
