package operate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// nowhere is the log of what an operator does: the answer is on the screen.
var nowhere = slog.New(slog.DiscardHandler)

// MayRetire says why the channel of a record must not be retired now, or nil. Retention
// is not asked: that is what the operator decides.
func (e *Environment) MayRetire(entry ledger.Entry) error {
	row := NewRow(entry, e.Config.Policy, e.Now())
	switch row.State {
	case StateRetired, StateClaimed, StateToRestore:
		return errors.New(row.Text)
	case StateOpen:
		return fmt.Errorf("%s; end it first", row.Text)
	case StateHeld:
		return fmt.Errorf("%s; release it first: flexsweep release %s %s", row.Text, e.Name, row.Channel)
	}
	return nil
}

// Retire retires the channel of a record as a sweep does, under the revision that the
// operator has seen: if anything has happened to it since, nothing is done.
func (e *Environment) Retire(ctx context.Context, entry ledger.Entry) Changed {
	sid := entry.Record.SID
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

// Undo gives a chat channel the two attributes back that a sweep has overwritten, and
// holds it, so that the next sweep does not retire it again.
//
// The record is changed first, to one that a sweep would put back by itself. So wherever
// this ends early, the next sweep finishes it, and an event that comes in between wins as
// it does against a sweep.
func (e *Environment) Undo(ctx context.Context, sid string) Changed {
	var refusal string
	entry, err := e.update(ctx, sid, ledger.NoTTL, func(r *channel.Record) bool {
		if refusal = final(*r); refusal != "" {
			return false
		}
		if !r.Hold.Active(e.Now()) || !r.Hold.Until.IsZero() {
			r.Hold = &channel.Hold{By: e.By, Reason: "undone: run " + r.Retirement.Run + " had retired it"}
		}
		r.Status = channel.Tracking
		return true
	})
	switch {
	case err != nil:
		return Changed{sid, "failed", err.Error(), true}
	case refusal != "":
		return Changed{sid, "impossible", refusal, true}
	}
	guessed := entry.Record.Retirement.Found == nil
	_, item := e.Sweeper.One(ctx, entry, channel.Restore, nowhere)
	return e.undone(sid, item, guessed)
}

func (e *Environment) undone(sid string, item sweep.Item, guessed bool) Changed {
	held := "; held for good: flexsweep release " + e.Name + " " + sid
	switch item.Did {
	case sweep.Restored:
		text := "its two attributes are as they were"
		if guessed {
			text = "nobody wrote down what it had, so it has what every long-lived channel has"
		}
		return Changed{sid, "undone", text + held, false}
	case sweep.Cleared:
		return Changed{sid, "cleared", "in Twilio it was not retired any more; its record says so now" + held, false}
	case sweep.Irrecoverable, sweep.WasGone:
		return Changed{sid, "impossible", "Twilio does not know it any more", true}
	case sweep.Conflict:
		return Changed{sid, "conflict", "a sweep came in between and puts it back" + held, false}
	default:
		return Changed{sid, "failed", item.Text + "; it is marked, and the next sweep tries again", true}
	}
}

// final says why a retirement cannot be undone, or "".
func final(r channel.Record) string {
	x := r.Retirement
	switch {
	case x == nil:
		return "it is not retired"
	case x.Result == channel.Gone:
		return "Twilio did not know it any more when the sweep came: there is nothing to put back"
	case x.Disposition == channel.Close:
		return "it was closed, and that is final: Twilio lets nobody reopen a conversation. Its history stays readable; the next message opens a new one"
	case x.Disposition == channel.Delete:
		return "it was deleted, and that is final: it cannot come back, and its history is gone"
	}
	return ""
}

// OfRun lists the channels that a run retired, in no order, by reading the whole ledger.
func (e *Environment) OfRun(ctx context.Context, run string, seen func(records int)) ([]ledger.Entry, error) {
	found, walked := map[string]ledger.Entry{}, 0
	err := e.Ledger.Walk(ctx, e.Now(), func(page ledger.Page) error {
		for _, entry := range page.Entries {
			if x := entry.Record.Retirement; x != nil && strings.EqualFold(x.Run, run) {
				found[entry.Record.SID] = entry
			}
		}
		if walked += len(page.Entries); seen != nil {
			seen(walked)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for what run %s retired: %w", run, err)
	}
	var entries []ledger.Entry
	for _, entry := range found {
		entries = append(entries, entry)
	}
	return entries, nil
}
