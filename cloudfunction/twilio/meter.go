package twilio

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

type meterKey struct{}

// Meter watches the requests sent under one context. It is safe for concurrent use.
type Meter struct {
	calls atomic.Int64
	date  atomic.Int64 // seconds since 1970, 0 for none
}

// WithMeter returns a context that watches the requests sent under it.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	var m Meter
	return context.WithValue(ctx, meterKey{}, &m), &m
}

// Calls returns how many requests were sent, each attempt as one.
func (m *Meter) Calls() int64 { return m.calls.Load() }

// Date returns what Twilio's latest answer said of the time, and false if none did.
func (m *Meter) Date() (time.Time, bool) {
	seconds := m.date.Load()
	return time.Unix(seconds, 0).UTC(), seconds != 0
}

func meterOf(ctx context.Context) *Meter {
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		return m
	}
	return &Meter{}
}

func (m *Meter) sent() { m.calls.Add(1) }

func (m *Meter) answered(res *http.Response) {
	if t, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		m.date.Store(t.Unix())
	}
}
