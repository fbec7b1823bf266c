package function_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// TestClock: with CLOCK_URL the time comes from there, and from nowhere else.
func TestClock(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		date   string
		status int
	}{
		"turned":  {"its clock counts", "Thu, 02 Jan 2031 03:04:05 GMT", http.StatusOK},
		"silent":  {"this machine's clock is another one", "", http.StatusServiceUnavailable},
		"no date": {"nobody knows what it means", "tomorrow", http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Date"] = nil // net/http would write this machine's
				if row.date != "" {
					w.Header().Set("Date", row.date)
				}
				w.WriteHeader(http.StatusNotFound)
			}))
			defer source.Close()
			config, err := function.ParseConfig(function.Sweep, least.with("CLOCK_URL", source.URL).lookup)
			if err != nil {
				t.Fatal(err)
			}
			s := &stub{answers: map[string]string{
				"GET sync.twilio.com/Documents/flexsweep-control": missing, "GET sync.twilio.com/Documents": `200 {"documents":[],"meta":{"key":"documents"}}`,
				"GET sync.twilio.com/Documents/flexsweep-history": missing, "POST sync.twilio.com/Documents": `201 {"revision":"0"}`}}
			w, log := httptest.NewRecorder(), new(bytes.Buffer)
			function.NewHandler(config, function.Adapters{Transport: s, Log: log}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
			if w.Code != row.status {
				t.Fatalf("%s: status %d: %s", row.reason, w.Code, w.Body)
			}
			if row.status != http.StatusOK {
				if len(s.got) > 0 || logLines(t, log)[0]["severity"] != "ERROR" || !strings.Contains(w.Body.String(), "CLOCK_URL") {
					t.Errorf("%s: %d requests, log %s, answer %s", row.reason, len(s.got), log, w.Body)
				}
				return
			}
			var report struct {
				Run     string
				Started time.Time
			}
			if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if want := time.Date(2031, time.January, 2, 3, 4, 5, 0, time.UTC); !report.Started.Equal(want) {
				t.Errorf("%s: the sweep started at %s", row.reason, report.Started)
			}
			if !regexp.MustCompile(`^20310102T030405Z-[0-9a-f]{6}$`).MatchString(report.Run) {
				t.Errorf("the run is named %q", report.Run)
			}
		})
	}
}

// TestClockStands: a clock that is lost in the midst of a request stands still, rather than
// to leap to this machine's time.
func TestClockStands(t *testing.T) {
	t.Parallel()
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Thu, 02 Jan 2031 03:04:05 GMT")
	}))
	address, err := url.Parse(source.URL)
	if err != nil {
		t.Fatal(err)
	}
	clock := function.NewClock(address, http.DefaultTransport)
	before, err := clock.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	source.Close()
	if after := clock.Now(); !after.Equal(before) {
		t.Errorf("it says %s after %s", after, before)
	}
}
