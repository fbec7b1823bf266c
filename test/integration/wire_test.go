package integration

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// roundTripper makes a function an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// wire is the connection of one instance of a function to Twilio. It counts the
// requests, from 1, and a test can step in at any of them.
type wire struct {
	next http.RoundTripper

	mu   sync.Mutex
	sent int

	// before is called ahead of the n-th request; with an error it is never sent.
	before func(n int) error
	// after is called behind it; with an error its answer is lost.
	after func(n int) error
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent++
	n := w.sent
	w.mu.Unlock()
	if w.before != nil {
		if err := w.before(n); err != nil {
			return nil, err
		}
	}
	res, err := w.next.RoundTrip(r)
	if w.after != nil {
		if err := w.after(n); err != nil {
			return nil, err
		}
	}
	return res, err
}

// calls returns the number of requests since the last call of calls.
func (w *wire) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.sent
	w.sent = 0
	return n
}

var errKilled = errors.New("the process was killed")

// kill makes the instance as good as dead from its n-th request on: to the world, a
// process that can send nothing any more and one that does not exist are the same. If
// lost, the n-th request itself still takes effect, and only its answer is lost.
func (w *wire) kill(n int, lost bool) {
	w.before = func(i int) error {
		if i > n || i == n && !lost {
			return errKilled
		}
		return nil
	}
	w.after = func(i int) error {
		if i >= n {
			return errKilled
		}
		return nil
	}
}

// at does something ahead of the n-th request, once.
func (w *wire) at(n int, do func()) {
	w.before = func(i int) error {
		if i == n {
			do()
		}
		return nil
	}
}

// pauseNot takes the place of a pause. It takes no time, but a pause beyond the
// request's deadline ends as a real one would.
func pauseNot(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}
