package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/flexsweep/flexsweep/tools/internal/plan"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// Patience says how often an apply is repeated and how long to wait before.
type Patience struct {
	Attempts int // in all, the first included
	Wait     func(ctx context.Context, d time.Duration) error
	Intervals
}

// Intervals give the wait before each repetition.
type Intervals interface{ NextBackOff() time.Duration }

// DefaultPatience repeats four times over some two minutes, with jitter: long
// enough for Twilio's limits to pass, short enough for a person to wait.
func DefaultPatience() Patience {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval, b.Multiplier = 5*time.Second, time.Minute, 2.5
	return Patience{Attempts: 5, Wait: sleep, Intervals: b}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// ErrBeyond says that a repeated apply would do what nobody agreed to.
var ErrBeyond = errors.New("the rest of the plan is no longer what was agreed to")

// Apply applies exactly p. When Twilio answers 429 or 5xx, which its provider
// does not repeat, it plans again and applies the rest, as long as the rest stays
// within what p was agreed to do; notice is told before each repetition.
func (s *Session) Apply(ctx context.Context, p *Planned, patience Patience, observe terraform.Observer, notice func(string)) error {
	agreed := p.Summary
	for attempt := 1; ; attempt++ {
		err := s.Runner.Apply(ctx, p.File, []string{s.secrets}, observe)
		if err == nil {
			p.Discard()
			return nil
		}
		if !s.again(ctx, err, attempt, patience, notice) {
			return err
		}
		if p, err = s.replan(ctx, p, patience, attempt, notice, observe); err != nil {
			return err
		}
		if beyond := plan.Beyond(agreed, p.Summary); len(beyond) > 0 {
			return fmt.Errorf("%w: it would now %s %s; look at a new plan", ErrBeyond, beyond[0].Kind, beyond[0].Address)
		}
	}
}

// replan makes the plan of what is left; Twilio may refuse here too.
func (s *Session) replan(ctx context.Context, p *Planned, patience Patience, attempt int, notice func(string), observe terraform.Observer) (*Planned, error) {
	for {
		next, err := s.Plan(ctx, p.File, p.Record.Destroy, observe)
		if err == nil {
			return next, nil
		}
		attempt++
		if !s.again(ctx, err, attempt, patience, notice) {
			return nil, err
		}
	}
}

// again waits before a repetition, and reports whether there is to be one.
func (s *Session) again(ctx context.Context, err error, attempt int, patience Patience, notice func(string)) bool {
	var failure *terraform.Failure
	if ctx.Err() != nil || !errors.As(err, &failure) || !failure.IsPassing() || attempt >= patience.Attempts {
		return false
	}
	wait := patience.NextBackOff().Round(time.Second)
	notice(fmt.Sprintf("Twilio refused for the moment; trying again in %s (%d of %d)", wait, attempt+1, patience.Attempts))
	return patience.Wait(ctx, wait) == nil
}
