package operate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// Undo gives a chat channel the two attributes back that a sweep has overwritten, and
// holds it, so that the next sweep does not retire it again. seen is the record as it was shown:
// if anything has happened to it since, or a sweep is at work on it, nothing is done.
//
// The record is changed first, to one that a sweep would put back by itself. So wherever
// this ends early, the next sweep finishes it, and an event that comes in between wins as
// it does against a sweep.
func (e *Environment) Undo(ctx context.Context, seen ledger.Entry) Changed {
	sid, r := seen.Record.SID, seen.Record
	if refusal := final(r); refusal != "" {
		return Changed{sid, "impossible", refusal, true}
	}
	if until, busy := e.leased(r); busy {
		return Changed{sid, "busy", fmt.Sprintf("run %s is at work on it, until %s at the latest; undo it then", r.Claim.Run, until), true}
	}
	r.Hold = stricter(r.Hold, channel.Hold{By: e.By, Reason: "undone: run " + r.Retirement.Run + " had retired it"}, e.Now())
	r.Status = channel.Tracking
	entry, err := e.saveSeen(ctx, seen, r, ledger.NoTTL)
	if errors.Is(err, ledger.ErrConflict) {
		return Changed{sid, "conflict", "something has happened to it since you looked, so nothing was done; look again", true}
	}
	if err != nil {
		return Changed{sid, "failed", err.Error(), true}
	}
	guessed := r.Retirement.Found == nil
	_, item := e.Sweeper.One(ctx, entry, channel.Restore, nowhere)
	return e.undone(sid, item, guessed)
}

// leased reports whether a sweep is at work on the record, and until when at the latest.
func (e *Environment) leased(r channel.Record) (until string, busy bool) {
	if r.Claim == nil || r.Claim.Done {
		return "", false
	}
	end := r.Claim.Time.Add(channel.Lease)
	return Stamp(end), e.Now().Before(end)
}

// saveSeen writes the record in place of the one that was seen: [ledger.ErrConflict] if that has
// changed, unless it is this very request, repeated after its answer was lost.
func (e *Environment) saveSeen(ctx context.Context, seen ledger.Entry, next channel.Record, ttl ledger.TTL) (ledger.Entry, error) {
	saved, err := e.Ledger.Save(ctx, ledger.Entry{Record: next, Document: seen.Document, Revision: seen.Revision}, ttl)
	if !errors.Is(err, ledger.ErrConflict) {
		return saved, err
	}
	if current, loadErr := e.Ledger.Load(ctx, next.SID); loadErr == nil && reflect.DeepEqual(current.Record, next) {
		return current, nil
	}
	return saved, err
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
