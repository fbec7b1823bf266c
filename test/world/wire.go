package world

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
)

// RoundTripper makes a function an http.RoundTripper.
type RoundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Wire is the connection of one instance of a function to Twilio. It counts the
// requests, from 1, and a test can step in at any of them.
type Wire struct {
	Next http.RoundTripper

	// Before is called ahead of the n-th request; with an error it is never sent.
	Before func(n int) error
	// After is called behind it; with an error its answer is lost.
	After func(n int) error

	mu   sync.Mutex
	sent int
}

// RoundTrip sends a request, unless Before is against it.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent++
	n := w.sent
	w.mu.Unlock()
	if w.Before != nil {
		if err := w.Before(n); err != nil {
			return nil, err
		}
	}
	res, err := w.Next.RoundTrip(r)
	if w.After != nil {
		if err := w.After(n); err != nil {
			return nil, err
		}
	}
	return res, err
}

// Calls returns the number of requests since the last call of Calls.
func (w *Wire) Calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.sent
	w.sent = 0
	return n
}

var errKilled = errors.New("the process was killed")

// Kill makes the instance as good as dead from its n-th request on: to the world, a
// process that can send nothing any more and one that does not exist are the same. If
// lost, the n-th request itself still takes effect, and only its answer is lost.
func (w *Wire) Kill(n int, lost bool) {
	w.Before = func(i int) error {
		if i > n || i == n && !lost {
			return errKilled
		}
		return nil
	}
	w.After = func(i int) error {
		if i >= n {
			return errKilled
		}
		return nil
	}
}

// At does something ahead of the n-th request, once.
func (w *Wire) At(n int, do func()) {
	w.Before = func(i int) error {
		if i == n {
			do()
		}
		return nil
	}
}

// Once does something just before the first request that matches is sent.
func Once(next http.RoundTripper, match func(*http.Request) bool, do func()) http.RoundTripper {
	var done atomic.Bool
	return RoundTripper(func(r *http.Request) (*http.Response, error) {
		if match(r) && !done.Swap(true) { // what is done may send such requests itself
			do()
		}
		return next.RoundTrip(r)
	})
}
