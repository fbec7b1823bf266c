package sweep

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// saves bounds how often one result is saved that meets another revision each time.
const saves = 10

// process does what was decided about one record, and logs what came of it.
func (r *run) process(ctx context.Context, c candidate) Item {
	j := job{run: r, entry: c.entry, item: Item{Channel: c.entry.Record.SID, Reason: c.decision.Reason, Since: c.decision.At}}
	switch c.decision.Action {
	case channel.Retire:
		j.retire(ctx)
	case channel.Restore:
		j.putBack(ctx)
	case channel.Tell:
		j.tell(ctx)
	}
	j.item.log(ctx, r.log)
	return j.item
}

// job is the work on one record.
type job struct {
	*run
	entry ledger.Entry // as last read or written
	item  Item
	acted time.Time // by when a run that died had changed the channel, if it did; zero for now
}

// retire goes through claim, retire and settle.
func (j *job) retire(ctx context.Context) {
	record := j.entry.Record
	if err := j.serviceKnown(ctx, record.Backend); err != nil {
		j.unknownService(err)
		return
	}
	target, err := j.target(ctx, record)
	if err != nil {
		j.fail(ctx, err)
		return
	}
	now := j.Now()
	if !j.claim(ctx, channel.Claimed(channel.Trim(record, now), j.report.Run, target, now)) {
		return
	}
	if (target.Disposition.Final() || !record.Overflow.IsZero()) && j.config.OpenTaskCheck && !j.noTask(ctx, record) {
		return
	}
	result, service, err := j.Retirer.Retire(ctx, j.entry.Record)
	switch {
	case errors.Is(err, retire.ErrBusy):
		j.release(ctx, record, err.Error())
	case err != nil:
		j.fail(ctx, err)
	case !j.guard.plausible(result == channel.Gone):
		j.release(ctx, record, "Twilio does not know it, nor most of the others: that is not believed")
	default:
		j.settle(ctx, result, service)
	}
}

// target returns what is going to be done. Before a deactivation it looks at what that will
// overwrite, since this must be in the claim.
func (j *job) target(ctx context.Context, record channel.Record) (channel.Target, error) {
	if record.Backend != channel.Chat || j.config.Policy.DispositionOf(record) != channel.Deactivate {
		return channel.TargetOf(record, j.config.Policy, nil), nil
	}
	found, err := j.Retirer.Inspect(ctx, record)
	return channel.TargetOf(record, j.config.Policy, found), err
}

// unknownService ends all retirements of the run if Twilio does not know a chat service.
func (j *job) unknownService(err error) {
	if errors.Is(err, retire.ErrService) {
		j.guard.refuse("%v", err)
		j.item.Did = LeftOver
		return
	}
	j.item.miss(err)
}

// noTask asks TaskRouter whether a task is open on the channel that the record has not heard
// of, immediately before something final is done, and reports whether there is none. What it
// finds goes into the record; without an answer nothing final is done.
func (j *job) noTask(ctx context.Context, before channel.Record) bool {
	events, err := j.Tasks.Unfinished(ctx, j.entry.Record)
	if err != nil {
		j.fail(ctx, err)
		return false
	}
	if len(events) == 0 {
		return true
	}
	next, _ := channel.ApplyAll(before, events)
	j.release(ctx, channel.Trim(next, j.Now()), fmt.Sprintf("TaskRouter has an open task on it: %s", events[0].TaskSID))
	return false
}

// claim takes the record under the revision that was walked. If that is not the current
// one something has happened, and the record is not ours; unless it is this very claim,
// repeated after its answer was lost: then the record is to the letter what was to be saved.
func (j *job) claim(ctx context.Context, claimed channel.Record) bool {
	saved, err := j.save(ctx, claimed, ledger.KeepTTL)
	if err == nil {
		j.entry = saved
		return true
	}
	if !errors.Is(err, ledger.ErrConflict) {
		j.item.miss(err)
		return false
	}
	if current, err := j.Records.Load(ctx, claimed.SID); err == nil && sameRecord(current.Record, claimed) {
		j.entry = current
		return true
	}
	j.item.Did = Conflict
	return false
}

// save writes the record in place of the one that was read or written last.
func (j *job) save(ctx context.Context, r channel.Record, ttl ledger.TTL) (ledger.Entry, error) {
	return j.Records.Save(ctx, ledger.Entry{Record: r, Document: j.entry.Document, Revision: j.entry.Revision}, ttl)
}

// sameRecord reports whether both would be the same document.
func sameRecord(a, b channel.Record) bool {
	return reflect.DeepEqual(normal(a), normal(b))
}

// release gives the claim back: the channel was not touched.
func (j *job) release(ctx context.Context, before channel.Record, why string) {
	j.item.Did, j.item.Text = Busy, why
	if _, err := j.save(ctx, channel.Released(before), ledger.KeepTTL); err != nil && !errors.Is(err, ledger.ErrConflict) {
		j.item.fail(err)
	}
}

// unreadable writes down that the channel's attributes are none to change. It is said once:
// when a later sweep looks again and finds them so still, that is no news.
func (j *job) unreadable(ctx context.Context, cause error) {
	record := j.entry.Record
	failed := channel.Failed(record, channel.Failure{Time: j.Now(), Operation: "read attributes", Unreadable: true})
	if record.Failure != nil && record.Failure.Unreadable {
		j.item.Did = StillUnreadable
	} else {
		j.item.fail(cause)
	}
	if _, err := j.save(ctx, failed, ledger.KeepTTL); err != nil && !errors.Is(err, ledger.ErrConflict) {
		j.item.fail(err)
	}
}

// fail gives the claim back with the channel in either state. If that cannot be written
// either, the claim's lease runs out and a later sweep takes over.
func (j *job) fail(ctx context.Context, cause error) {
	if errors.Is(cause, retire.ErrUnreadable) {
		j.unreadable(ctx, cause)
		return
	}
	j.item.fail(cause)
	failed := channel.Failed(j.entry.Record, channel.Failure{Time: j.Now(), Operation: operation(cause), Status: twilio.Status(cause), Code: twilio.Code(cause)})
	j.item.Failures = failed.Failure.Count
	if _, err := j.save(ctx, failed, ledger.KeepTTL); err != nil {
		j.item.Text += "; and its record was not updated: " + err.Error()
		j.item.missed = !errors.Is(err, ledger.ErrConflict)
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
func (j *job) settle(ctx context.Context, result channel.Result, service string) {
	at := j.Now()
	if !j.acted.IsZero() && j.acted.Before(at) {
		at = j.acted
	}
	for range saves {
		settled := channel.Settled(j.entry.Record, result, service, at)
		_, err := j.save(ctx, settled, ledger.ExpireIn(j.config.TombstoneTTL))
		if err == nil {
			j.item.retired(settled, at)
			return
		}
		if !j.again(ctx, err) {
			return
		}
		current := j.entry.Record
		switch channel.AfterConflict(current, j.report.Run, j.config.Policy, j.Now()) {
		case channel.IsSettled:
			j.item.retired(current, at)
			return
		case channel.TakenOver:
			j.item.Did = Conflict
			return
		case channel.RestoreNow:
			j.restore(ctx)
			return
		case channel.SettleAgain:
		}
	}
	j.item.fail(fmt.Errorf("save record of %s: %w in each of %d tries", j.item.Channel, ledger.ErrConflict, saves))
}

// again reads the record again after a save that met another revision, and reports whether
// there is a point in going on.
func (j *job) again(ctx context.Context, err error) bool {
	if !errors.Is(err, ledger.ErrConflict) {
		j.item.fail(err)
		return false
	}
	current, err := j.Records.Load(ctx, j.item.Channel)
	if err != nil {
		j.item.fail(err)
		return false
	}
	j.entry = current
	return true
}
