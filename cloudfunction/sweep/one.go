package sweep

import (
	"context"
	"log/slog"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// ReasonOperator is the reason of what an operator asked for, whatever the policy says.
const ReasonOperator channel.Reason = "operator"

// One does what an operator asks for about one record, as a run of its own: with
// [channel.Retire] it claims the record, retires the channel and settles; with
// [channel.Restore] it puts the channel back of which the record says that a sweep may
// have retired it ([channel.Record.Touched]). Whether that is wise is for the caller to
// say: neither the policy nor a hold is asked. It returns the run's name with what came
// of it, an error included.
func (s *Sweeper) One(ctx context.Context, entry ledger.Entry, action channel.Action, log *slog.Logger) (name string, item Item) {
	r := s.newRun(ctx, Request{}, log)
	r.guard = newGuard(s.config, ledger.History{}, ledger.Control{})
	decision := channel.Decision{Action: action, Reason: ReasonOperator, At: r.report.Started}
	return r.report.Run, r.process(ctx, candidate{entry, decision})
}
