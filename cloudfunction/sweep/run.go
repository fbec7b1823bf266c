package sweep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// run is one sweep.
type run struct {
	*Sweeper
	request Request
	report  *Report
	log     *slog.Logger
	brake   *brake
	guard   *guard
	history ledger.History
	pass    ledger.Pass // the one that this run works on, as far as it has come
	moved   bool        // the pass has come on, or a new one has begun
	anew    bool        // this run has begun the pass anew, since Twilio did not know its place
	left    int         // how many channels may still be retired or restored
	lookUps int         // how many tasks may still be looked up

	mu       sync.Mutex
	services map[channel.Backend]error // what Twilio said of the chat services
}

func (s *Sweeper) newRun(ctx context.Context, request Request, log *slog.Logger) *run {
	now := s.Now()
	report := newReport(s.NewRun(now), now, request.DryRun)
	left := s.config.MaxRetirements
	if request.Limit > 0 {
		left = min(left, request.Limit)
	}
	return &run{
		Sweeper: s, request: request, report: report, log: log.With("run", report.Run), left: left, lookUps: s.config.TaskLookups,
		brake: &brake{memory: s.Memory, now: s.Now, until: s.stopTime(ctx, now), looked: now}, services: map[channel.Backend]error{},
	}
}

// do goes over the ledger. An error means that it could not be read.
func (r *run) do(ctx context.Context, meter *twilio.Meter) error {
	control, err := r.Memory.Control(ctx)
	if err != nil {
		return fmt.Errorf("tell whether sweeps are paused: %w", err)
	}
	if control.Paused {
		r.report.Text = pauseText(control)
		if !r.request.DryRun {
			r.report.Outcome = Paused
			return nil
		}
	}
	if r.history, err = r.Memory.History(ctx); err != nil {
		return fmt.Errorf("read how far the last sweep came: %w", err)
	}
	r.guard = newGuard(r.config, r.history, control)
	if !r.begin() {
		return nil
	}
	r.guard.checkClock(r.Now(), meter)
	if err := r.walk(ctx); err != nil {
		return err
	}
	r.conclude()
	return nil
}

// walk works on one stretch of the ledger after the other while the next one is read.
func (r *run) walk(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	stretches := r.read(ctx, r.pass.Place)
	defer func() {
		cancel()
		for range stretches { // whoever reads ahead must not outlive the run
		}
	}()
	for !r.brake.on(ctx) {
		next, ok := <-stretches
		switch {
		case !ok:
			return ctx.Err() // whoever called has gone
		case errors.Is(next.err, ledger.ErrPlace) && r.pass.Place != "" && r.restart(next.err):
			stretches = r.read(ctx, "")
			continue
		case next.err != nil:
			return next.err
		}
		if !r.work(ctx, next) {
			return nil
		}
		r.advance(next)
		if next.after == "" {
			r.complete()
			return nil
		}
	}
	return nil
}

// conclude says how the run has ended.
func (r *run) conclude() {
	switch {
	case r.guard.refusal != "":
		r.report.Outcome, r.report.Text = Refused, r.guard.refusal
	case r.brake.why != "":
		r.report.Outcome, r.report.Text = r.brake.end, r.brake.why
	}
}

// remember writes down the run and how far the pass has come. That this fails does not make
// the run fail: the report and the log have it, too, and the next run begins where this one did.
func (r *run) remember(ctx context.Context) {
	if r.report.Outcome == Idle || r.report.Outcome == Paused && r.pass.Started.IsZero() {
		return // it has not even begun
	}
	err := r.Memory.SetHistory(ctx, r.remembered())
	if errors.Is(err, ledger.ErrConflict) {
		// Another run was there meanwhile. Its place is as good as ours.
		if r.history, err = r.Memory.History(ctx); err == nil {
			r.history.Add(r.report.summary())
			err = r.Memory.SetHistory(ctx, r.history)
		}
	}
	if err != nil {
		r.log.Warn("sweep not remembered: " + err.Error())
	}
}

// remembered returns the history with this run. A dry run leaves the pass alone.
func (r *run) remembered() ledger.History {
	h := r.history
	h.Add(r.report.summary())
	if r.request.DryRun || !r.moved {
		return h
	}
	pass := r.pass
	h.Pass = &pass
	if !pass.Ended.IsZero() && !pass.Partial {
		h.Complete = &pass
	}
	return h
}

// serviceKnown returns an error if Twilio does not know a chat service of the backend, or did
// not say; it is asked once in a run. An unknown service ends all retirements: that it does not
// know a channel either says nothing.
func (r *run) serviceKnown(ctx context.Context, backend channel.Backend) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err, asked := r.services[backend]
	if !asked {
		err = r.Retirer.CheckServices(ctx, backend)
		r.services[backend] = err
	}
	return err
}
