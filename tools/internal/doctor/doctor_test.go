package doctor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/doctor"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// world is the internet as a deployed environment's operator sees it: Twilio, Cloud
// Logging, and nothing else.
type world struct {
	twilio  http.RoundTripper
	logging func(http.ResponseWriter, *http.Request)
}

func (w world) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Host, ".twilio.com") {
		return w.twilio.RoundTrip(r)
	}
	answer := httptest.NewRecorder()
	if r.URL.Host != "logging.googleapis.com" {
		answer.WriteHeader(http.StatusForbidden)
		return answer.Result(), nil
	}
	w.logging(answer, r)
	return answer.Result(), nil
}

// deployed is an environment that no fake stands in for.
func deployed(t *testing.T, w *world) *doctor.Patient {
	t.Helper()
	const hook = "https://flexsweep-prod-event-streams.example.com"
	fake := faketwilio.New(faketwilio.Options{Seed: 1})
	w.twilio = fake.Transport()
	keys, sink := fake.Credentials(), fake.NewSink(hook)
	settings := map[string]string{
		"TWILIO_ACCOUNT_SID": keys.AccountSID, "TWILIO_API_KEY": keys.APIKey, "SYNC_SERVICE_SID": fake.NewSyncService("flexsweep"),
		"CHAT_SERVICE_SIDS": fake.NewChatService("Flex Chat Service"), "WEBHOOK_URLS": hook,
	}
	env, err := operate.Open(t.Context(), operate.Source{
		Name: "prod", Secrets: secrets.Values{APISecret: keys.APISecret}, Transport: w, Now: fake.Clock().Now,
		Outputs: deploy.Outputs{
			WebhookURL: hook, SinkSID: sink, SubscriptionSID: fake.NewSubscription(sink), ProjectID: "my-project",
			Functions: map[string]deploy.Function{"EventStreams": {Name: "flexsweep-prod-event-streams", Environment: settings}, "Sweep": {Environment: settings}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &doctor.Patient{
		Env: env, Machine: fake.Clock().Now, Web: w, Logging: doctor.Google,
		GoogleToken: func(context.Context) (string, error) { return "access-token", nil },
		Sleep:       func(context.Context, time.Duration) error { return nil },
	}
}

func lineOf(t *testing.T, p *doctor.Patient, what string) doctor.Line {
	t.Helper()
	lines, err := doctor.Examine(t.Context(), p, func(doctor.Line) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if l.What == what {
			return l
		}
	}
	t.Fatalf("no line %q in %v", what, lines)
	return doctor.Line{}
}

func TestTestEventInCloudLogging(t *testing.T) {
	t.Parallel()
	const entry = `{"entries":[{"timestamp":"2026-01-05T08:00:01Z"}]}`
	for _, row := range []struct {
		name    string
		answers []string // of Cloud Logging, the last one again and again; a number is a status
		token   error
		verdict doctor.Verdict
		looks   int
		found   string
		reason  string
	}{
		{"there", []string{entry}, nil, doctor.OK, 1, "the webhook's log has it", "it has arrived"},
		{"late", []string{"{}", "{}", entry}, nil, doctor.OK, 3, "the webhook's log has it", "logs take some seconds"},
		{"never", []string{"{}"}, nil, doctor.Fail, 15, "has not arrived within 30s", "patience ends"},
		{"may not read", []string{"403"}, nil, doctor.Unknown, 1, "roles/logging.viewer", "who may not read logs cannot tell; that is no fault of what is deployed"},
		{"nobody signed in", nil, errors.New("no Google credentials"), doctor.Unknown, 0, "no Google credentials", "without a token nothing can be read"},
		{"no JSON", []string{"<html>"}, nil, doctor.Unknown, 1, "read Cloud Logging", "a proxy answers"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			looks := 0
			p := deployed(t, &world{logging: func(w http.ResponseWriter, r *http.Request) {
				answer := row.answers[min(looks, len(row.answers)-1)]
				looks++
				checkQuery(t, r)
				var status int
				if _, err := fmt.Sscanf(answer, "%d", &status); err == nil {
					w.WriteHeader(status)
					return
				}
				fmt.Fprint(w, answer)
			}})
			if row.token != nil {
				p.GoogleToken = func(context.Context) (string, error) { return "", row.token }
			}
			line := lineOf(t, p, "test event")
			if line.Verdict != row.verdict || !strings.Contains(line.Found, row.found) || looks != row.looks {
				t.Errorf("%+v after %d looks, want %s with %q after %d: %s", line, looks, row.verdict, row.found, row.looks, row.reason)
			}
			if line.Verdict != doctor.OK && line.Do == "" {
				t.Error("it does not say what to do")
			}
		})
	}
}

// checkQuery looks at what is asked of Cloud Logging: this function's log, since the event
// was sent.
func checkQuery(t *testing.T, r *http.Request) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var query struct {
		ResourceNames []string `json:"resourceNames"`
		Filter        string   `json:"filter"`
	}
	if err := json.Unmarshal(body, &query); err != nil || r.Header.Get("Authorization") != "Bearer access-token" || r.URL.Path != "/v2/entries:list" {
		t.Errorf("%s %s: %s", r.Method, r.URL, body)
	}
	const want = `resource.labels.service_name="flexsweep-prod-event-streams" jsonPayload.message="test event received" timestamp>="2026-01-05T07:59:59Z"`
	if query.Filter != want || len(query.ResourceNames) != 1 || query.ResourceNames[0] != "projects/my-project" {
		t.Errorf("query %+v, want the filter %s", query, want)
	}
}

func TestNoTestEvent(t *testing.T) {
	t.Parallel()
	p := deployed(t, &world{logging: func(http.ResponseWriter, *http.Request) { t.Error("Cloud Logging was asked") }})
	p.NoTestEvent = true
	if line := lineOf(t, p, "test event"); line.Verdict != doctor.Unknown {
		t.Errorf("%+v, want unknown: nothing was sent", line)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	p := deployed(t, &world{logging: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }})
	ctx, stop := context.WithCancel(t.Context())
	lines, err := doctor.Examine(ctx, p, func(l doctor.Line) {
		if l.What == "settings" {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || len(lines) != 3 {
		t.Errorf("%d lines, %v: want it to end where it was interrupted", len(lines), err)
	}
}

var (
	advice  = regexp.MustCompile(`docs/([a-z]+\.md)(?:#([a-z-]+))?`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// TestAdviceLeadsSomewhere: every page and heading that the doctor sends people to exists.
func TestAdviceLeadsSomewhere(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range sources {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range advice.FindAllStringSubmatch(string(text), -1) {
			seen++
			page, err := os.ReadFile(filepath.Join("../../../docs", match[1]))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			anchors := " "
			for _, h := range heading.FindAllStringSubmatch(string(page), -1) {
				anchors += strings.ReplaceAll(strings.ToLower(h[1]), " ", "-") + " "
			}
			if match[2] != "" && !strings.Contains(anchors, " "+match[2]+" ") {
				t.Errorf("%s sends people to %s, and there is no such heading", name, match[0])
			}
		}
	}
	if seen == 0 {
		t.Error("no advice names a page: this test reads them wrongly")
	}
}
