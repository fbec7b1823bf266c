package ledger_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

const (
	service = "IS00000000000000000000000000000001"
	ch      = "CH00000000000000000000000000000001"
	name    = "flexsweep-" + ch
	et      = "ET00000000000000000000000000000001"
	docs    = "https://sync.twilio.com/v1/Services/" + service + "/Documents"
)

// request is what the stub saw of one request.
type request struct {
	Line    string // method and URL
	IfMatch string
	Form    url.Values
}

// stub answers requests in turn.
type stub struct {
	answers  []string // "status body"
	requests []request
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	seen := request{Line: r.Method + " " + r.URL.String(), IfMatch: r.Header.Get("If-Match")}
	if r.Body != nil && r.Method == http.MethodPost {
		text, _ := io.ReadAll(r.Body)
		seen.Form, _ = url.ParseQuery(string(text))
	}
	s.requests = append(s.requests, seen)
	if len(s.requests) > len(s.answers) {
		return nil, fmt.Errorf("unexpected request: %s", seen.Line)
	}
	status, body, _ := strings.Cut(s.answers[len(s.requests)-1], " ")
	res := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	_, err := fmt.Sscan(status, &res.StatusCode)
	return res, err
}

// newLedger returns a ledger over a stub that gives the answers in turn. Nothing is tried twice.
func newLedger(answers ...string) (*ledger.Ledger, *stub) {
	s := &stub{answers: answers}
	client := twilio.New(twilio.Config{AccountSID: "AC1", Username: "AC1", Password: "secret", Transport: s, Attempts: 1, RequestsPerSecond: 1e6})
	return ledger.New(client, service, "flexsweep-"), s
}

// document is a Sync document with that data.
func document(uniqueName, data string) string {
	return fmt.Sprintf(`{"sid":%q,"unique_name":%q,"revision":"7","data":%s,"date_updated":"2026-03-01T11:00:00Z","date_expires":null}`, et, uniqueName, data)
}

func refusal(status, code int) string {
	return fmt.Sprintf(`%d {"code":%d,"message":"no","more_info":"","status":%d}`, status, code, status)
}

func lines(requests []request) (lines []string) {
	for _, r := range requests {
		lines = append(lines, r.Line)
	}
	return lines
}

func contains(t *testing.T, reason string, err error, text string) {
	t.Helper()
	if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got the error %v, want one with %q", reason, err, text)
	}
}
