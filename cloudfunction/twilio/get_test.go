package twilio_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

func TestGet(t *testing.T) {
	t.Parallel()
	const address = "https://taskrouter.twilio.com/v1/Workspaces/WS1/Tasks?A=b%22c&PageSize=5"
	for name, row := range map[string]struct {
		reason  string
		answers []answer
		want    string
		err     string
	}{
		"the text as it stands": {"numbers and escapes are not changed", []answer{{status: 200, body: `{"a":1e999,"b":"\u0041"}`}}, `{"a":1e999,"b":"\u0041"}`, ""},
		"sent again":            {"reading changes nothing", []answer{refusal(503), {status: 200, body: `{}`}}, `{}`, ""},
		"refused":               {"with Twilio's code", []answer{refusal(404)}, "", "list tasks: HTTP 404, code 20404"},
		"refused, not JSON":     {"a proxy's answer has a status, too", []answer{{status: 403, body: "<html>"}}, "", "list tasks: HTTP 403 from Twilio"},
		"no answer":             {"that is said", []answer{reset}, "", "list tasks: no answer from Twilio"},
		"no JSON":               {"it names the operation", []answer{{status: 200, body: "<html>"}}, "", "list tasks: read the answer: invalid character"},
		"empty":                 {"it names the operation", []answer{{status: 200}}, "", "list tasks: read the answer: EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stub{answers: row.answers}
			var got json.RawMessage
			err := newClient(s, &pauses{}).Get(t.Context(), "list tasks", address, &got)
			if (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
				t.Errorf("%s: %v, want %q", row.reason, err, row.err)
			}
			if string(got) != row.want {
				t.Errorf("%s: got %s, want %s", row.reason, got, row.want)
			}
			if r := s.requests[0]; r.Method != http.MethodGet || r.URL.String() != address {
				t.Errorf("sent %s %s, want the very address", r.Method, r.URL)
			}
			if user, password, _ := s.requests[0].BasicAuth(); user != account || password != "secret" {
				t.Errorf("credentials %s:%s", user, password)
			}
		})
	}
}

// What does not fit is no refusal of Twilio's, and says nothing of what is there.
func TestGetOfAnotherType(t *testing.T) {
	t.Parallel()
	s := &stub{answers: []answer{{status: 200, body: `{"sid":7}`}}}
	var got struct {
		SID string `json:"sid"`
	}
	err := newClient(s, &pauses{}).Get(t.Context(), "fetch task", "https://taskrouter.twilio.com/v1/Workspaces", &got)
	var refused *twilio.Error
	if err == nil || errors.As(err, &refused) || twilio.IsGone(err) {
		t.Errorf("got %v", err)
	}
}
