package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// inFlight is how many deliveries are under way at a time, on both sides.
const inFlight = 8

// speed is what a number of events took.
type speed struct {
	perSecond     float64
	callsPerEvent float64
	p50, p99      time.Duration
}

// measure lets handle take n events, inFlight at a time.
func measure(n int, way *line, handle func(i int) (time.Duration, error)) (speed, error) {
	before := way.calls.Load()
	took := make([]time.Duration, n)
	next := make(chan int)
	errs := make(chan error, inFlight)
	var workers sync.WaitGroup
	started := time.Now()
	for range inFlight {
		workers.Go(func() {
			for i := range next {
				d, err := handle(i)
				if err != nil {
					errs <- err
					for range next { // let the sender end
					}
					return
				}
				took[i] = d
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	workers.Wait()
	elapsed := time.Since(started)
	select {
	case err := <-errs:
		return speed{}, err
	default:
	}
	slices.Sort(took)
	return speed{
		perSecond:     float64(n) / elapsed.Seconds(),
		callsPerEvent: float64(way.calls.Load()-before) / float64(n),
		p50:           took[n/2], p99: took[n*99/100],
	}, nil
}

// flexsweepEvents measures the webhook on a ledger of d records that this instance has
// written, which is its ordinary state.
func (w *world) flexsweepEvents(ctx context.Context, d, n int, latency time.Duration) (speed, error) {
	a, err := w.newAccount(ctx, d)
	if err != nil {
		return speed{}, err
	}
	way := newLine(w.base, 0)
	hook, err := a.handler(function.EventStreams, way, nil)
	if err != nil {
		return speed{}, err
	}
	if _, err := measure(d, way, func(i int) (time.Duration, error) { return a.send(hook, a.channels[i], w.heard().Add(-8*time.Hour)) }); err != nil {
		return speed{}, err
	}
	way.latency = latency
	return measure(n, way, func(i int) (time.Duration, error) {
		return a.send(hook, a.channels[i*7919%d], w.heard())
	})
}

// sampleEvents measures the sample's handler on as many documents.
func (w *world) sampleEvents(ctx context.Context, d, n int, latency time.Duration) (speed, error) {
	a, err := w.newAccount(ctx, d)
	if err != nil {
		return speed{}, err
	}
	s, way, err := a.sampleOn(ctx, latency)
	if err != nil {
		return speed{}, err
	}
	return measure(n, way, func(i int) (time.Duration, error) {
		started := time.Now()
		err := s.event(ctx, a.channels[i*7919%d])
		return time.Since(started), err
	})
}

func sizeName(d int) string { return fmt.Sprintf("D=%d", d) }
