package world

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// carry brings a delivery of Event Streams to the webhook.
func (w *World) carry(r *http.Request) (*http.Response, error) {
	if w.Deliver != nil {
		return w.Deliver(r)
	}
	return w.ToWebhook(r)
}

// ToWebhook brings a delivery to the webhook, whatever Deliver says.
func (w *World) ToWebhook(r *http.Request) (*http.Response, error) { return Serve(w.Webhook, r) }

// Serve lets a handler answer a client's request. As behind Google's front end, host and
// path of what arrives are not those of the public URL.
func Serve(handler http.Handler, r *http.Request) (*http.Response, error) {
	return serveAt(handler, "http://internal/?"+r.URL.RawQuery, r)
}

func serveAt(handler http.Handler, address string, r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	arrived := httptest.NewRequestWithContext(r.Context(), r.Method, address, bytes.NewReader(body))
	arrived.Header, arrived.RemoteAddr = r.Header.Clone(), "127.0.0.1:1"
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, arrived)
	return answer.Result(), nil
}

// Drop takes the place of a delivery: a 4xx makes Event Streams give its events up.
func Drop(*http.Request) (*http.Response, error) { return Answer(http.StatusNotFound), nil }

// Answer is an HTTP answer without a body.
func Answer(status int) *http.Response {
	text := strconv.Itoa(status) + " " + http.StatusText(status)
	return &http.Response{Status: text, StatusCode: status, Header: http.Header{}, Body: http.NoBody}
}

// Lose does something whose events never arrive.
func (w *World) Lose(do func()) {
	w.Deliver = Drop
	do()
	w.Deliver = nil
}
