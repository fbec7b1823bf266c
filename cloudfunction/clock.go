package function

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Clock is the time of a server, told by the Date header of its answers, in whole seconds
// (https://www.rfc-editor.org/rfc/rfc9110#field.date). It is for trying things out, where the
// time is turned by hand.
type Clock struct {
	source string
	client *http.Client
	last   atomic.Int64 // seconds since 1970
}

// NewClock returns the clock of the server at source; transport is the way there.
func NewClock(source *url.URL, transport http.RoundTripper) *Clock {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // any answer has the time
	return &Clock{source: source.String(), client: &http.Client{Transport: transport, CheckRedirect: stay, Timeout: 5 * time.Second}}
}

// Read asks for the time.
func (c *Clock) Read(ctx context.Context) (time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.source, nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time from %s: %w", c.source, err)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time: %w", err) // it names the address
	}
	_ = res.Body.Close() // there is none
	now, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return time.Time{}, fmt.Errorf("read the time from %s: its answer has no Date: %w", c.source, err)
	}
	c.last.Store(now.Unix())
	return now, nil
}

// Now is the time, or that of the last answer where there is none: never this machine's.
// Whoever uses it reads the clock first, and goes on only if there is an answer.
func (c *Clock) Now() time.Time {
	now, err := c.Read(context.Background())
	if err != nil {
		return time.Unix(c.last.Load(), 0).UTC()
	}
	return now
}

// gate lets a request through if the time is known, so that none is judged by another clock.
func (c *Clock) gate(h http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := c.Read(r.Context()); err != nil {
			log.Error("no time: " + err.Error())
			http.Error(w, "the time cannot be read from CLOCK_URL", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}
