package faketwilio

import (
	"encoding/json"
	"strings"
	"time"
)

// taskEventPrefix begins the types of all TaskRouter events.
const taskEventPrefix = "com.twilio.taskrouter."

// isoMilli is the form of times in events: ISO 8601 with milliseconds.
func isoMilli(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// emitTask emits a TaskRouter event about a task, in the published shape of schema TaskRouter.WDSEvent. Fields that do not
// concern the event are left out.
func (s *Server) emitTask(t *task, name string, now time.Time) {
	event := taskEventPrefix + name
	if !s.events.wanted(event) {
		return
	}
	sid, at := s.sid("EV"), isoMilli(now)
	group, _, _ := strings.Cut(name, ".")
	payload := map[string]any{
		"sid": sid, "eventtype": name, "account_sid": s.options.AccountSID, "timestamp": at,
		"workspace_sid": t.workspace.sid, "workspace_name": t.workspace.friendlyName,
		"workflow_sid": t.workspace.workflowSID, "workflow_name": "Assign to Anyone",
		"task_queue_sid": t.workspace.queueSID, "task_queue_name": "Everyone",
		"task_sid": t.sid, "task_attributes": t.attributes, "task_age": int(now.Sub(t.created).Seconds()),
		"task_date_created": isoMilli(t.created), "task_priority": t.priority, "task_assignment_status": t.status,
		"task_channel_sid": t.workspace.taskChannelSID, "task_channel_unique_name": t.taskChannel,
		"task_version": t.version, "resource_type": "task", "resource_sid": t.sid,
	}
	switch {
	case t.status == statusCanceled:
		payload["task_canceled_reason"], payload["reason"] = t.reason, t.reason
	case t.status == statusCompleted:
		payload["task_completed_reason"], payload["reason"] = t.reason, t.reason
	}
	if group == "reservation" {
		payload["resource_type"], payload["resource_sid"] = "reservation", t.reservation
		payload["reservation_sid"], payload["worker_sid"] = t.reservation, t.worker
	}
	s.emit(s.sid("EZ"), event, s.options.AccountSID, now, map[string]any{
		"sid": sid, "name": name, "account_sid": s.options.AccountSID, "timestamp": at, "level": "INFO",
		"group": group, "product_name": "TaskRouter", "publisher": "Flex Task Assignment",
		"publisher_metadata": "{}", "payload_type": "application/json", "payload": payload,
	})
}

// validTaskAttributes tells whether TaskRouter takes these attributes: a JSON object.
func validTaskAttributes(attributes string) bool {
	var object map[string]json.RawMessage
	return json.Unmarshal([]byte(attributes), &object) == nil && object != nil
}
