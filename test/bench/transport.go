package main

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// line is the way to the fake: it adds the latency of the network, and counts. Both
// sides of a comparison go through one of their own, made alike.
type line struct {
	to      *url.URL
	latency time.Duration
	next    http.RoundTripper
	calls   atomic.Int64
}

func newLine(to *url.URL, latency time.Duration) *line {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	return &line{to: to, latency: latency, next: transport}
}

// RoundTrip sends the request to the fake, as the host that it names.
func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.calls.Add(1)
	if l.latency > 0 {
		time.Sleep(l.latency)
	}
	to := req.Clone(req.Context())
	if to.Host == "" {
		to.Host = req.URL.Host
	}
	to.URL.Scheme, to.URL.Host = l.to.Scheme, l.to.Host
	return l.next.RoundTrip(to)
}
