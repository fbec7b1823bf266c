package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// receiver takes what Event Streams delivers, under a URL that leads to it. Each run of a case has a path of its own.
type receiver struct {
	base string // its public address, without a slash at the end

	mu      sync.Mutex
	got     map[string][]delivery // by path
	answers map[string][]int      // statuses to answer with, by path; 200 when there are no more
}

// delivery is one request that came.
type delivery struct {
	uri    string // path and query, as they came
	header http.Header
	body   []byte
	status int // what it was answered with
}

func newReceiver(base string) *receiver {
	return &receiver{base: strings.TrimRight(base, "/"), got: map[string][]delivery{}, answers: map[string][]int{}}
}

// expect sets what the next deliveries at a path are answered with.
func (r *receiver) expect(path string, statuses ...int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[path] = statuses
}

// at returns what has come at a path.
func (r *receiver) at(path string) []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]delivery(nil), r.got[path]...)
}

// take keeps a delivery and says what to answer.
func (r *receiver) take(at *url.URL, header http.Header, body []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	status := http.StatusOK
	if planned := r.answers[at.Path]; len(planned) > 0 {
		status, r.answers[at.Path] = planned[0], planned[1:]
	}
	r.got[at.Path] = append(r.got[at.Path], delivery{at.RequestURI(), header.Clone(), body, status})
	return status
}

// ServeHTTP is the receiver for Twilio.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	w.WriteHeader(r.take(req.URL, req.Header, body))
}

// RoundTrip is the receiver for the fake, in process.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: r.take(req.URL, req.Header, body), Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader(nil)), Request: req}, nil
}
