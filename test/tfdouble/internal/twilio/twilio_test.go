package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// exchange is one scripted answer, and what was asked for it.
type exchange struct {
	status int
	answer string

	method, host, path, user string
	form                     url.Values
}

// configured gives a provider that talks to a server with that one answer.
func configured(t *testing.T, e *exchange, config plan.Object) *Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		e.method, e.host, e.path = r.Method, r.Host, r.URL.Path
		e.user, _, _ = r.BasicAuth()
		if e.form, err = url.ParseQuery(string(body)); err != nil {
			t.Error(err)
		}
		w.WriteHeader(e.status)
		fmt.Fprint(w, e.answer)
	}))
	t.Cleanup(server.Close)
	p, err := New(Options{BaseURL: server.URL, Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Configure(config); err != nil {
		t.Fatal(err)
	}
	return p
}

var credentials = plan.Object{"username": "ACabc", "password": "secret"}

func resource(t *testing.T, p *Provider, name string) schema.Resource {
	t.Helper()
	for _, r := range p.resources {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no resource type %s", name)
	return schema.Resource{}
}

func TestCreateSendsWhatTheRealProviderSends(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, resource, host, path string
		planned                    plan.Object
		want                       url.Values
		reason                     string
	}{
		{"sync service", "twilio_sync_services_v1", "sync.twilio.com", "/v1/Services",
			plan.Object{"friendly_name": "f", "acl_enabled": true, "webhook_url": value.Unknown, "reachability_debouncing_window": value.Unknown},
			url.Values{"FriendlyName": {"f"}, "AclEnabled": {"true"}, "ReachabilityWebhooksEnabled": {"false"},
				"ReachabilityDebouncingEnabled": {"false"}, "WebhooksFromRestEnabled": {"false"}},
			"booleans are sent whether configured or not, unknown strings and numbers never"},
		{"sink", "twilio_events_sinks_v1", "events.twilio.com", "/v1/Sinks",
			plan.Object{"description": "d", "sink_type": "webhook", "sink_configuration": `{ "method": "POST", "destination": "https://a/?b=1&c=2" }`},
			url.Values{"Description": {"d"}, "SinkType": {"webhook"}, "SinkConfiguration": {`{"destination":"https://a/?b=1\u0026c=2","method":"POST"}`}},
			"the configuration is re-written as Go's JSON"},
		{"subscription", "twilio_events_subscriptions_v1", "events.twilio.com", "/v1/Subscriptions",
			plan.Object{"description": "d", "sink_sid": "DG1", "types": []any{`{"type":"a","schema_version":4}`, `{"type":"b"}`}},
			url.Values{"Description": {"d"}, "SinkSid": {"DG1"}, "Types": {`{"schema_version":4,"type":"a"}`, `{"type":"b"}`}},
			"types is a repeated field"},
		{"flex flow", "twilio_flex_flex_flows_v1", "flex-api.twilio.com", "/v1/FlexFlows",
			plan.Object{"friendly_name": "f", "chat_service_sid": "IS1", "channel_type": "sms", "integration_flow_sid": "FW1", "long_lived": true},
			url.Values{"FriendlyName": {"f"}, "ChatServiceSid": {"IS1"}, "ChannelType": {"sms"}, "Integration.FlowSid": {"FW1"},
				"LongLived": {"true"}, "Enabled": {"false"}, "JanitorEnabled": {"false"}, "Integration.CreationOnMessage": {"false"}},
			"the integration's parameters have a dot"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			e := &exchange{status: http.StatusCreated, answer: `{"sid":"XX1"}`}
			p := configured(t, e, credentials)
			state, err := p.Create(t.Context(), resource(t, p, row.resource), row.planned, nil)
			if err != nil {
				t.Fatal(err)
			}
			if state["id"] != "XX1" || state["sid"] != "XX1" {
				t.Errorf("state: %v", state)
			}
			if e.method != "POST" || e.host != row.host || e.path != row.path || e.user != "ACabc" {
				t.Errorf("asked %s https://%s%s as %q", e.method, e.host, e.path, e.user)
			}
			if diff := cmp.Diff(row.want, e.form); diff != "" {
				t.Errorf("form (-want +got): %s\n%s", row.reason, diff)
			}
		})
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	body := func(status, code int, message string) string {
		text, err := json.Marshal(map[string]any{"status": status, "code": code, "message": message,
			"more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code)})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, row := range []struct {
		name   string
		status int
		answer string
		want   string
	}{
		{"gone", 404, body(404, 20404, "The requested resource /v1/Sinks/DG1 was not found"),
			"Status: 404 - ApiError 20404: The requested resource /v1/Sinks/DG1 was not found (null) More info: https://www.twilio.com/docs/errors/20404"},
		{"unknown credentials", 401, body(401, 20003, "Authenticate"),
			"Status: 401 - ApiError 20003: Authenticate (null) More info: https://www.twilio.com/docs/errors/20003"},
		{"too many", 429, body(429, 20429, "Too Many Requests"),
			"Status: 429 - ApiError 20429: Too Many Requests (null) More info: https://www.twilio.com/docs/errors/20429"},
		{"not JSON", 502, "<html>",
			"error decoding the response for an HTTP error code: 502: invalid character '<' looking for beginning of value"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, &exchange{status: row.status, answer: row.answer}, credentials)
			r := resource(t, p, "twilio_events_sinks_v1")
			_, readErr := p.Read(t.Context(), r, plan.Object{"sid": "DG1"})
			deleteErr := p.Delete(t.Context(), r, plan.Object{"sid": "DG1"})
			for _, err := range []error{readErr, deleteErr} {
				if err == nil || err.Error() != row.want {
					t.Errorf("got %v, want %s", err, row.want)
				}
			}
		})
	}
}

func TestReadKeepsTheOriginalsFaults(t *testing.T) {
	t.Parallel()
	before := plan.Object{"sid": "DG1", "id": "DG1", "description": "d", "types": []any{"kept"}, "sink_configuration": `{"a":"b"}`}
	for _, row := range []struct {
		name, resource, answer, attribute string
		want                              any
		reason                            string
	}{
		{"canonical", "twilio_events_sinks_v1", `{"sink_configuration":{"method":"POST","destination":"https://a/?b&c","batch_events":false}}`,
			"sink_configuration", `{"batch_events":false,"destination":"https://a/?b\u0026c","method":"POST"}`, "as jsonencode writes it"},
		{"null inside", "twilio_events_sinks_v1", `{"sink_configuration":{"method":"POST","destination":null}}`,
			"sink_configuration", nil, "one null value nulls the whole attribute"},
		{"types", "twilio_events_subscriptions_v1", `{"description":"d","types":["other"]}`,
			"types", []any{"kept"}, "a type changed in the console is never noticed"},
		{"null", "twilio_sync_services_v1", `{"webhook_url":null}`, "webhook_url", nil, "null stays null"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := configured(t, &exchange{status: http.StatusOK, answer: row.answer}, credentials)
			state, err := p.Read(t.Context(), resource(t, p, row.resource), before)
			if err != nil {
				t.Fatal(err)
			}
			if !value.Equal(state[row.attribute], row.want) {
				t.Errorf("%s: got %v, want %v: %s", row.attribute, state[row.attribute], row.want, row.reason)
			}
		})
	}
}

func TestUpdateSendsOnlyItsOwnArguments(t *testing.T) {
	t.Parallel()
	e := &exchange{status: http.StatusOK, answer: `{}`}
	p := configured(t, e, credentials)
	planned := plan.Object{"sid": "DF1", "description": "new", "sink_sid": "DG2", "types": []any{`{"type":"a"}`}}
	if _, err := p.Update(t.Context(), resource(t, p, "twilio_events_subscriptions_v1"), nil, planned, nil); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"Description": {"new"}, "SinkSid": {"DG2"}}
	if diff := cmp.Diff(want, e.form); diff != "" || e.path != "/v1/Subscriptions/DF1" {
		t.Errorf("POST %s (-want +got):\n%s", e.path, diff)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, edge, region, want, reason string }{
		{"plain", "", "", "events.twilio.com", "no infix"},
		{"region", "", "ie1", "events.ie1.twilio.com", "the region alone"},
		{"edge", "dublin", "", "events.dublin.us1.twilio.com", "an edge without a region means us1"},
		{"both", "dublin", "ie1", "events.dublin.ie1.twilio.com", "edge first"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := (client{edge: row.edge, region: row.region}).host("events"); got != row.want {
				t.Errorf("got %s, want %s: %s", got, row.want, row.reason)
			}
		})
	}
}

func TestRefusesBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	e := &exchange{status: http.StatusOK, answer: `{}`}
	p := configured(t, e, plan.Object{"username": "ACabc", "password": "with-dash"})
	_, err := p.Read(context.Background(), resource(t, p, "twilio_events_sinks_v1"), plan.Object{"sid": "DG1"})
	want := "Status: 400 - ApiError 21224: Invalid Password. Illegal chars"
	if err == nil || !strings.HasPrefix(err.Error(), want) || e.method != "" {
		t.Errorf("got %v after %q, want %s and no request", err, e.method, want)
	}
}

func TestEnvironmentMakesCredentialsOptional(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TWILIO_ACCOUNT_SID": "ACenv", "TWILIO_API_SECRET": ""}
	p, err := New(Options{Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	username, _ := p.schema.Block.Attribute("username")
	password, _ := p.schema.Block.Attribute("password")
	if username.Required || !password.Required {
		t.Errorf("required: username %v, password %v; want only the password, an empty variable counts as missing", username.Required, password.Required)
	}
	if err := p.Configure(plan.Object{}); err != nil || p.client.Load().username != "ACenv" {
		t.Errorf("username %q, %v; want the environment's", p.client.Load().username, err)
	}
}
