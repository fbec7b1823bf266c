package faketwilio

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestControlGuard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason       string
		host, peer, header string
		status             int
	}{
		{"program", "only browsers send the headers", "127.0.0.1:4010", "127.0.0.1:9", "", http.StatusOK},
		{"by name", "what the page is mostly opened as", "localhost:4010", "127.0.0.1:9", "", http.StatusOK},
		{"IPv6", "the same", "[::1]:4010", "[::1]:9", "", http.StatusOK},
		{"page itself", "its buttons turn the clock", "127.0.0.1:4010", "127.0.0.1:9", "Sec-Fetch-Site: same-origin", http.StatusOK},
		{"page elsewhere", "a site must not act through a developer's browser", "127.0.0.1:4010", "127.0.0.1:9",
			"Sec-Fetch-Site: cross-site", http.StatusForbidden},
		{"old browser", "the origin tells as well", "127.0.0.1:4010", "127.0.0.1:9", "Origin: http://evil.example.com", http.StatusForbidden},
		{"rebinding", "a site's name that leads here", "evil.example.com", "127.0.0.1:9", "Sec-Fetch-Site: same-origin", http.StatusForbidden},
		{"name like ours", "only the whole name counts", "127.0.0.1.example.com", "127.0.0.1:9", "", http.StatusForbidden},
		{"other machine", "there are no credentials", "127.0.0.1:4010", "192.0.2.7:9", "", http.StatusForbidden},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, ask := range []struct{ method, path, body string }{
				{"POST", "/_fake/clock", `{"advance":"1h"}`}, {"POST", "/_fake/seed", `{"sinks":[{"url":"http://127.0.0.1:1/"}]}`},
			} {
				request := httptest.NewRequest(ask.method, "http://"+test.host+ask.path, strings.NewReader(ask.body))
				request.RemoteAddr = test.peer
				if name, value, there := strings.Cut(test.header, ": "); there {
					request.Header.Set(name, value)
				}
				recorder := httptest.NewRecorder()
				New(Options{}).ServeHTTP(recorder, request)
				if recorder.Code != test.status {
					t.Errorf("%s is answered by %d %s, want %d: %s", ask.path, recorder.Code, recorder.Body, test.status, test.reason)
				}
			}
		})
	}
}
