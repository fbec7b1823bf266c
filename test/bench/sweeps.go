package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// swept is what one sweep over records that are all due took.
type swept struct {
	seconds float64
	calls   int64
	limit   float64 // seconds that no implementation could beat, at this rate and latency
}

// rateAt is how many requests a second a sweep may make. With the latency of a network it
// is ten times the default: a ledger is walked page by page before anything is retired,
// which at higher rates than Twilio would allow begins to show.
func rateAt(latency time.Duration) float64 {
	if latency == 0 {
		return 2000
	}
	return 500
}

// flexsweepSweep measures a sweep that retires d chat channels at the allowed rate.
func (w *world) flexsweepSweep(ctx context.Context, d int, latency time.Duration) (swept, error) {
	a, err := w.newAccount(ctx, d)
	if err != nil {
		return swept{}, err
	}
	fast := newLine(w.base, 0)
	hook, err := a.handler(function.EventStreams, fast, nil)
	if err != nil {
		return swept{}, err
	}
	if _, err := measure(d, fast, func(i int) (time.Duration, error) { return a.send(hook, a.channels[i], w.heard()) }); err != nil {
		return swept{}, err
	}
	way := newLine(w.base, latency)
	sweep, err := a.handler(function.Sweep, way, map[string]string{
		"TWILIO_REQUESTS_PER_SECOND": fmt.Sprint(rateAt(latency)), "SWEEP_CONCURRENCY": "200",
		"MAX_RETIREMENTS_PER_RUN": fmt.Sprint(d), "UNCONFIRMED_RETENTION": "48h", // only the ends are told here
	})
	if err != nil {
		return swept{}, err
	}
	answer := httptest.NewRecorder()
	started := time.Now()
	sweep.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}")).WithContext(ctx))
	s := swept{seconds: time.Since(started).Seconds(), calls: way.calls.Load()}
	var report struct{ Retired int }
	if err := json.Unmarshal(answer.Body.Bytes(), &report); err != nil {
		return swept{}, err
	}
	if report.Retired != d {
		return swept{}, fmt.Errorf("the sweep retired %d of %d channels: %.600s", report.Retired, d, answer.Body)
	}
	// The longest chain: control, history, every page, the chat service, one channel's five, and the history.
	chain := float64(2+(d+99)/100+1+5+1) * latency.Seconds()
	s.limit = max(float64(s.calls)/rateAt(latency), chain)
	return s, nil
}

// sampleSweep measures the sample's sweep over as many documents. It knows no rate; its
// limit is computed for its own number of calls, one after another.
func (w *world) sampleSweep(ctx context.Context, d int, latency time.Duration) (swept, error) {
	a, err := w.newAccount(ctx, d)
	if err != nil {
		return swept{}, err
	}
	s, way, err := a.sampleOn(ctx, latency)
	if err != nil {
		return swept{}, err
	}
	started := time.Now()
	reset, err := s.sweep(ctx)
	if err == nil && reset != d {
		err = fmt.Errorf("the sample reset %d of %d channels", reset, d)
	}
	return swept{seconds: time.Since(started).Seconds(), calls: way.calls.Load()}, err
}
