package faketwilio

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProductOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		host, product, reason string
		ok                    bool
	}{
		{"sync.twilio.com", "sync", "a product", true},
		{"SYNC.Twilio.com:443", "sync", "host names have no case, and may have a port", true},
		{"flex-api.ie1.twilio.com", "flex-api", "with a region", true},
		{"events.dublin.ie1.twilio.com", "events", "with an edge and a region", true},
		{"api.twilio.com", "", "a product that the fake has not", false},
		{"sync.twilio.com.example.com", "", "somebody else's", false},
		{"127.0.0.1:8080", "", "the control API", false},
		{"a.b.c.sync.twilio.com", "", "no such form", false},
	}
	for _, test := range tests {
		t.Run(test.host, func(t *testing.T) {
			t.Parallel()
			if product, _, ok := productOf(test.host); product != test.product || ok != test.ok {
				t.Errorf("product %q, %v, want %q, %v: %s", product, ok, test.product, test.ok, test.reason)
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	_, s := newClient(t, Options{})
	c := s.Credentials()
	tests := []struct {
		name, reason, user, password string
		status                       int
	}{
		{"token", "the account with its token", c.AccountSID, c.AuthToken, 200},
		{"key", "an API key with its secret", c.APIKey, c.APISecret, 200},
		{"swapped", "the account with the key's secret", c.AccountSID, c.APISecret, 401},
		{"wrong", "a wrong token", c.AccountSID, "x", 401},
		{"nobody", "no credentials", "", "", 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := &client{t, s}
			request := client.request("GET", "sync.twilio.com/v1/Services", nil)
			request.Header.Del("Authorization")
			if test.user != "" {
				request.SetBasicAuth(test.user, test.password)
			}
			response, err := s.Transport().RoundTrip(request)
			if err != nil || response.StatusCode != test.status {
				t.Fatalf("answered %v, %v, want %d: %s", response, err, test.status, test.reason)
			}
		})
	}
}

func TestRotatedTokens(t *testing.T) {
	t.Parallel()
	client, s := newClient(t, Options{})
	old := s.Credentials()
	status := func(token string) int {
		request := client.request("GET", "sync.twilio.com/v1/Services", nil)
		request.SetBasicAuth(old.AccountSID, token)
		response, err := s.Transport().RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode
	}
	s.SetSecondaryAuthToken("second")
	if status(old.AuthToken) != 200 || status("second") != 200 {
		t.Error("before a rotation both tokens are good")
	}
	s.SetAuthToken("second")
	if status(old.AuthToken) != 401 || status("second") != 200 {
		t.Error("after it only the promoted one is")
	}
}

func TestErrorBody(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Options{})
	got := c.get("sync.twilio.com/v1/Nothing")
	want := `{"code":20404,"message":"The requested resource /v1/Nothing was not found",` +
		`"more_info":"https://www.twilio.com/docs/errors/20404","status":404}`
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	c.do("PUT", "sync.twilio.com/v1/Services", nil).want(t, 405, 20004, "Twilio has no PUT")
}

func TestNoOtherHosts(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	if _, err := s.Transport().RoundTrip(c.request("GET", "example.com/", nil)); err == nil {
		t.Error("a request to the internet was served")
	}
}

func TestAddressesNameTheRegion(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Options{})
	got := c.get("sync.dublin.ie1.twilio.com/v1/Services")
	if url := got.text("meta.url"); !strings.HasPrefix(url, "https://sync.dublin.ie1.twilio.com/v1/Services?") {
		t.Errorf("meta.url = %s, want the host that the client asked", url)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{JournalSize: 3, JournalBodies: 10})
	service := s.NewSyncService("x")
	var whole []string
	s.Journal().Observe(func(e Exchange) { whole = append(whole, e.Response) })
	for _, name := range []string{"a", "b", "c", "d"} {
		c.post("sync.twilio.com/v1/Services/"+service+"/Documents", "UniqueName", name)
	}
	c.get("sync.twilio.com/v1/Nowhere")
	entries := s.Journal().Entries()
	if len(entries) != 3 || entries[0].Number != 3 || entries[0].Form.Get("UniqueName") != "c" || entries[2].Status != 404 {
		t.Errorf("entries %+v, want the latest three, oldest first", entries)
	}
	if entries[0].Header.Get("Authorization") != "" || entries[0].Header.Get("Content-Type") == "" {
		t.Errorf("headers %v, want all but the credentials", entries[0].Header)
	}
	if len(entries[0].Response) != 10 || len(whole[2]) <= 10 {
		t.Errorf("kept %q, observed %q: the journal keeps the beginning, an observer sees all", entries[0].Response, whole[2])
	}
	want := map[string]int{"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents": 4, "unknown": 1}
	if diff := cmp.Diff(want, s.Journal().CallsByRoute()); diff != "" || s.Journal().Calls() != 5 {
		t.Errorf("%d calls, want 5 (-want +got):\n%s", s.Journal().Calls(), diff)
	}
	s.Journal().Reset()
	if s.Journal().Calls() != 0 || len(s.Journal().Entries()) != 0 {
		t.Error("a reset forgets everything")
	}
}

func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	first, second, other := New(Options{Seed: 1}), New(Options{Seed: 1}), New(Options{Seed: 2})
	if first.Credentials() != second.Credentials() || first.NewSyncService("x") != second.NewSyncService("x") {
		t.Error("the same seed gives other SIDs")
	}
	if first.Credentials() == other.Credentials() {
		t.Error("another seed gives the same credentials")
	}
}

// control sends a request to the control API of a server.
func control(t *testing.T, s *Server, method, path, body string) (int, map[string]any) {
	t.Helper()
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(body))
	request.RemoteAddr = "127.0.0.1:50000"
	s.ServeHTTP(recorder, request)
	answer := map[string]any{}
	if raw, _ := io.ReadAll(recorder.Body); len(raw) > 0 && json.Unmarshal(raw, &answer) != nil {
		t.Fatalf("%s %s: no JSON: %s", method, path, raw)
	}
	return recorder.Code, answer
}

func TestControlClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, body string
		status             int
		now                string
	}{
		{"advance", "by a duration", `{"advance":"1h30m"}`, 200, "2026-01-05T09:30:00Z"},
		{"set", "to a time", `{"set":"2026-02-01T00:00:00Z"}`, 200, "2026-02-01T00:00:00Z"},
		{"back", "time does not run backwards", `{"set":"2026-01-01T00:00:00Z"}`, 400, "2026-01-05T08:00:00Z"},
		{"negative", "time does not run backwards", `{"advance":"-1s"}`, 400, "2026-01-05T08:00:00Z"},
		{"both", "one or the other", `{"advance":"1s","set":"2026-02-01T00:00:00Z"}`, 400, "2026-01-05T08:00:00Z"},
		{"neither", "one or the other", `{}`, 400, "2026-01-05T08:00:00Z"},
		{"number", "a duration is text", `{"advance":60}`, 400, "2026-01-05T08:00:00Z"},
		{"unknown name", "a mistake is not ignored", `{"forward":"1h"}`, 400, "2026-01-05T08:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := New(Options{})
			if status, answer := control(t, s, "POST", "/_fake/clock", test.body); status != test.status {
				t.Errorf("answered %d %v, want %d: %s", status, answer, test.status, test.reason)
			}
			if _, answer := control(t, s, "GET", "/_fake/clock", ""); answer["now"] != test.now {
				t.Errorf("the clock stands at %v, want %s: %s", answer["now"], test.now, test.reason)
			}
		})
	}
}

func TestControlWorld(t *testing.T) {
	t.Parallel()
	hook := &receiver{t: t}
	s := New(Options{DeliveryTransport: hook})
	must := func(method, path, body string) map[string]any {
		t.Helper()
		status, answer := control(t, s, method, path, body)
		if status >= 300 {
			t.Fatalf("%s %s %s: %d %v", method, path, body, status, answer)
		}
		return answer
	}
	first := func(answer map[string]any, kind string) string { return answer[kind].([]any)[0].(string) }
	made := must("POST", "/_fake/seed", `{"sync_services":[{"name":"ledger"}],"chat_services":[{"name":"flex"}],
		"workspaces":[{"name":"flex"}],"sinks":[{"url":"https://example.com/"}],
		"subscriptions":[{"types":["com.twilio.taskrouter.task.created","com.twilio.taskrouter.task.completed"]}],
		"conversations":[{"attributes":{"a":1}}],"channels":[{"attributes":"{\"b\": 2}"}]}`)
	ch := first(made, "conversations")
	if got, _ := s.Conversation(ch); got.Attributes != `{"a":1}` {
		t.Errorf("attributes %s: an object stands for itself", got.Attributes)
	}
	if got, _ := s.Channel(first(made, "channels")); got.Attributes != `{"b": 2}` {
		t.Errorf("attributes %s: text is taken as it is", got.Attributes)
	}
	must("POST", "/_fake/seed", `{"interactions":[{"conversation":"`+ch+`","channel_type":"sms"}]}`)
	wt := must("POST", "/_fake/tasks", `{"attributes":{"conversationSid":"`+ch+`"}}`)["sid"].(string)
	must("POST", "/_fake/tasks/"+wt, `{"status":"completed"}`)
	must("POST", "/_fake/say", `{"channel":"`+ch+`","author":"ann","body":"hello"}`)
	must("POST", "/_fake/events", `{"type":"com.twilio.taskrouter.task.created","payload":{"eventtype":"task.created"}}`)
	must("POST", "/_fake/clock", `{"advance":"1s"}`)
	if diff := cmp.Diff([]string{"task.created", "task.completed", "task.created"}, hook.events()); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	if got := must("GET", "/_fake/deliveries", "")["deliveries"].([]any); len(got) != 3 {
		t.Errorf("%d deliveries, want 3", len(got))
	}
	state := s.State(10)
	if len(state.ChatServices) != 1 || len(state.ChatServices[0].Channels) != 2 || len(state.Interactions) != 1 ||
		len(state.Workspaces[0].Tasks) != 1 || state.Deliveries[outcomeDelivered] != 3 || len(state.Subscriptions[0].Types) != 2 {
		t.Errorf("state %+v", state)
	}
	if got := must("GET", "/_fake/state?limit=1", ""); len(got["chat_services"].([]any)[0].(map[string]any)["channels"].([]any)) != 1 {
		t.Errorf("limited state %v", got)
	}
}

func TestControlMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, method, path, body string }{
		{"no product", "GET", "/v1/Services", ""},
		{"unknown task", "POST", "/_fake/tasks/WT1", `{"status":"completed"}`},
		{"no workspace", "POST", "/_fake/tasks", `{}`},
		{"unknown channel", "POST", "/_fake/say", `{"channel":"CH1","author":"a","body":"b"}`},
		{"unknown sink", "POST", "/_fake/seed", `{"subscriptions":[{"sink":"DG1"}]}`},
		{"no event", "POST", "/_fake/events", `{}`},
		{"no JSON", "POST", "/_fake/faults", `{`},
		{"no effect", "POST", "/_fake/faults", `{"product":"sync"}`},
		{"unknown name in a fault", "POST", "/_fake/faults", `{"status":500,"often":true}`},
		{"no number", "GET", "/_fake/journal?limit=x", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, answer := control(t, New(Options{}), test.method, test.path, test.body)
			if text, _ := answer["error"].(string); status < 400 || text == "" {
				t.Errorf("answered %d %v, want an error that says what is wrong", status, answer)
			}
		})
	}
}

func TestControlFaultsChaosTokens(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	_, added := control(t, s, "POST", "/_fake/faults", `{"product":"sync","status":503,"latency":"1ms","times":2}`)
	want := Fault{ID: "fault-1", Product: "sync", Status: 503, Latency: 1_000_000, Times: 2}
	if diff := cmp.Diff([]Fault{want}, s.Faults().List()); diff != "" || added["id"] != "fault-1" {
		t.Errorf("added %v (-want +got):\n%s", added, diff)
	}
	if status, _ := control(t, s, "DELETE", "/_fake/faults/fault-1", ""); status != http.StatusNoContent || len(s.Faults().List()) != 0 {
		t.Errorf("removed with %d, left %v", status, s.Faults().List())
	}
	control(t, s, "POST", "/_fake/chaos", `{"duplicate":0.5,"max_delay":"1m"}`)
	if got := s.events.chaos.Chaos; got.Duplicate != 0.5 || got.MaxDelay.Minutes() != 1 {
		t.Errorf("chaos %+v", got)
	}
	control(t, s, "POST", "/_fake/limits", `{"sync_writes":true}`)
	if !s.limits.SyncWrites || s.limits.ChatActions {
		t.Errorf("limits %+v", s.limits.Limits)
	}
	control(t, s, "POST", "/_fake/auth_token", `{"primary":"next"}`)
	if got := s.Credentials().AuthToken; got != "next" {
		t.Errorf("token %s", got)
	}
}
