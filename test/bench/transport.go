package main

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/flexsweep/flexsweep/test/rig"
)

// line is the way to the fake: it adds the latency of the network, and counts. Both
// sides of a comparison go through one of their own, made alike.
type line struct {
	latency time.Duration
	next    rig.Redirect
	calls   atomic.Int64
}

func newLine(to *url.URL, latency time.Duration) *line {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	return &line{latency: latency, next: rig.Redirect{To: to, Next: transport}}
}

// RoundTrip sends the request to the fake, in its time.
func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.calls.Add(1)
	if l.latency > 0 {
		time.Sleep(l.latency)
	}
	return l.next.RoundTrip(req)
}
