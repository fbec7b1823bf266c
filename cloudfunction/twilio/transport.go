package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// maxAnswer bounds what is read of one answer. A page of 100 Sync documents of 16 KiB
// is the largest that flexsweep asks for.
const maxAnswer = 8 << 20

const (
	firstPause = 200 * time.Millisecond
	maxPause   = 5 * time.Second
	// maxAsked is the longest Retry-After that is waited for. Whoever asks for more is
	// left to the next sweep or delivery: a claim's lease must not run out meanwhile.
	maxAsked = 30 * time.Second
)

// transport sends one request as often as needed and allowed.
type transport struct {
	config  Config
	limiter *rate.Limiter
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		res, err := t.attempt(req)
		if attempt >= t.config.Attempts || !repeatable(req, res, err) {
			return res, err
		}
		if req.Context().Err() != nil {
			return res, err
		}
		pause := t.pause(attempt, res)
		if pause > maxAsked || endsWithin(req.Context(), pause) || t.config.Sleep(req.Context(), pause) != nil {
			return res, err
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("rewind request body: %w", err)
			}
		}
	}
}

// endsWithin tells whether the context ends before the pause does. Then the answer that is
// there serves better than none: the webhook's caller waits 5 seconds, and is told at once
// to send the delivery again.
func endsWithin(ctx context.Context, pause time.Duration) bool {
	deadline, bound := ctx.Deadline()
	return bound && time.Until(deadline) <= pause
}

// attempt sends the request once, within the rate and its own deadline, and reads the
// whole answer, so that no connection leaks whatever the caller does with the body.
func (t *transport) attempt(req *http.Request) (*http.Response, error) {
	if err := t.limiter.Wait(req.Context()); err != nil {
		return nil, fmt.Errorf("wait for the request rate: %w", err)
	}
	meter := meterOf(req.Context())
	meter.sent()
	ctx, cancel := context.WithTimeout(req.Context(), t.config.AttemptTimeout)
	defer cancel()
	res, err := t.config.Transport.RoundTrip(t.address(req.WithContext(ctx)))
	if err != nil {
		return nil, err
	}
	meter.answered(res)
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		body = errorBody(res.StatusCode, body)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	res.ContentLength = int64(len(body))
	return res, nil
}

// address points the request at the fake, if there is one.
func (t *transport) address(req *http.Request) *http.Request {
	if t.config.BaseURL == nil {
		return req
	}
	to := req.Clone(req.Context())
	to.Host = req.URL.Host
	to.URL.Scheme, to.URL.Host = t.config.BaseURL.Scheme, t.config.BaseURL.Host
	return to
}

// errorBody returns body if it is Twilio's JSON, and else JSON that carries the status:
// twilio-go drops the status of an answer that a proxy gave in HTML, or that has it under
// the newer APIs' name.
func errorBody(status int, body []byte) []byte {
	var known struct {
		Status     int `json:"status"`
		HTTPStatus int `json:"httpStatusCode"`
		Code       int `json:"code"`
	}
	err := json.Unmarshal(body, &known)
	switch {
	case err == nil && known.Status == status:
		return body
	case err != nil || known.HTTPStatus != status:
		known.Code = 0 // somebody else's
	}
	return fmt.Appendf(nil, `{"status":%d,"code":%d,"message":"an answer without Twilio's error body"}`, status, known.Code)
}

// pause returns how long to wait before the next attempt: what Retry-After asks, or
// exponential back-off with full jitter.
func (t *transport) pause(attempt int, res *http.Response) time.Duration {
	if res != nil {
		if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds >= 0 {
			return time.Duration(seconds) * time.Second
		}
	}
	ceiling := min(firstPause<<(attempt-1), maxPause)
	return time.Duration(t.config.Jitter() * float64(ceiling))
}
