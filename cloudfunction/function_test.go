package function_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// exchange is an answer of the stub, by "METHOD host path".
type stub struct {
	mu      sync.Mutex
	answers map[string]string // "status body"
	got     []string
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := r.Method + " " + r.URL.Host + strings.TrimPrefix(r.URL.Path, "/v1/Services/"+syncSID)
	s.got = append(s.got, line)
	answer, found := s.answers[line]
	if !found {
		return nil, fmt.Errorf("unexpected request: %s", line)
	}
	status, body, _ := strings.Cut(answer, " ")
	res := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	_, err := fmt.Sscan(status, &res.StatusCode)
	return res, err
}

// handler returns the entry point over the stub, and its log.
func handler(t *testing.T, entryPoint function.EntryPoint, s *stub) (http.Handler, *bytes.Buffer) {
	t.Helper()
	config, err := function.ParseConfig(entryPoint, least.with("GOOGLE_CLOUD_PROJECT", "project").lookup)
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	return function.NewHandler(config, function.Adapters{
		Transport: s, Now: func() time.Time { return noon }, NewRun: func(time.Time) string { return "run-1" }, Log: log,
	}), log
}

// delivery is a signed delivery of one event.
func delivery(body string) *http.Request {
	sum := sha256.Sum256([]byte(body))
	query := "?bodySHA256=" + hex.EncodeToString(sum[:])
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(hookURL + query))
	r := httptest.NewRequest(http.MethodPost, "/"+query, strings.NewReader(body))
	r.Header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
}

const (
	ch      = "CH00000000000000000000000000000001"
	created = `[{"id":"EZ1","type":"com.twilio.taskrouter.task.created",` +
		`"data":{"payload":{"task_sid":"WT00000000000000000000000000000001","task_attributes":"{\"channelSid\":\"` + ch + `\",\"customerName\":\"Ann Canary\"}"}}}]`
	document = "ET00000000000000000000000000000001"
	missing  = `404 {"code":20404,"message":"no","status":404}`
)

func TestEventStreamsIsWired(t *testing.T) {
	t.Parallel()
	s := &stub{answers: map[string]string{
		"GET sync.twilio.com/Documents/flexsweep-" + ch: missing,
		"POST sync.twilio.com/Documents":                `201 {"sid":"` + document + `","revision":"0"}`,
	}}
	h, log := handler(t, function.EventStreams, s)
	w := httptest.NewRecorder()
	r := delivery(created)
	r.Header.Set("X-Cloud-Trace-Context", "0123456789abcdef0123456789abcdef/123;o=1")
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if d := cmp.Diff([]string{"GET sync.twilio.com/Documents/flexsweep-" + ch, "POST sync.twilio.com/Documents"}, s.got); d != "" {
		t.Errorf("the requests (-want +got):\n%s", d)
	}
	lines := logLines(t, log)
	want := map[string]any{
		"severity": "INFO", "message": "delivery", "logging.googleapis.com/trace": "projects/project/traces/0123456789abcdef0123456789abcdef",
		"received": 1.0, "applied": 1.0, "unchanged": 0.0, "ignored": 0.0, "quarantined": 0.0, "failed": 0.0, "conflicts": 0.0, "calls": 2.0,
		"unlogged": 0.0, "foreign": 0.0, "stale": 0.0, "contradictions": 0.0,
	}
	if d := cmp.Diff([]map[string]any{want}, lines); d != "" {
		t.Errorf("the log (-want +got):\n%s", d)
	}
}

// TestLeastRequestRate: at the least rate that is accepted, a delivery of as many channels as
// are written at a time is stored in the time that it has. A slower webhook refuses every
// delivery until Twilio drops it.
func TestLeastRequestRate(t *testing.T) {
	t.Parallel()
	const channels = 16
	synctest.Test(t, func(t *testing.T) {
		i := slices.IndexFunc(function.Settings(), func(s function.Setting) bool { return s.Name == "TWILIO_REQUESTS_PER_SECOND" })
		config, err := function.ParseConfig(function.EventStreams, least.with("TWILIO_REQUESTS_PER_SECOND", function.Settings()[i].Form.Least).lookup)
		if err != nil {
			t.Fatal(err)
		}
		s := &stub{answers: map[string]string{"POST sync.twilio.com/Documents": `201 {"sid":"` + document + `","revision":"0"}`}}
		var events []string
		for n := range channels {
			sid := fmt.Sprintf("CH%032x", n)
			s.answers["GET sync.twilio.com/Documents/flexsweep-"+sid] = missing
			events = append(events, strings.Trim(strings.Replace(created, ch, sid, 1), "[]"))
		}
		w := httptest.NewRecorder()
		function.NewHandler(config, function.Adapters{Transport: s, Log: io.Discard}).ServeHTTP(w, delivery("["+strings.Join(events, ",")+"]"))
		if w.Code != http.StatusOK || len(s.got) != 2*channels {
			t.Errorf("status %d after %d of %d requests: %s", w.Code, len(s.got), 2*channels, w.Body)
		}
	})
}

// TestSweepHasADeadline: infra says how long a sweep may take, and all that it does ends then.
func TestSweepHasADeadline(t *testing.T) {
	t.Parallel()
	config, err := function.ParseConfig(function.Sweep, least.with("SWEEP_TIMEOUT_SECONDS", "90").lookup)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var left time.Duration
		pause := func(ctx context.Context, _ time.Duration) error { // before a request is repeated
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return context.DeadlineExceeded
		}
		s := &stub{answers: map[string]string{"GET sync.twilio.com/Documents/flexsweep-control": `503 {}`}}
		h := function.NewHandler(config, function.Adapters{Transport: s, Sleep: pause, Log: io.Discard})
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
		if left != 90*time.Second {
			t.Errorf("the run has %s, not the 90 seconds of its setting", left)
		}
	})
}

// What runs can be told from what was deployed, by whoever may not call it, too.
func TestAnswersTellTheBundle(t *testing.T) {
	t.Parallel()
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		config, err := function.ParseConfig(entryPoint, least.with("BUNDLE_SHA256", "b0b").lookup)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		function.NewHandler(config, function.Adapters{Log: io.Discard}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		if got := w.Header().Get(function.BundleHeader); got != "b0b" {
			t.Errorf("%s: header %q on an answer with status %d, want b0b", entryPoint, got, w.Code)
		}
	}
}

func TestSweepIsWired(t *testing.T) {
	t.Parallel()
	record := `{"version":1,"sid":"` + ch + `","backend":"chat","status":"tracking",` +
		`"tasks":{"WT00000000000000000000000000000001":{"phase":"ended","time":"2026-02-01T12:00:00Z"}}}`
	channelPath := "chat.twilio.com/v2/Services/" + chatSID + "/Channels/" + ch
	s := &stub{answers: map[string]string{
		"GET sync.twilio.com/Documents/flexsweep-control": missing,
		"GET sync.twilio.com/Documents": `200 {"documents":[{"sid":"` + document + `","unique_name":"flexsweep-` + ch + `",` +
			`"revision":"1","data":` + record + `}],"meta":{"key":"documents"}}`,
		"POST sync.twilio.com/Documents/" + document:      `200 {"sid":"` + document + `","revision":"2"}`,
		"GET chat.twilio.com/v2/Services/" + chatSID:      `200 {"sid":"` + chatSID + `"}`,
		"GET " + channelPath:                              `200 {"attributes":"{\"a\":1,\"long_lived\":true,\"status\":\"ACTIVE\"}"}`,
		"POST " + channelPath:                             `200 {"attributes":"{\"a\":1,\"long_lived\":false,\"status\":\"INACTIVE\"}"}`,
		"GET sync.twilio.com/Documents/flexsweep-history": missing,
		"POST sync.twilio.com/Documents":                  `201 {"sid":"` + document + `","revision":"0"}`,
	}}
	h, log := handler(t, function.Sweep, s)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	var report struct {
		Run     string
		Retired int
		Calls   int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || w.Code != http.StatusOK || report.Run != "run-1" || report.Retired != 1 {
		t.Fatalf("status %d, %v: %s", w.Code, err, w.Body)
	}
	if report.Calls != len(s.got) {
		t.Errorf("the report says %d calls of %d: %v", report.Calls, len(s.got), s.got)
	}
	perChannel := 0
	for _, line := range s.got {
		if strings.Contains(line, ch) || strings.HasSuffix(line, document) {
			perChannel++
		}
	}
	if perChannel != 5 { // look, claim, fetch, update, settle
		t.Errorf("%d calls for one retired chat channel: %v", perChannel, s.got)
	}
	for _, line := range logLines(t, log) {
		if line["run"] != "run-1" {
			t.Errorf("a line does not name its run: %v", line)
		}
	}
}
