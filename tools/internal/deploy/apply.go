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

// Again is a plan that was made because the agreed one could not be applied to its end.
type Again struct {
	*Planned
	Differing []plan.Change // what is not as it was agreed to, to the letter
	Beyond    []plan.Change // what goes further than an apply that broke off explains
}

// Talk is how an apply speaks with whoever started it.
type Talk struct {
	Observe terraform.Observer // told each step; may be nil
	Notice  func(string)       // told why something is done again
	// Agree is asked before a plan is applied that differs from the agreed one; an
	// error ends the apply.
	Agree func(context.Context, Again) error
}

// Apply applies exactly p. When Twilio answers 429 or 5xx, which its provider does not
// repeat, or when the state has changed since p was made, it plans again, from the same
// inputs, and applies the rest: unasked only if nothing in it differs from p.
func (s *Session) Apply(ctx context.Context, p *Planned, patience Patience, talk Talk) error {
	agreed := p.Summary
	for attempt := 1; ; attempt++ {
		err := s.begin(ctx, p, talk.Observe)
		if err == nil {
			p.Discard()
			return nil
		}
		if !s.again(ctx, err, attempt, patience, talk.Notice) {
			return err
		}
		if p, err = s.replan(ctx, p, patience, attempt, talk); err != nil {
			return err
		}
		again := Again{Planned: p, Differing: plan.Differing(agreed, p.Summary), Beyond: plan.Beyond(agreed, p.Summary)}
		if len(again.Differing) == 0 {
			continue
		}
		if err := talk.Agree(ctx, again); err != nil {
			return err
		}
		agreed = p.Summary
	}
}

// begin applies p, after it has written down that it does: whatever happens then, p is
// not applied a second time.
func (s *Session) begin(ctx context.Context, p *Planned, observe terraform.Observer) error {
	p.Record.BegunAt = s.now().UTC().Truncate(time.Second)
	if err := p.Record.write(p.File); err != nil {
		return err
	}
	return s.Runner.Apply(ctx, p.File, []string{s.secrets}, observe)
}

// replan makes the plan of what is left; Twilio may refuse here too.
func (s *Session) replan(ctx context.Context, p *Planned, patience Patience, attempt int, talk Talk) (*Planned, error) {
	for {
		next, err := s.Plan(ctx, p.File, Goal{Destroy: p.Record.Destroy, Targets: p.Record.Targets}, talk.Observe)
		if err == nil {
			return next, nil
		}
		attempt++
		if !s.again(ctx, err, attempt, patience, talk.Notice) {
			return nil, err
		}
	}
}

// again waits before a repetition, and reports whether there is to be one.
func (s *Session) again(ctx context.Context, err error, attempt int, patience Patience, notice func(string)) bool {
	var failure *terraform.Failure
	if ctx.Err() != nil || !errors.As(err, &failure) || attempt >= patience.Attempts {
		return false
	}
	if failure.IsStale() {
		notice("The state has changed since the plan was made; planning anew.")
		return true
	}
	if !failure.IsPassing() {
		return false
	}
	wait := patience.NextBackOff().Round(time.Second)
	notice(fmt.Sprintf("Twilio refused for the moment; trying again in %s (%d of %d)", wait, attempt+1, patience.Attempts))
	return patience.Wait(ctx, wait) == nil
}
