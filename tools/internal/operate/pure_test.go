package operate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

var quiet = slog.New(slog.DiscardHandler)

func entryOf(r channel.Record) ledger.Entry { return ledger.Entry{Record: r} }

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func TestNewRow(t *testing.T) {
	t.Parallel()
	policy := channel.Policy{Retention: 48 * time.Hour, Chat: channel.Deactivate}
	ended := func(ago time.Duration) channel.Record {
		return channel.Record{SID: "CH1", Status: channel.Tracking, Tasks: map[string]channel.Task{"WT1": {Phase: channel.Ended, Time: noon.Add(-ago)}}}
	}
	with := func(r channel.Record, change func(*channel.Record)) channel.Record {
		change(&r)
		return r
	}
	for _, row := range []struct {
		name       string
		record     channel.Record
		state      operate.State
		when, note string
		reason     string
	}{
		{"waiting", ended(time.Hour), operate.StateWaiting, "in 1d 23h", "", "the retention runs"},
		{"due", ended(49 * time.Hour), operate.StateDue, "1h ago", "", "the next sweep retires it"},
		{"overdue", ended(53 * time.Hour), operate.StateDue, "5h ago", "overdue", "sweeps should have retired it long ago"},
		{"failing", with(ended(49*time.Hour), func(r *channel.Record) {
			r.Failure = &channel.Failure{Count: 2, Operation: "fetch channel", Status: 500}
		}), operate.StateDue, "1h ago", "failed 2× in a row: fetch channel, HTTP 500", "it must be seen"},
		{"held for good", with(ended(49*time.Hour), func(r *channel.Record) { r.Hold = &channel.Hold{By: "ann", Reason: "audit"} }), operate.StateHeld, "for good", "audit (ann)", "by whom and why"},
		{"held until", with(ended(49*time.Hour), func(r *channel.Record) {
			r.Hold = &channel.Hold{Until: noon.Add(time.Hour), By: "ann", Reason: "audit"}
		}), operate.StateHeld, "until 2026-03-01 13:00Z", "audit (ann)", "until when"},
		{"claimed", with(ended(49*time.Hour), func(r *channel.Record) {
			r.Status, r.Claim = channel.Retiring, &channel.Claim{Run: "run", Time: noon}
		}), operate.StateClaimed, "until 2026-03-01 12:30Z", "", "a sweep is at work"},
		{"to restore", with(ended(time.Hour), func(r *channel.Record) { r.Retirement = &channel.Retirement{Run: "run"} }), operate.StateToRestore, "in 1d 23h", "", "a retired channel had news"},
		{"retired", with(ended(50*time.Hour), func(r *channel.Record) {
			r.Status, r.Retirement = channel.Retired, &channel.Retirement{
				Time: noon.Add(-time.Minute), Target: channel.Target{Backend: channel.Chat, Disposition: channel.Deactivate}, Result: channel.Done,
			}
		}), operate.StateRetired, "1m ago", "deactivate, done", "since when and how"},
		{"no task", channel.Record{SID: "CH1", Status: channel.Tracking}, operate.StateNoTask, "", "", "nothing to count from"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := operate.NewRow(entryOf(row.record), policy, noon)
			if d := cmp.Diff([]string{string(row.state), row.when, row.note}, []string{string(got.State), got.When(noon), got.Note()}); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	rows := []operate.Row{
		{Channel: "CH1", State: operate.StateRetired, Type: "sms", At: noon},
		{Channel: "CH2", State: operate.StateRetired, Type: "web", At: noon.Add(time.Hour)},
		{Channel: "CH3", State: operate.StateDue, Type: "sms", At: noon, Failures: 1},
		{Channel: "CH4", State: operate.StateDue, Type: "web", At: noon.Add(-time.Hour), Failures: 3},
		{Channel: "CH5", State: operate.StateOpen, Type: "web", At: noon},
	}
	for _, row := range []struct {
		name    string
		filters []string
		order   string
		limit   int
		want    string
		of      int
		reason  string
	}{
		{"all", nil, "due", 0, "CH4 CH3 CH5 CH2 CH1", 5, "longest due first, latest retired first among the last"},
		{"limit", nil, "due", 2, "CH4 CH3", 5, "how many there are is told all the same"},
		{"either value", []string{"state=due,open"}, "channel", 0, "CH3 CH4 CH5", 3, "values of one column are alternatives"},
		{"both columns", []string{"state=due", "type=web"}, "due", 0, "CH4", 1, "columns narrow down"},
		{"failing", []string{"failing=yes"}, "failures", 0, "CH4 CH3", 2, "worst first"},
		{"the other way round", nil, "-channel", 0, "CH5 CH4 CH3 CH2 CH1", 5, "a - reverses"},
		{"none", []string{"channel=CH9"}, "due", 0, "", 0, "nothing is no error"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			choice, err := operate.ParseChoice(row.filters, row.order, row.limit)
			if err != nil {
				t.Fatal(err)
			}
			chosen, of := choice.Of(rows)
			var got []string
			for _, r := range chosen {
				got = append(got, r.Channel)
			}
			if strings.Join(got, " ") != row.want || of != row.of {
				t.Errorf("%s: got %v of %d, want %s of %d", row.reason, got, of, row.want, row.of)
			}
		})
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration][2]string{
		0: {"0s", "0s"}, 59 * time.Second: {"59s", "59s"}, 90 * time.Second: {"1m", "1m30s"}, time.Hour: {"1h", "1h"},
		90 * time.Minute: {"1h 30m", "1h30m"}, 48 * time.Hour: {"2d", "48h"}, 50*time.Hour + 40*time.Minute: {"2d 2h", "50h40m"}, 10 * time.Minute: {"10m", "10m"},
	} {
		if d2 := cmp.Diff(want, [2]string{operate.Span(d), operate.Exact(d)}); d2 != "" {
			t.Errorf("%s, roughly and exactly (-want +got):\n%s", d, d2)
		}
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	metadata := func(status int, token string) http.RoundTripper {
		return world.RoundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("audience") != "https://sweep.example.com" || r.Header.Get("Metadata-Flavor") != "Google" {
				return nil, errors.New("not a request of the metadata server's")
			}
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(token))}, nil
		})
	}
	for _, row := range []struct {
		name        string
		impersonate string
		gcloud      string
		err         error
		transport   http.RoundTripper
		args, want  string
		reason      string
	}{
		{"own account", "", "token\n", nil, nil, "auth print-identity-token", "token", "gcloud takes no audience for a person"},
		{"impersonated", "inv@x", "token\n", nil, nil, "auth print-identity-token --impersonate-service-account=inv@x --audiences=https://sweep.example.com", "token", "for the function alone"},
		{"on Google Cloud", "", "", errors.New("no gcloud"), metadata(200, "from metadata"), "auth print-identity-token", "from metadata", "a job there has no gcloud"},
		{"nobody", "", "", errors.New("no gcloud"), metadata(404, ""), "auth print-identity-token", "", "what to do is told"},
		{"may not impersonate", "inv@x", "", errors.New("denied"), metadata(200, "wrong account"), "auth print-identity-token --impersonate-service-account=inv@x --audiences=https://sweep.example.com", "", "not as somebody else than was said"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var args string
			identity := operate.Identity{Audience: "https://sweep.example.com", Impersonate: row.impersonate, Transport: row.transport}
			identity.Run = func(_ context.Context, name string, a ...string) ([]byte, error) {
				args = strings.Join(a, " ")
				return bytes.NewBufferString(row.gcloud).Bytes(), row.err
			}
			got, err := identity.Token(t.Context())
			if got != row.want || args != row.args || (err == nil) != (row.want != "") {
				t.Errorf("%s: token %q, arguments %q, error %v", row.reason, got, args, err)
			}
			if err != nil && !strings.Contains(err.Error(), "gcloud auth login") {
				t.Errorf("%s: %v", row.reason, err)
			}
		})
	}
}
