package faketwilio

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestControlRefusesOtherOrigins(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		site   string
		status int
	}{
		"a program":        {"only browsers send the header", "", http.StatusOK},
		"the page itself":  {"its buttons turn the clock", "same-origin", http.StatusOK},
		"a page elsewhere": {"a website must not act through a developer's browser", "cross-site", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/_fake/clock", strings.NewReader(`{"advance":"1h"}`))
			if row.site != "" {
				req.Header.Set("Sec-Fetch-Site", row.site)
			}
			res := httptest.NewRecorder()
			New(Options{}).ServeHTTP(res, req)
			if res.Code != row.status {
				t.Errorf("%s: HTTP %d, want %d: %s", row.reason, res.Code, row.status, res.Body)
			}
		})
	}
}
