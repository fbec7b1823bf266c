package operate

import (
	"slices"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// TestEveryReasonHasAState: a channel that is kept for a new reason would be in no column.
func TestEveryReasonHasAState(t *testing.T) {
	t.Parallel()
	for _, reason := range append(channel.KeepReasons(), channel.ReasonDue) {
		if state := stateOf(channel.Decision{Reason: reason}); !slices.Contains(States(), state) {
			t.Errorf("a channel of reason %q is in state %q", reason, state)
		}
	}
}
