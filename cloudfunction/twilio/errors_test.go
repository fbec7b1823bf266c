package twilio_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	type known struct {
		Status, Code         int
		Gone, Changed, Taken bool
	}
	twilioSays := func(status, code int) answer {
		return answer{status: status, body: fmt.Sprintf(`{"code":%d,"message":"Ann Canary wrote","more_info":"","status":%d}`, code, status)}
	}
	for name, row := range map[string]struct {
		reason string
		answer answer
		want   known
		text   string
	}{
		"not found":             {"whichever code stands for it", twilioSays(404, 50300), known{Status: 404, Code: 50300, Gone: true}, "fetch channel: HTTP 404, code 50300 (https://www.twilio.com/docs/api/errors/50300)"},
		"not found, generic":    {"whichever code stands for it", twilioSays(404, 20404), known{Status: 404, Code: 20404, Gone: true}, "fetch channel: HTTP 404, code 20404 (https://www.twilio.com/docs/api/errors/20404)"},
		"revision mismatch":     {"the status decides", twilioSays(412, 54103), known{Status: 412, Code: 54103, Changed: true}, "fetch channel: HTTP 412, code 54103 (https://www.twilio.com/docs/api/errors/54103)"},
		"revision, generic":     {"the status decides", twilioSays(412, 20412), known{Status: 412, Code: 20412, Changed: true}, "fetch channel: HTTP 412, code 20412 (https://www.twilio.com/docs/api/errors/20412)"},
		"name taken":            {"the status decides", twilioSays(409, 54301), known{Status: 409, Code: 54301, Taken: true}, "fetch channel: HTTP 409, code 54301 (https://www.twilio.com/docs/api/errors/54301)"},
		"conversation closed":   {"the code tells it from other refusals", twilioSays(400, twilio.CodeConversationClosed), known{Status: 400, Code: 50377}, "fetch channel: HTTP 400, code 50377 (https://www.twilio.com/docs/api/errors/50377)"},
		"the newer form":        {"its status has another name, its code must not be lost", answer{status: 409, body: `{"httpStatusCode":409,"code":50377}`}, known{Status: 409, Code: 50377, Taken: true}, "fetch channel: HTTP 409, code 50377 (https://www.twilio.com/docs/api/errors/50377)"},
		"a proxy's page":        {"HTML has a status all the same", answer{status: 502, body: "<html>Bad Gateway</html>"}, known{Status: 502}, "fetch channel: HTTP 502 from Twilio"},
		"a proxy's 404":         {"gone is gone", answer{status: 404, body: "<html>Not Found</html>"}, known{Status: 404, Gone: true}, "fetch channel: HTTP 404 from Twilio"},
		"an empty body":         {"the status is enough", answer{status: 503}, known{Status: 503}, "fetch channel: HTTP 503 from Twilio"},
		"JSON of someone else":  {"only Twilio's error body names a status", answer{status: 500, body: `{"error":"oops"}`}, known{Status: 500}, "fetch channel: HTTP 500 from Twilio"},
		"a body that disagrees": {"HTTP's status is the one that counts", answer{status: 500, body: `{"status":404,"code":20404}`}, known{Status: 500}, "fetch channel: HTTP 500 from Twilio"},
		"a body of null":        {"null names no status", answer{status: 429, body: `null`}, known{Status: 429}, "fetch channel: HTTP 429 from Twilio"},
		"no answer":             {"a broken connection has no status", reset, known{}, `fetch channel: no answer from Twilio: `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stub{answers: []answer{row.answer}}
			err := twilio.Wrap("fetch channel", operations["fetch channel"](newClient(s, &pauses{}), t.Context()))
			err = fmt.Errorf("retire: %w", err) // as callers wrap it
			got := known{twilio.Status(err), twilio.Code(err), twilio.IsGone(err), twilio.IsChanged(err), twilio.IsTaken(err)}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if text := err.Error(); !strings.HasPrefix(text, "retire: "+row.text) || strings.Contains(text, "Canary") || strings.Contains(text, "secret") {
				t.Errorf("the text is %q, and must begin with %q and quote nobody", text, row.text)
			}
		})
	}
}

func TestWrapKeepsNilAndCause(t *testing.T) {
	t.Parallel()
	if err := twilio.Wrap("fetch channel", nil); err != nil {
		t.Errorf("no error became %v", err)
	}
	cause := errors.New("cause")
	if !errors.Is(twilio.Wrap("fetch channel", cause), cause) {
		t.Error("the cause is lost")
	}
	if twilio.Status(cause) != 0 || twilio.Code(cause) != 0 || twilio.IsGone(nil) {
		t.Error("an error that is not Twilio's has a status or a code")
	}
}

// A redirect is not followed: it would carry the credentials elsewhere.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := &stub{answers: []answer{{status: http.StatusFound, body: "{}", header: http.Header{"Location": {"https://attacker.example/"}}}}}
	_ = operations["fetch channel"](newClient(s, &pauses{}), t.Context())
	if len(s.requests) != 1 {
		t.Errorf("%d requests", len(s.requests))
	}
}
