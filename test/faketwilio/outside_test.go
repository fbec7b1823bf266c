package faketwilio

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// What Twilio refuses by its specification, the fake refuses, too.
func TestRefusedParameters(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	service, sync, workspace := s.NewChatService("flex"), s.NewSyncService("ledger"), s.NewWorkspace("flex")
	sink := s.NewSink("https://example.com/")
	documents := "sync.twilio.com/v1/Services/" + sync + "/Documents"
	c.post(documents, "UniqueName", "a")
	const created = "com.twilio.taskrouter.task.created"
	tests := []struct {
		name, reason, method, address string
		form, headers                 []string
	}{
		{"SID of another kind", "a workflow is no queue", "GET", "taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks?WorkflowSid=WQ00000000000000000000000000000000", nil, nil},
		{"no SID", "in a form as well", "POST", "conversations.twilio.com/v1/Services/" + service + "/Conversations", []string{"MessagingServiceSid", "MG1"}, nil},
		{"unknown event type", "nothing would ever come", "POST", subscriptionsURL, []string{"Description", "d", "SinkSid", sink, "Types", `{"type":"com.twilio.taskrouter.task.exploded"}`}, nil},
		{"unknown schema version", "there are four", "POST", subscriptionsURL, []string{"Description", "d", "SinkSid", sink, "Types", `{"type":"` + created + `","schema_version":5}`}, nil},
		{"schema version 0", "they count from 1", "POST", subscriptionsURL, []string{"Description", "d", "SinkSid", sink, "Types", `{"type":"` + created + `","schema_version":0}`}, nil},
		{"destination without scheme", "where should it go", "POST", sinksURL, webhookSink("example.com/hook"), nil},
		{"destination of another scheme", "webhooks are HTTP", "POST", sinksURL, webhookSink("ftp://example.com/"), nil},
		{"destination without host", "where should it go", "POST", sinksURL, webhookSink("https:///hook"), nil},
		{"sinks in doubt", "true or false", "GET", sinksURL + "?InUse=perhaps", nil, nil},
		{"sinks of no status", "four statuses", "GET", sinksURL + "?Status=broken", nil, nil},
		{"channels of no type", "two types", "GET", "chat.twilio.com/v2/Services/" + service + "/Channels?Type=secret", nil, nil},
		{"conversations of no state", "three states", "GET", "conversations.twilio.com/v1/Services/" + service + "/Conversations?State=open", nil, nil},
		{"tasks of no status", "six statuses", "GET", "taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks?AssignmentStatus=pending,done", nil, nil},
		{"revision in words", "If-Match takes what was given out", "POST", documents + "/a", []string{"Data", "1"}, []string{"If-Match: latest"}},
		{"two revisions", "one document has one", "POST", documents + "/a", []string{"Data", "1"}, []string{`If-Match: "0", "1"`}},
		{"endless revision", "none is that long", "POST", documents + "/a", []string{"Data", "1"}, []string{"If-Match: 00000000000000000"}},
		{"page of documents", "a hundred at most", "GET", documents + "?PageSize=101", nil, nil},
		{"page of workspaces", "a thousand at most", "GET", "taskrouter.twilio.com/v1/Workspaces?PageSize=1001", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := (&client{t, s}).do(test.method, test.address, test.form, test.headers...)
			if got.status != 400 || !slices.Contains([]int{20001, 54003}, got.code()) {
				t.Errorf("answered %d/%d, want 400: %s\n%s", got.status, got.code(), test.reason, got.raw)
			}
		})
	}
}

func TestLargePages(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	kd, _ := s.NewInteraction(s.NewConversation(s.NewChatService("flex"), "{}"), "sms")
	for _, list := range []string{
		"taskrouter.twilio.com/v1/Workspaces", "flex-api.twilio.com/v1/FlexFlows", "flex-api.twilio.com/v1/Interactions/" + kd + "/Channels",
	} {
		c.get(list+"?PageSize=1000").want(t, 200, 0, "the specification gives a thousand")
	}
}

func TestAnswersOfAllProducts(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Options{})
	got := c.do("GET", "sync.twilio.com/v1/Services", nil, "Authorization: Basic bm9ib2R5Og==")
	if got.want(t, 401, 20003, "nobody"); !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic realm=") {
		t.Errorf("a 401 says how to log in, not %q", got.header.Get("WWW-Authenticate"))
	}
	first, second := c.get("sync.twilio.com/v1/Services").header, c.get("sync.twilio.com/v1/Services").header
	if id := first.Get("Twilio-Request-Id"); !sidPattern.MatchString(id) || id[:2] != "RQ" || id == second.Get("Twilio-Request-Id") {
		t.Errorf("requests %q and %q", id, second.Get("Twilio-Request-Id"))
	}
	if first.Get("WWW-Authenticate") != "" || first.Get("Twilio-Concurrent-Requests") == "" {
		t.Errorf("headers of a success: %v", first)
	}
}

// A list that has nothing in it is an empty list.
func TestControlHasNoNullLists(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	ask := func(path string) {
		t.Helper()
		if _, answer := control(t, s, "GET", path, ""); strings.Contains(string(mustJSON(answer)), "null") {
			t.Errorf("%s shows null: %s", path, mustJSON(answer))
		}
	}
	paths := []string{"/_fake/state", "/_fake/journal", "/_fake/deliveries", "/_fake/faults", "/_fake/clock"}
	for _, path := range paths {
		ask(path)
	}
	s.NewSyncService("empty")
	s.NewWorkspace("empty")
	ch := s.NewChannel(s.NewChatService("silent"), "{}")
	s.NewSubscription(s.NewSink("https://example.com/"), "com.twilio.taskrouter.task.created")
	control(t, s, "POST", "/_fake/events", `{"type":"com.twilio.taskrouter.task.created","payload":{"eventtype":"task.created"}}`)
	for _, path := range append(paths, "/_fake/channels/"+ch, "/_fake/state?"+url.Values{"limit": {"0"}}.Encode()) {
		ask(path)
	}
}
