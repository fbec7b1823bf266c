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
	// Accept lets a pass retire what cannot be explained.
	Accept *Accept `json:"accept,omitempty"`

	// Revision is the one that was read; "" if there is no control document yet.
	Revision string `json:"-"`
}

// Accept is an operator's word that what is due is rightly due, under these very rules.
type Accept struct {
	Rules string    `json:"rules"` // the hash of the policy
	By    string    `json:"by"`
	Since time.Time `json:"since"` // it is good for the first whole pass from then on
}

// Control reads the control document: one request. Without one, nothing is paused.
// An error means that nobody knows, so the caller must act as if paused.
func (l *Ledger) Control(ctx context.Context) (Control, error) {
	var control Control
	revision, err := l.get(ctx, controlName, &control)
	control.Revision = revision
	return control, err
}

// SetControl replaces the control document that was read as c.Revision: one request.
// [ErrConflict] if somebody has set it since: what they said has not been seen.
func (l *Ledger) SetControl(ctx context.Context, c Control) error {
	return l.put(ctx, controlName, c.Revision, c)
}
