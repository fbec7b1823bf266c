package main

import (
	"slices"
	"time"
)

// sweep is one run of Cloud Scheduler's: it walks the ledger, then retires what was due
// when it began. The next run begins on schedule, or when this one has ended.
func (w *world) sweep() {
	started, c := w.now, w.newClient(5, &w.got.SweepCalls)
	w.walk(c, w.plan.pages(), started+w.plan.SweepTimeout, func(ok bool) {
		if !ok {
			w.ended(started, false)
			return
		}
		w.got.Walk = max(w.got.Walk, w.now-started)
		due := min(int(w.due(started))-w.got.Retired, w.plan.MaxRetirements)
		running := w.plan.SweepConcurrency
		var work func()
		work = func() {
			if due <= 0 || w.now >= started+w.plan.SweepTimeout-margin {
				if running--; running == 0 {
					w.ended(started, true)
				}
				return
			}
			due--
			w.retire(c, retireCalls, started+w.plan.SweepTimeout, work)
		}
		for range w.plan.SweepConcurrency {
			work()
		}
	})
}

// due is how many channels have become due by a time. A schedule's worth waits at the start.
func (w *world) due(by time.Duration) float64 { return w.plan.Rate * (by + w.plan.Schedule).Minutes() }

// walk reads so many pages, one after another: each names the next.
func (w *world) walk(c *client, pages int, deadline time.Duration, done func(bool)) {
	if pages == 0 {
		done(true)
		return
	}
	w.call(c, nil, deadline, func(ok bool) {
		if !ok {
			done(false)
			return
		}
		w.walk(c, pages-1, deadline, done)
	})
}

// retire makes the calls for one channel, one after another.
func (w *world) retire(c *client, calls int, deadline time.Duration, done func()) {
	if calls == 0 {
		w.got.Retired++
		done()
		return
	}
	w.call(c, nil, deadline, func(ok bool) {
		if !ok {
			done()
			return
		}
		w.retire(c, calls-1, deadline, done)
	})
}

func (w *world) ended(started time.Duration, ok bool) {
	w.got.Runs++
	w.got.SweepSeconds += (w.now - started).Seconds()
	w.got.Run = max(w.got.Run, w.now-started)
	next := (started/w.plan.Schedule + 1) * w.plan.Schedule
	if !ok {
		w.got.Broken++
		next = w.now + time.Minute // Cloud Scheduler tries again
	}
	w.got.Cycles = max(next, w.now)
	w.at(next, w.sweep)
}

// tasks is the alternative: each channel is a task in Cloud Tasks for the moment when it
// is due, sent to one of some instances. One call more than in a sweep: the record is read.
func (w *world) tasks() {
	type worker struct {
		client  *client
		serving int
		since   time.Duration
	}
	workers := make([]*worker, w.plan.Workers)
	for n := range workers {
		workers[n] = &worker{client: w.newClient(5, &w.got.SweepCalls)}
	}
	w.got.Cycles = w.got.Sweeps
	queued := 0
	var dispatch func()
	dispatch = func() {
		i := slices.MinFunc(workers, func(a, b *worker) int { return a.serving - b.serving })
		if queued == 0 || i.serving == w.plan.SweepConcurrency {
			w.got.Queue = max(w.got.Queue, queued)
			return
		}
		queued--
		if i.serving++; i.serving == 1 {
			i.since = w.now
		}
		w.retire(i.client, retireCalls+1, never, func() {
			if i.serving--; i.serving == 0 {
				w.got.SweepSeconds += (w.now - i.since).Seconds()
			}
			dispatch()
		})
	}
	var next func()
	next = func() {
		queued++
		w.got.Tasks++
		dispatch()
		w.after(w.interval(), next)
	}
	w.after(w.interval(), next)
}
