package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// saves bounds how often one result is saved that meets another revision each time.
const saves = 10

// process does what was decided about one record, and logs what came of it.
func (s *Sweeper) process(ctx context.Context, run string, c candidate, log *slog.Logger) Item {
	work := job{Sweeper: s, run: run, entry: c.entry, item: Item{Channel: c.entry.Record.SID, Reason: c.decision.Reason, Since: c.decision.At}}
	if c.decision.Action == channel.Restore {
		work.putBack(ctx)
	} else {
		work.retire(ctx)
	}
	work.item.log(ctx, log)
	return work.item
}

// job is the work on one record.
type job struct {
	*Sweeper
	run   string
	entry ledger.Entry // as last read or written
	item  Item
}

// retire goes through claim, retire and settle.
func (j *job) retire(ctx context.Context) {
	record := j.entry.Record
	now := j.now()
	if !j.claim(ctx, channel.Claimed(channel.Trim(record, now), j.run, j.config.Policy.DispositionOf(record), now)) {
		return
	}
	outcome, err := j.retirer.Retire(ctx, j.entry.Record)
	if unusual := new(retire.UnusualError); errors.As(err, &unusual) {
		if !j.claim(ctx, channel.Noted(j.entry.Record, unusual.Previous)) {
			return // something has happened, and the channel is as it was
		}
		outcome, err = j.retirer.Retire(ctx, j.entry.Record)
	}
	switch {
	case errors.Is(err, retire.ErrBusy):
		j.release(ctx, record, err)
	case err != nil:
		j.fail(ctx, err)
	default:
		j.settle(ctx, outcome)
	}
}

// putBack goes through claim and restore. Without the claim a run that is slow could put
// a channel back that another has retired since, rightly, because the last task has ended.
func (j *job) putBack(ctx context.Context) {
	if j.claim(ctx, channel.ClaimedToRestore(j.entry.Record, j.run, j.now())) {
		j.restore(ctx)
	}
}

// claim takes the record under the revision that was walked. If that is not the current
// one something has happened, and the record is not ours.
func (j *job) claim(ctx context.Context, claimed channel.Record) bool {
	saved, err := j.records.Save(ctx, ledger.Entry{Record: claimed, Revision: j.entry.Revision}, ledger.KeepTTL)
	if err == nil {
		j.entry = saved
		return true
	}
	if !errors.Is(err, ledger.ErrConflict) {
		j.item.fail(err)
		return false
	}
	// The claim may be this very one, repeated after its answer was lost.
	if current, err := j.records.Load(ctx, claimed.SID); err == nil && current.Record.Status == claimed.Status && claimant(current.Record) == j.run {
		j.entry = current
		return true
	}
	j.item.Did = Conflict
	return false
}

// release gives the claim back: the channel was not touched.
func (j *job) release(ctx context.Context, before channel.Record, why error) {
	j.item.Did, j.item.Text = Busy, why.Error()
	if _, err := j.records.Save(ctx, ledger.Entry{Record: channel.Released(before), Revision: j.entry.Revision}, ledger.KeepTTL); err != nil && !errors.Is(err, ledger.ErrConflict) {
		j.item.fail(err)
	}
}

// fail gives the claim back with the channel in either state. If that cannot be written
// either, the claim's lease runs out and a later sweep takes over.
func (j *job) fail(ctx context.Context, cause error) {
	j.item.fail(cause)
	failed := channel.Failed(j.entry.Record, channel.Failure{Time: j.now(), Operation: operation(cause), Status: twilio.Status(cause), Code: twilio.Code(cause)})
	j.item.Failures = failed.Failure.Count
	if _, err := j.records.Save(ctx, ledger.Entry{Record: failed, Revision: j.entry.Revision}, ledger.KeepTTL); err != nil {
		j.item.Text += "; and its record was not updated: " + err.Error()
	}
}

func operation(err error) string {
	var refused *twilio.Error
	if errors.As(err, &refused) {
		return refused.Operation
	}
	return "retire channel"
}

// settle writes down what was done. If an event came in between, the record decides:
// write it down all the same, or put the channel back.
func (j *job) settle(ctx context.Context, outcome channel.Outcome) {
	for range saves {
		settled := channel.Settled(j.entry.Record, outcome, j.now())
		_, err := j.records.Save(ctx, ledger.Entry{Record: settled, Revision: j.entry.Revision}, ledger.ExpireIn(j.config.TombstoneTTL))
		if err == nil {
			j.item.retired(settled.Retirement)
			return
		}
		if !errors.Is(err, ledger.ErrConflict) {
			j.item.fail(err)
			return
		}
		current, err := j.records.Load(ctx, j.entry.Record.SID)
		if err != nil {
			j.item.fail(err)
			return
		}
		j.entry = current
		switch channel.AfterConflict(current.Record, j.run, j.config.Policy, j.now()) {
		case channel.Finished:
			j.item.retired(current.Record.Retirement)
			return
		case channel.LetGo:
			j.item.Did = Conflict
			return
		case channel.Undo:
			j.entry.Record.Retirement = undoing(current.Record, outcome)
			j.restore(ctx)
			return
		}
	}
	j.item.fail(fmt.Errorf("save record of %s: %w in each of %d tries", j.item.Channel, ledger.ErrConflict, saves))
}

// undoing returns the retirement to undo: this run's, or an earlier one's if this run
// found the channel already retired.
func undoing(r channel.Record, o channel.Outcome) *channel.Retirement {
	if o.Result == channel.Already && r.Retirement != nil {
		return r.Retirement
	}
	return &channel.Retirement{Run: r.Claim.Run, Disposition: r.Claim.Disposition, Result: o.Result, Previous: o.Previous}
}

// restore puts the channel back and clears the record's evidence.
func (j *job) restore(ctx context.Context) {
	restoration, err := j.retirer.Restore(ctx, j.entry.Record)
	if err != nil {
		j.fail(ctx, err)
		return
	}
	if restoration == retire.Impossible {
		j.acceptFinal(ctx)
		return
	}
	for range saves {
		_, err := j.records.Save(ctx, ledger.Entry{Record: channel.Restored(j.entry.Record), Revision: j.entry.Revision}, ledger.NoTTL)
		if err == nil {
			j.item.restored(restoration)
			return
		}
		if !errors.Is(err, ledger.ErrConflict) {
			j.item.fail(err)
			return
		}
		current, err := j.records.Load(ctx, j.item.Channel)
		if err != nil {
			j.item.fail(err)
			return
		}
		if !current.Record.Touched() || claimant(current.Record) != claimant(j.entry.Record) {
			j.item.Did = Conflict // another run has put it back, or taken it over
			return
		}
		j.entry = current
	}
	j.item.fail(fmt.Errorf("save record of %s: %w in each of %d tries", j.item.Channel, ledger.ErrConflict, saves))
}

func claimant(r channel.Record) string {
	if r.Claim == nil {
		return ""
	}
	return r.Claim.Run
}

// acceptFinal writes down that the channel is closed or gone although its record would
// keep it: there is no way back, and the next message opens a new channel anyway.
func (j *job) acceptFinal(ctx context.Context) {
	j.settle(ctx, channel.Outcome{Result: channel.Gone})
	if j.item.Did == RetiredNow || j.item.Did == WasGone {
		j.item.Did = Irrecoverable
	}
}
