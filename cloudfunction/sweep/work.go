package sweep

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// work does what a stretch asks for, a few records at a time, and reports whether it was
// worked off: the time was not up, nobody paused, and the run's limit was not reached. Failing
// records that the limit puts off do not hold the pass up.
func (r *run) work(ctx context.Context, s stretch) bool {
	r.report.count(s, r.Now())
	for _, f := range s.faulty {
		r.log.Error("record cannot be read: "+f.Err.Error(), "document", f.Document)
	}
	r.report.Unexplained += r.guard.check(s)
	now, later := r.share(s.candidates)
	r.each(len(now), func(i int) Item { return r.act(ctx, now[i]) })
	r.lookUp(ctx, s.lookUps)
	if r.brake.stopped() {
		return false
	}
	for _, c := range later {
		if !c.failing() {
			return r.request.DryRun // it goes on to count, but never keeps a place
		}
	}
	return true
}

// share divides the candidates into those that this run may still work on, and those that it
// puts off. Telling changes no channel, and costs nothing of the limit.
func (r *run) share(candidates []candidate) (now, later []candidate) {
	for _, c := range candidates {
		switch {
		case c.decision.Action == channel.Retire && r.guard.refused() && !r.request.DryRun:
			r.report.Refused++
		case c.decision.Action == channel.Tell:
			now = append(now, c)
		case r.left == 0:
			later = append(later, c)
		default:
			r.left--
			now = append(now, c)
		}
	}
	r.report.Deferred += len(later)
	return now, later
}

// each does a number of things, a few at a time, and reports what came of them.
func (r *run) each(n int, do func(i int) Item) {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(r.config.Concurrency)
	for i := range n {
		group.Go(func() error {
			item := do(i)
			mu.Lock()
			defer mu.Unlock()
			r.report.add(item)
			if item.Did == RetiredNow {
				r.late(item.late)
			}
			if item.missed && item.Reason == channel.ReasonDue {
				r.pass.Missed++
			}
			return nil
		})
	}
	_ = group.Wait() // every error is in the report
}

// act does what was decided about one record.
func (r *run) act(ctx context.Context, c candidate) Item {
	left := Item{Channel: c.entry.Record.SID, Did: LeftOver, Reason: c.decision.Reason, Since: c.decision.At}
	switch {
	case r.request.DryRun:
		return planned(c)
	case r.brake.on(ctx):
		return left
	case c.decision.Action == channel.Retire && r.guard.refused():
		return left
	}
	return r.process(ctx, c)
}
