package operate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// nowhere is the log of what an operator does: the answer is on the screen.
var nowhere = slog.New(slog.DiscardHandler)

// MayRetire says why the channel of a record must not be retired now, or nil. Retention
// is not asked: that is what the operator decides. TaskRouter is, for open tasks that the ledger
// has not heard of, unless the environment's sweeps do not ask it either (OPEN_TASK_CHECK).
func (e *Environment) MayRetire(ctx context.Context, entry ledger.Entry) error {
	row := NewRow(entry, e.Config.Policy, e.Now())
	switch row.State {
	case StateRetired, StateClaimed, StateToRestore:
		return errors.New(row.Text)
	case StateOpen:
		return fmt.Errorf("%s; end it first", row.Text)
	case StateHeld:
		return fmt.Errorf("%s; release it first: flexsweep release %s %s", row.Text, e.Name, row.Channel)
	}
	if !e.Config.OpenTaskCheck {
		return nil
	}
	open, err := e.Tasks.Unfinished(ctx, entry.Record)
	if err != nil {
		return fmt.Errorf("nobody knows whether a task on it is open, since TaskRouter did not say: %w", err)
	}
	if len(open) > 0 {
		return fmt.Errorf("TaskRouter has task %s open on it, which the ledger has not as open: end it first, and see flexsweep reconcile %s", open[0].TaskSID, e.Name)
	}
	return nil
}

// Retire retires the channel of a record as a sweep does, under the revision that the
// operator has seen: if anything has happened to it since, nothing is done.
func (e *Environment) Retire(ctx context.Context, entry ledger.Entry) Changed {
	sid := entry.Record.SID
	if err := e.MayRetire(ctx, entry); err != nil { // again: the question may have stood for an hour
		return Changed{sid, "refused", err.Error(), true}
	}
	disposition := e.Config.Policy.DispositionOf(entry.Record)
	run, item := e.Sweeper.One(ctx, entry, channel.Retire, nowhere)
	switch item.Did {
	case sweep.RetiredNow:
		return Changed{sid, "retired", fmt.Sprintf("%s, by run %s", disposition, run), false}
	case sweep.WasAlready:
		return Changed{sid, "already", "it was retired before; its record says so now", false}
	case sweep.WasGone:
		return Changed{sid, "gone", "Twilio does not know it any more; its record says so now", false}
	case sweep.Conflict:
		return Changed{sid, "conflict", "something has happened to it since you looked, so nothing was done; look again", true}
	case sweep.Restored:
		return Changed{sid, "undone", "an event came in meanwhile, so it was put back", true}
	default:
		return Changed{sid, string(item.Did), item.Text, true}
	}
}
