package check

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
)

// subject has a Twilio that answers each path with the given JSON, 404 elsewhere.
func subject(t *testing.T, answers map[string]string) *Subject {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.Host+r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			body = `{"code":20404,"message":"not found"}`
		}
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	access := deploy.Access{AccountSID: "AC1", Username: "SK1", Password: "x", BaseURL: server.URL}
	client, err := access.Client(http.DefaultTransport)
	if err != nil {
		t.Fatal(err)
	}
	return &Subject{Twilio: client, Web: server.Client(), Outputs: deploy.Outputs{
		WebhookURL: "https://hook", SinkSID: "DG1", SubscriptionSID: "DF1", SyncServiceSID: "IS1", EventTypes: []string{"a", "b"},
		SweepURL: "https://sweep", SchedulerJob: deploy.Job{Name: "j", Schedule: "*/5 * * * *", TimeZone: "Etc/UTC", URI: "https://sweep"},
	}}
}

func TestTwilioChecks(t *testing.T) {
	t.Parallel()
	const types = "events.twilio.com/v1/Subscriptions/DF1/SubscribedEvents"
	for _, row := range []struct {
		name   string
		check  func(context.Context, *Subject) (string, error)
		path   string
		answer string
		fault  string
		reason string
	}{
		{"sink", sink, "events.twilio.com/v1/Sinks/DG1", `{"sink_type":"webhook","status":"active","sink_configuration":{"destination":"https://hook","method":"post"}}`, "", "the method's case does not matter"},
		{"sink elsewhere", sink, "events.twilio.com/v1/Sinks/DG1", `{"sink_type":"webhook","sink_configuration":{"destination":"https://old","method":"POST"}}`, "https://old", "events would go to the old address"},
		{"sink failed", sink, "events.twilio.com/v1/Sinks/DG1", `{"sink_type":"webhook","status":"failed","sink_configuration":{"destination":"https://hook","method":"POST"}}`, "failed", "Twilio has given up on it"},
		{"sink gone", sink, "elsewhere", `{}`, "404", "deleted by hand"},
		{"subscription", subscription, "events.twilio.com/v1/Subscriptions/DF1", `{"sink_sid":"DG1"}`, "", "it feeds our sink"},
		{"subscription of another sink", subscription, "events.twilio.com/v1/Subscriptions/DF1", `{"sink_sid":"DG2"}`, "DG2", "a sink made anew leaves it behind"},
		{"types", eventTypes, types, `{"types":[{"type":"b"},{"type":"a"}],"meta":{}}`, "", "order does not matter"},
		{"type missing", eventTypes, types, `{"types":[{"type":"a"}],"meta":{}}`, "not subscribed: b", "Terraform never notices this one"},
		{"type too many", eventTypes, types, `{"types":[{"type":"a"},{"type":"b"},{"type":"c"}],"meta":{}}`, "not wanted: c", "somebody added one by hand"},
		{"sync service gone", syncService, "elsewhere", `{}`, "20404", "the ledger is lost"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			reason, err := row.check(t.Context(), subject(t, map[string]string{row.path: row.answer}))
			switch {
			case row.fault == "" && (err != nil || reason == ""):
				t.Errorf("%q, %v: %s", reason, err, row.reason)
			case row.fault != "" && (err == nil || !strings.Contains(err.Error(), row.fault)):
				t.Errorf("error %v lacks %q: %s", err, row.fault, row.reason)
			}
		})
	}
}

func TestWebhookRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		status int
		ranges string
		ok     bool
		reason string
	}{
		{"refused", http.StatusForbidden, "", true, "the function itself answers, and knows no stranger"},
		{"let in", http.StatusOK, "", false, "anybody could forge events"},
		{"private", http.StatusUnauthorized, "", false, "Twilio could not call it either"},
		{"overloaded", http.StatusTooManyRequests, "", false, "Google says so, too, when there is no instance"},
		{"by address", http.StatusTooManyRequests, "203.0.113.0/24", true, "whoever deploys need not be on the list"},
		{"on the list", http.StatusForbidden, "203.0.113.0/24", true, "unsigned all the same"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(row.status) }))
			defer server.Close()
			s := subject(t, nil)
			s.Outputs.WebhookURL = server.URL
			s.Outputs.Functions = map[string]deploy.Function{"EventStreams": {Environment: map[string]string{"SOURCE_RANGES": row.ranges}}}
			if _, err := webhookRefuses(t.Context(), s); (err == nil) != row.ok {
				t.Errorf("%v: %s", err, row.reason)
			}
		})
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		change func(*deploy.Job)
		ok     bool
		reason string
	}{
		{"good", func(*deploy.Job) {}, true, "as applied"},
		{"paused", func(j *deploy.Job) { j.Paused = true }, false, "nothing would be retired"},
		{"bad cron", func(j *deploy.Job) { j.Schedule = "often" }, false, "Google refuses it late, the provider not at all"},
		{"bad zone", func(j *deploy.Job) { j.TimeZone = "Mars/Olympus" }, false, "no such zone"},
		{"elsewhere", func(j *deploy.Job) { j.URI = "https://other" }, false, "it would call something else"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := subject(t, nil)
			row.change(&s.Outputs.SchedulerJob)
			if _, err := schedule(t.Context(), s); (err == nil) != row.ok {
				t.Errorf("%v: %s", err, row.reason)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	known := map[string]function.Setting{
		"NEEDED": {Name: "NEEDED", Required: true}, "MAY": {Name: "MAY"}, "TOKEN": {Name: "TOKEN", Secret: true},
	}
	for _, row := range []struct {
		name   string
		given  map[string]bool
		want   []string
		reason string
	}{
		{"good", map[string]bool{"NEEDED": false, "TOKEN": true}, nil, "what is optional may be missing"},
		{"renamed in Go", map[string]bool{"OLD_NAME": false}, []string{"F does not know OLD_NAME", "F lacks NEEDED"}, "both sides of a rename are told"},
		{"secret in plain sight", map[string]bool{"NEEDED": false, "TOKEN": false}, []string{"F has the secret TOKEN in plain sight"}, "a secret is mounted, not set"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, compare("F", row.given, known)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	checks := []Check{
		{"one", func(context.Context, *Subject) (string, error) { return "fine", nil }},
		{"two", func(context.Context, *Subject) (string, error) { return "", errors.New("broken") }},
		{"three", func(context.Context, *Subject) (string, error) { return "", skipped{"not here"} }},
	}
	var told []Result
	got := Run(t.Context(), &Subject{}, checks, func(r Result) { told = append(told, r) })
	want := []Result{{"one", Pass, "fine"}, {"two", Fail, "broken"}, {"three", Skip, "not here"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one that fails must not stop the rest:\n%s", diff)
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestDeployedIsNotTouched(t *testing.T) {
	t.Parallel()
	s := subject(t, nil) // without a token it is a deployed environment
	for _, check := range []func(context.Context, *Subject) (string, error){loop, dryRun} {
		var skip skipped
		if _, err := check(t.Context(), s); !errors.As(err, &skip) {
			t.Errorf("want it skipped, got %v", err)
		}
	}
}
