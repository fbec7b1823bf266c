package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
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
	doc, err := l.client.Sync(ctx).FetchDocument(l.service, l.prefix+controlName)
	if err != nil {
		if err = twilio.Wrap("fetch control document", err); twilio.IsGone(err) {
			return Control{}, nil
		}
		return Control{}, err
	}
	var control Control
	raw, err := json.Marshal(doc.Data)
	if err == nil {
		err = json.Unmarshal(raw, &control)
	}
	if err != nil {
		return Control{}, fmt.Errorf("read control document: %w", err)
	}
	return control, nil
}
