package ledger

import (
	"context"
	"time"
)

// controlName is the name of the control document behind the prefix.
const controlName = "control"

// Control is what an operator sets for all sweeps, without a deployment.
type Control struct {
	Paused bool      `json:"paused"`
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	Since  time.Time `json:"since,omitzero"`
}

// Control reads the control document: one request. Without one, nothing is paused.
// An error means that nobody knows, so the caller must act as if paused.
func (l *Ledger) Control(ctx context.Context) (Control, error) {
	var control Control
	_, err := l.get(ctx, controlName, &control)
	return control, err
}

// SetControl replaces the control document: two requests. [ErrConflict] if another
// operator set it at the same moment.
func (l *Ledger) SetControl(ctx context.Context, c Control) error {
	revision, err := l.get(ctx, controlName, &Control{})
	if err != nil {
		return err
	}
	return l.put(ctx, controlName, revision, c)
}
