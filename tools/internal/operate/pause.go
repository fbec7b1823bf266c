package operate

import (
	"context"
	"errors"
	"fmt"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// Control reads what operators have set for all sweeps.
func (e *Environment) Control(ctx context.Context) (ledger.Control, error) {
	found, err := e.Ledger.Control(ctx)
	if err != nil {
		return found, fmt.Errorf("read the pause of %s: %w", e.Name, err)
	}
	return found, nil
}

// Pause stops every sweep within seconds, with no deployment. A pause that is there already
// stays as it is and is returned with changed false.
func (e *Environment) Pause(ctx context.Context, reason string) (pause ledger.Control, changed bool, err error) {
	for range tries {
		found, err := e.Control(ctx)
		if err != nil || found.Paused {
			return found, false, err
		}
		to := ledger.Control{Paused: true, Reason: reason, By: e.By, Since: e.Now().UTC(), Accept: found.Accept, Revision: found.Revision}
		err = e.Ledger.SetControl(ctx, to)
		switch {
		case err == nil:
			return to, true, nil
		case !errors.Is(err, ledger.ErrConflict):
			return found, false, fmt.Errorf("set the pause of %s: %w", e.Name, err)
		}
	}
	return ledger.Control{}, false, fmt.Errorf("set the pause of %s: someone else set it in each of %d tries", e.Name, tries)
}

// Resume ends the pause that was seen, and no other: an error if anything was set since.
func (e *Environment) Resume(ctx context.Context, seen ledger.Control) error {
	to := ledger.Control{By: e.By, Since: e.Now().UTC(), Accept: seen.Accept, Revision: seen.Revision}
	err := e.Ledger.SetControl(ctx, to)
	if !errors.Is(err, ledger.ErrConflict) {
		return wrap(err, "end the pause of "+e.Name)
	}
	found, err := e.Control(ctx)
	switch {
	case err != nil:
		return err
	case !found.Paused && found.By == to.By && found.Since.Equal(to.Since):
		return nil // it was this very request, repeated after its answer was lost
	case !found.Paused:
		return fmt.Errorf("%s has ended the pause of %s meanwhile", found.By, e.Name)
	}
	return fmt.Errorf("the pause of %s is another one than you have seen, so it stays: %s since %s: %s. Look, and resume again if that is to end, too",
		e.Name, found.By, Stamp(found.Since), found.Reason)
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
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
