package function_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

func TestLogIsCloudLogging(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(created, ch, "Ann Canary", 1)
	for name, row := range map[string]struct {
		reason   string
		request  func() *http.Request
		answers  map[string]string
		severity []string
	}{
		"forged":      {"worth a look", func() *http.Request { r := delivery(created); r.Header.Del("X-Twilio-Signature"); return r }, nil, []string{"WARNING"}},
		"quarantined": {"an event is lost", func() *http.Request { return delivery(bad) }, nil, []string{"ERROR", "WARNING"}},
		"down": {"Twilio will repeat it, but somebody should know", func() *http.Request { return delivery(created) },
			map[string]string{"GET sync.twilio.com/Documents/flexsweep-" + ch: `400 {"code":20001,"message":"Ann Canary","status":400}`}, []string{"ERROR", "ERROR"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, log := handler(t, function.EventStreams, &stub{answers: row.answers})
			h.ServeHTTP(httptest.NewRecorder(), row.request())
			text := log.String()
			var severities []string
			for _, line := range logLines(t, log) {
				severity, _ := line["severity"].(string)
				severities = append(severities, severity)
				if line["message"] == "" || line["message"] == nil || line["level"] != nil || line["msg"] != nil {
					t.Errorf("not Cloud Logging's names: %v", line)
				}
			}
			if d := cmp.Diff(row.severity, severities); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if strings.Contains(strings.ToLower(text), "canary") {
				t.Errorf("the log shows what it must not: %s", text)
			}
		})
	}
}

func TestTrace(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789abcdef"
	for name, row := range map[string]struct {
		reason string
		header string
		want   any
	}{
		"with a span":  {"what Google sends", id + "/123;o=1", "projects/project/traces/" + id},
		"without":      {"the span is optional", id, "projects/project/traces/" + id},
		"none":         {"a request from elsewhere", "", nil},
		"too short":    {"not a trace", id[1:] + "/1", nil},
		"not a number": {"a stranger writes what he likes", "../../other/traces/x", nil},
		"a newline":    {"the pattern covers the whole text", id + "\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, log := handler(t, function.EventStreams, &stub{})
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x")) // unsigned: one line
			r.Header["X-Cloud-Trace-Context"] = []string{row.header}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got := logLines(t, log)[0]["logging.googleapis.com/trace"]; got != row.want {
				t.Errorf("%s: got %v, want %v", row.reason, got, row.want)
			}
		})
	}
}

func logLines(t *testing.T, log *bytes.Buffer) (lines []map[string]any) {
	t.Helper()
	for text := range strings.Lines(log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("a line of the log is not JSON: %q", text)
		}
		if at, err := time.Parse(time.RFC3339, fmt.Sprint(line["time"])); err != nil || at.IsZero() {
			t.Errorf("the time of %v: %v", line, err)
		}
		delete(line, "time")
		lines = append(lines, line)
	}
	return lines
}
