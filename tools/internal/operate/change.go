package operate

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// Hold keeps a channel from being retired until a time, or with the zero time for good.
func (e *Environment) Hold(ctx context.Context, sid string, until time.Time, reason string) Changed {
	hold := &channel.Hold{Until: until, By: e.By, Reason: reason}
	entry, err := e.update(ctx, sid, ledger.KeepTTL, func(r *channel.Record) bool {
		r.Hold = hold
		return true
	})
	if err != nil {
		return Changed{sid, "failed", err.Error(), true}
	}
	text := "for good"
	if !until.IsZero() {
		text = "until " + Stamp(until)
	}
	if entry.Record.Status == channel.Retired {
		text += "; it is retired already, and a hold does not bring it back: flexsweep undo " + e.Name + " " + sid
	}
	return Changed{sid, "held", text, false}
}

// Release takes a hold away.
func (e *Environment) Release(ctx context.Context, sid string) Changed {
	held := false
	entry, err := e.update(ctx, sid, ledger.KeepTTL, func(r *channel.Record) bool {
		held = r.Hold != nil
		r.Hold = nil
		return held
	})
	switch {
	case err != nil:
		return Changed{sid, "failed", err.Error(), true}
	case !held:
		return Changed{sid, "nothing", "it was not held", false}
	}
	return Changed{sid, "released", "now " + e.verdict(entry), false}
}

// verdict is what the next sweep makes of a record.
func (e *Environment) verdict(entry ledger.Entry) string {
	row := NewRow(entry, e.Config.Policy, e.Now())
	return fmt.Sprintf("%s: %s", row.State, row.Text)
}

// Pause stops every sweep within seconds, with no deployment. A pause that is there already
// stays as it is and is returned with changed false.
func (e *Environment) Pause(ctx context.Context, reason string) (pause ledger.Control, changed bool, err error) {
	return e.control(ctx, true, ledger.Control{Paused: true, Reason: reason, By: e.By, Since: e.Now().UTC()})
}

// Resume ends a pause and returns what it was; changed is false if there was none.
func (e *Environment) Resume(ctx context.Context) (pause ledger.Control, changed bool, err error) {
	return e.control(ctx, false, ledger.Control{By: e.By, Since: e.Now().UTC()})
}

func (e *Environment) control(ctx context.Context, pause bool, to ledger.Control) (ledger.Control, bool, error) {
	for range tries {
		found, err := e.Ledger.Control(ctx)
		if err != nil {
			return found, false, fmt.Errorf("read the pause of %s: %w", e.Name, err)
		}
		if found.Paused == pause {
			return found, false, nil
		}
		to.Revision, to.Accept = found.Revision, found.Accept
		err = e.Ledger.SetControl(ctx, to)
		switch {
		case err == nil && pause:
			return to, true, nil
		case err == nil:
			return found, true, nil
		case !errors.Is(err, ledger.ErrConflict):
			return found, false, fmt.Errorf("set the pause of %s: %w", e.Name, err)
		}
	}
	return ledger.Control{}, false, fmt.Errorf("set the pause of %s: someone else set it in each of %d tries", e.Name, tries)
}

// AcceptDue writes down that what is due is rightly due, for a whole pass under the rules
// as they are now: sweeps then retire what they could not explain.
func (e *Environment) AcceptDue(ctx context.Context) error {
	for range tries {
		control, err := e.Ledger.Control(ctx)
		if err != nil {
			return fmt.Errorf("read the control document of %s: %w", e.Name, err)
		}
		control.Accept = &ledger.Accept{Rules: e.Config.Policy.Hash(), By: e.By, Since: e.Now().UTC()}
		if err = e.Ledger.SetControl(ctx, control); !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("accept what is due in %s: someone else set the control document in each of %d tries", e.Name, tries)
}
