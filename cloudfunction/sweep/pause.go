package sweep

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// pauseEvery is how often a run looks whether it has been paused meanwhile: so an
// operator can stop it in seconds, for one request each time.
const pauseEvery = 5 * time.Second

// brake tells a run under way when to begin no further record.
type brake struct {
	memory Memory
	now    func() time.Time
	until  time.Time // the run's time is up

	mu     sync.Mutex
	looked time.Time // when the control document was last read
	why    string    // "" while the run goes on
	end    Outcome
}

// on reports whether to begin no further record. What is under way is finished: half of a
// retirement is worse than all of it.
func (b *brake) on(ctx context.Context) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch {
	case b.why != "":
	case ctx.Err() != nil || !now.Before(b.until):
		b.end, b.why = Stopped, "the time was up; the next sweep goes on"
	case now.Sub(b.looked) >= pauseEvery:
		b.looked = now
		b.look(ctx)
	}
	return b.why != ""
}

// stopped reports whether the brake has been on.
func (b *brake) stopped() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.why != ""
}

func (b *brake) look(ctx context.Context) {
	control, err := b.memory.Control(ctx)
	switch {
	case err != nil:
		b.end, b.why = Stopped, "nobody knows whether sweeps are paused: "+err.Error()
	case control.Paused:
		b.end, b.why = Paused, pauseText(control)
	}
}

func pauseText(c ledger.Control) string {
	return fmt.Sprintf("%s paused the sweeps at %s: %s", c.By, c.Since.UTC().Format(time.RFC3339), c.Reason)
}
