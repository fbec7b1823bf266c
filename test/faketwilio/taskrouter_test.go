package faketwilio

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// workspaceOf makes a workspace whose TaskRouter events all go to a receiver.
func workspaceOf(t *testing.T) (*client, *Server, *receiver, string) {
	t.Helper()
	hook := &receiver{t: t}
	c, s := newClient(t, Options{DeliveryTransport: hook})
	var types []string
	for _, name := range taskEventTypes {
		types = append(types, taskEventPrefix+name)
	}
	s.NewSubscription(s.NewSink(hookURL), types...)
	return c, s, hook, s.NewWorkspace("flex")
}

// events are the short types of the events that a receiver got, in order.
func (r *receiver) events() []string {
	r.t.Helper()
	var names []string
	for _, body := range r.bodies {
		var batch []CloudEvent
		if err := json.Unmarshal([]byte(body), &batch); err != nil {
			r.t.Fatalf("read delivery: %v", err)
		}
		for _, event := range batch {
			var data struct {
				Payload struct {
					EventType string `json:"eventtype"`
				} `json:"payload"`
			}
			if err := json.Unmarshal(event.Data, &data); err != nil || event.Type != taskEventPrefix+data.Payload.EventType {
				r.t.Errorf("event %s has payload %s", event.Type, event.Data)
			}
			names = append(names, data.Payload.EventType)
		}
	}
	return names
}

func TestTaskEvents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		statuses     []string
		want         []string
	}{
		{"whole life", "accepted, wrapped up, completed", []string{"reserved", "assigned", "wrapping", "completed"}, []string{
			"task.created", "reservation.created", "reservation.accepted", "reservation.wrapup", "task.wrapup",
			"reservation.completed", "task.completed", "task.system-deleted"}},
		{"nobody", "a task that nobody accepts within its time to live is canceled", nil, []string{
			"task.created", "task.canceled", "task.system-deleted"}},
		{"canceled", "while it was offered", []string{"reserved", "canceled"}, []string{
			"task.created", "reservation.created", "reservation.canceled", "task.canceled", "task.system-deleted"}},
		{"deleted", "by hand", []string{"deleted"}, []string{"task.created", "task.deleted"}},
		{"assigned", "time to live ends when somebody accepts", []string{"reserved", "assigned"}, []string{
			"task.created", "reservation.created", "reservation.accepted"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, s, hook, workspace := workspaceOf(t)
			wt := s.NewTask(workspace, `{"channelSid":"CH1"}`)
			for _, status := range test.statuses {
				s.SetTask(wt, status)
			}
			s.Clock().Advance(25 * time.Hour)
			if diff := cmp.Diff(test.want, hook.events()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestTaskEventShape(t *testing.T) {
	t.Parallel()
	_, s, hook, workspace := workspaceOf(t)
	attributes := `{"conversationSid":"CH1","n":1.50}`
	wt := s.NewTask(workspace, attributes)
	s.Clock().Advance(1500 * time.Millisecond)
	s.SetTask(wt, "completed")
	s.Flush()
	var batch []struct {
		CloudEvent
		Data struct {
			Timestamp string         `json:"timestamp"`
			Payload   map[string]any `json:"payload"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(hook.bodies[1]), &batch); err != nil || len(batch) != 1 {
		t.Fatalf("%d events in a delivery, want 1: %v", len(batch), err)
	}
	event := batch[0]
	if event.SpecVersion != "1.0" || event.DataSchema != "https://events-schemas.twilio.com/TaskRouter.WDSEvent/1" ||
		!sidPattern.MatchString(event.ID) || event.ID[:2] != "EZ" {
		t.Errorf("envelope %+v", event.CloudEvent)
	}
	want := map[string]any{
		"eventtype": "task.completed", "task_sid": wt, "workspace_sid": workspace, "task_attributes": attributes,
		"task_assignment_status": "completed", "timestamp": "2026-01-05T08:00:01.500Z",
		"task_date_created": "2026-01-05T08:00:00.000Z", "task_version": 1.0,
	}
	for name, value := range want {
		if diff := cmp.Diff(value, event.Data.Payload[name]); diff != "" {
			t.Errorf("payload field %s (-want +got):\n%s", name, diff)
		}
	}
	if event.Time != event.Data.Timestamp {
		t.Errorf("time %s and data.timestamp %s differ", event.Time, event.Data.Timestamp)
	}
}

func TestUpdateTask(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, before, to string
		status                   int
	}{
		{"complete assigned", "accepted tasks can be completed", "assigned", "completed", 200},
		{"complete wrapping", "so can wrapping ones", "wrapping", "completed", 200},
		{"complete pending", "nobody accepted it", "pending", "completed", 400},
		{"cancel pending", "tasks that wait can be canceled", "pending", "canceled", 200},
		{"cancel assigned", "accepted ones cannot", "assigned", "canceled", 400},
		{"wrap assigned", "wrap-up follows the assignment", "assigned", "wrapping", 200},
		{"wrap pending", "not before", "pending", "wrapping", 400},
		{"reserve", "only TaskRouter reserves", "pending", "reserved", 400},
		{"reopen", "ended is ended", "completed", "pending", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s, _, workspace := workspaceOf(t)
			wt := s.NewTask(workspace, "{}")
			if test.before != "pending" {
				s.SetTask(wt, test.before)
			}
			address := "taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks/" + wt
			c.post(address, "AssignmentStatus", test.to, "Reason", "test").want(t, test.status, 0, test.reason)
		})
	}
}

func TestTaskRevision(t *testing.T) {
	t.Parallel()
	c, _, hook, workspace := workspaceOf(t)
	tasks := "taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks"
	made := c.post(tasks, "Attributes", `{"a":1}`, "Timeout", "60")
	made.want(t, 201, 0, "created")
	if etag := made.header.Get("ETag"); etag != `"0"` {
		t.Errorf("ETag %s, want the version in quotation marks", etag)
	}
	address := tasks + "/" + made.text("sid")
	c.do("POST", address, []string{"Attributes", `{"a":2}`}, `If-Match: "1"`).want(t, 412, 20412, "another version")
	c.do("POST", address, []string{"Attributes", `{"a":2}`}, `If-Match: "0"`).want(t, 200, 0, "this version")
	c.post(address, "Attributes", `[]`).want(t, 400, 20001, "attributes are an object")
	c.do("DELETE", address, nil, "If-Match: 0").want(t, 412, 20412, "a delete is conditional too")
	c.delete(address).want(t, 204, 0, "deleted")
	c.get(address).want(t, 404, 20404, "gone")
	c.server.Flush()
	if diff := cmp.Diff([]string{"task.created", "task.updated", "task.deleted"}, hook.events()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestListTasks(t *testing.T) {
	t.Parallel()
	c, s, _, workspace := workspaceOf(t)
	first := s.NewTask(workspace, `{"channelSid":"CH1","customers":{"phone":"+1"}}`)
	second := s.NewTask(workspace, `{"conversationSid":"CH1"}`)
	third := s.NewTask(workspace, `{"channelSid":"CH1","conversationSid":"CH9"}`)
	s.SetTask(third, "assigned")
	other := s.NewTask(s.NewWorkspace("other"), `{"channelSid":"CH1"}`)
	tests := []struct {
		name, reason, expression, statuses string
		want                               []string
	}{
		{"all", "in order of creation", "", "", []string{first, second, third}},
		{"status", "a list of statuses", "", "assigned,wrapping", []string{third}},
		{"legacy", "by the legacy attribute", `channelSid == "CH1"`, "", []string{first, third}},
		{"conversation", "by the newer attribute", `conversationSid=="CH1"`, "", []string{second}},
		{"single quotes", "either kind of quotation mark", `conversationSid == 'CH1'`, "", []string{second}},
		{"both", "filters add up", `channelSid=="CH1"`, "pending,reserved", []string{first}},
		{"inside", "a path leads into objects", `customers.phone == "+1"`, "", []string{first}},
		{"nobody", "no such channel", `channelSid=="CH2"`, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inner := &client{t, s}
			query := url.Values{"PageSize": {"2"}}
			if test.expression != "" {
				query.Set("EvaluateTaskAttributes", test.expression)
			}
			if test.statuses != "" {
				query.Set("AssignmentStatus", test.statuses)
			}
			got, _ := inner.walk("taskrouter.twilio.com/v1/Workspaces/"+workspace+"/Tasks?"+query.Encode(), "tasks", "sid")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
	c.get("taskrouter.twilio.com/v1/Workspaces/"+workspace+"/Tasks?EvaluateTaskAttributes=a+HAS+b").
		want(t, 400, 20001, "the fake says so when it does not know an expression")
	c.get("taskrouter.twilio.com/v1/Workspaces/"+workspace+"/Tasks/"+other).want(t, 404, 20404, "the task of another workspace")
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	workspaces := "taskrouter.twilio.com/v1/Workspaces"
	c.post(workspaces).want(t, 400, 20001, "FriendlyName is required")
	made := c.post(workspaces, "FriendlyName", "one", "MultiTaskEnabled", "false")
	made.want(t, 201, 0, "created")
	wt := s.NewTask(made.text("sid"), `{"channelSid":"CH1"}`)
	address := workspaces + "/" + made.text("sid")
	if got := c.post(address, "PrioritizeQueueOrder", "LIFO"); got.text("prioritize_queue_order") != "LIFO" || got.body["multi_task_enabled"] != false {
		t.Errorf("workspace: %s", got.raw)
	}
	c.post(address, "PrioritizeQueueOrder", "RANDOM").want(t, 400, 20001, "no such order")
	c.delete(address).want(t, 204, 0, "deleted")
	if _, there := s.Task(wt); there {
		t.Error("a task outlived its workspace")
	}
}
