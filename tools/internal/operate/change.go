package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// tries bounds how often a change is made anew that met another one: events and sweeps
// change a record once in a while, never ten times in a second.
const tries = 10

// Changed is what came of an operator's change to one channel.
type Changed struct {
	Channel string `json:"channel"`
	Did     string `json:"did"`  // what was done, in a word
	Text    string `json:"text"` // and in a sentence
	// Failed: it was not done, although it was asked for.
	Failed bool `json:"failed,omitempty"`
}

// Load reads the record of a channel; a channel that the ledger does not know is told as
// an operator can use it.
func (e *Environment) Load(ctx context.Context, sid string) (ledger.Entry, error) {
	entry, err := e.Ledger.Load(ctx, sid)
	if errors.Is(err, ledger.ErrNotFound) {
		return entry, fmt.Errorf("the ledger of %s has no %s: no event of a task on it has come, or it was retired longer than %s ago: %w",
			e.Name, sid, e.Config.TombstoneTTL, err)
	}
	if err != nil {
		return entry, fmt.Errorf("read the record of %s: %w", sid, err)
	}
	return entry, nil
}

// update changes one record under its revision, and again if an event or a sweep came in
// between. change returns false if there is nothing to do.
func (e *Environment) update(ctx context.Context, sid string, ttl ledger.TTL, change func(*channel.Record) bool) (ledger.Entry, error) {
	for range tries {
		entry, err := e.Load(ctx, sid)
		if err != nil || !change(&entry.Record) {
			return entry, err
		}
		saved, err := e.Ledger.Save(ctx, entry, ttl)
		if err == nil {
			return saved, nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return entry, fmt.Errorf("change the record of %s: %w", sid, err)
		}
	}
	return ledger.Entry{}, fmt.Errorf("change the record of %s: it was changed by someone else in each of %d tries", sid, tries)
}
