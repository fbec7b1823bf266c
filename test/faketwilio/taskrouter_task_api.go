package faketwilio

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTaskTTL is the longest time to live of a task, in seconds [spec].
const maxTaskTTL = 1_209_600

func taskRoutes(r router) {
	r.handle(productTaskRouter, "POST", "/v1/Workspaces/{WorkspaceSid}/Tasks", (*Server).createTask)
	r.handle(productTaskRouter, "GET", "/v1/Workspaces/{WorkspaceSid}/Tasks", (*Server).listTasks)
	r.handle(productTaskRouter, "GET", "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}", (*Server).fetchTask)
	r.handle(productTaskRouter, "POST", "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}", (*Server).updateTask)
	r.handle(productTaskRouter, "DELETE", "/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}", (*Server).deleteTask)
}

func (s *Server) task(c *call) (*task, error) {
	w, err := s.workspace(c, "WorkspaceSid")
	if err != nil {
		return nil, err
	}
	t, found := s.taskrouter.tasks[c.v("Sid")]
	if !found || t.workspace != w {
		return nil, s.notFound(codeNotFound, c)
	}
	return t, nil
}

func (s *Server) createTask(c *call) (reply, error) {
	w, err := s.workspace(c, "WorkspaceSid")
	if err != nil {
		return reply{}, err
	}
	attributes := c.value("Attributes", "{}")
	if !validTaskAttributes(attributes) {
		return reply{}, invalid("Attributes must be a JSON object")
	}
	ttl, priority := int(defaultTaskTTL.Seconds()), 0
	if err := c.int("Timeout", 0, maxTaskTTL, &ttl); err != nil {
		return reply{}, err
	}
	if err := c.int("Priority", 0, 1<<31-1, &priority); err != nil {
		return reply{}, err
	}
	startsAt := c.now
	if err := c.time("VirtualStartTime", &startsAt); err != nil {
		return reply{}, err
	}
	ignoreCapacity := false
	if err := c.bool("IgnoreCapacity", &ignoreCapacity); err != nil {
		return reply{}, err
	}
	t := s.newTask(w, attributes, c.now)
	t.ttl, t.priority, t.startsAt = time.Duration(ttl)*time.Second, priority, startsAt
	t.taskChannel, t.routingTarget = c.value("TaskChannel", "default"), c.value("RoutingTarget", "")
	t.ignoreCapacity = ignoreCapacity
	s.begin(t, c.now)
	return created(t.body(c, s.options.AccountSID)).with("ETag", s.etag(strconv.Itoa(t.version))), nil
}

func (s *Server) fetchTask(c *call) (reply, error) {
	t, err := s.task(c)
	if err != nil {
		return reply{}, err
	}
	return ok(t.body(c, s.options.AccountSID)).with("ETag", s.etag(strconv.Itoa(t.version))), nil
}

// statusAfter lists from which statuses a client may move a task to another.
var statusAfter = map[string][]string{
	statusPending:   {statusReserved},
	statusWrapping:  {statusAssigned},
	statusCompleted: {statusAssigned, statusWrapping},
	statusCanceled:  {statusPending, statusReserved},
}

func (s *Server) updateTask(c *call) (reply, error) {
	t, err := s.task(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.matches(c, strconv.Itoa(t.version), codePrecondition); err != nil {
		return reply{}, err
	}
	attributes, priority, startsAt := c.value("Attributes", t.attributes), t.priority, t.startsAt
	if !validTaskAttributes(attributes) {
		return reply{}, invalid("Attributes must be a JSON object")
	}
	if err := c.int("Priority", 0, 1<<31-1, &priority); err != nil {
		return reply{}, err
	}
	if err := c.time("VirtualStartTime", &startsAt); err != nil {
		return reply{}, err
	}
	status, moves := c.get("AssignmentStatus")
	if moves && !slices.Contains(statusAfter[status], t.status) {
		return reply{}, invalid("Cannot move a task from %q to %q", t.status, status)
	}
	taskChannel := c.value("TaskChannel", t.taskChannel)
	if attributes != t.attributes || priority != t.priority || taskChannel != t.taskChannel || !startsAt.Equal(t.startsAt) {
		t.priority, t.startsAt, t.updated, t.taskChannel = priority, startsAt, c.now, taskChannel
		t.version++
		s.setAttributes(t, attributes)
		s.emitTask(t, "task.updated", c.now)
	}
	if moves {
		s.moveTask(t, status, c.value("Reason", ""), c.now)
	}
	return ok(t.body(c, s.options.AccountSID)).with("ETag", s.etag(strconv.Itoa(t.version))), nil
}

func (s *Server) deleteTask(c *call) (reply, error) {
	t, err := s.task(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.matches(c, strconv.Itoa(t.version), codePrecondition); err != nil {
		return reply{}, err
	}
	s.dropTask(t, "task.deleted", c.now)
	return noContent(), nil
}

// listTasks filters by status, priority and attributes.
func (s *Server) listTasks(c *call) (reply, error) {
	w, err := s.workspace(c, "WorkspaceSid")
	if err != nil {
		return reply{}, err
	}
	source := &w.tasks
	passes := func(*task) bool { return true }
	if expression := c.query.Get("EvaluateTaskAttributes"); expression != "" && !s.options.Unverified.IgnoreTaskFilter {
		if s.options.Unverified.RefuseTaskFilter {
			return reply{}, invalid("EvaluateTaskAttributes is not a valid expression")
		}
		filter, err := parseAttributeFilter(expression)
		if err != nil {
			return reply{}, err
		}
		source, passes = s.tasksFor(w, filter), filter.passes
	}
	var statuses []string
	for _, text := range c.query["AssignmentStatus"] {
		statuses = append(statuses, strings.Split(text, ",")...)
	}
	if err := c.oneOf("AssignmentStatus", statuses, statusPending, statusReserved, statusAssigned, statusWrapping, statusCompleted,
		statusCanceled); err != nil {
		return reply{}, err
	}
	priority := c.query.Get("Priority")
	wanted := func(t *task) bool {
		return passes(t) && (len(statuses) == 0 || slices.Contains(statuses, t.status)) &&
			(priority == "" || priority == strconv.Itoa(t.priority))
	}
	return listOf(c, "tasks", 1000, source, false, wanted, func(t *task) any {
		row := t.body(c, s.options.AccountSID)
		if s.options.Unverified.ListedAttributesNull {
			row.Attributes = nil
		}
		return row
	})
}

type taskBody struct {
	AccountSID            string            `json:"account_sid"`
	Age                   int               `json:"age"`
	AssignmentStatus      string            `json:"assignment_status"`
	Attributes            *string           `json:"attributes"` // null only in lists, behind a switch
	Addons                string            `json:"addons"`
	DateCreated           string            `json:"date_created"`
	DateUpdated           string            `json:"date_updated"`
	TaskQueueEnteredDate  string            `json:"task_queue_entered_date"`
	Priority              int               `json:"priority"`
	Reason                *string           `json:"reason"`
	SID                   string            `json:"sid"`
	TaskQueueSID          string            `json:"task_queue_sid"`
	TaskQueueFriendlyName string            `json:"task_queue_friendly_name"`
	TaskChannelSID        string            `json:"task_channel_sid"`
	TaskChannelUniqueName string            `json:"task_channel_unique_name"`
	Timeout               int               `json:"timeout"`
	WorkflowSID           string            `json:"workflow_sid"`
	WorkflowFriendlyName  string            `json:"workflow_friendly_name"`
	WorkspaceSID          string            `json:"workspace_sid"`
	URL                   string            `json:"url"`
	Links                 map[string]string `json:"links"`
	VirtualStartTime      string            `json:"virtual_start_time"`
	IgnoreCapacity        bool              `json:"ignore_capacity"`
	RoutingTarget         *string           `json:"routing_target"`
}

func (t *task) body(c *call, account string) taskBody {
	w, attributes := t.workspace, t.attributes
	parent := c.url("/v1/Workspaces/", w.sid)
	url := parent + "/Tasks/" + t.sid
	return taskBody{
		AccountSID: account, Age: int(c.now.Sub(t.created).Seconds()), AssignmentStatus: t.status, Attributes: &attributes,
		Addons: "{}", DateCreated: iso(t.created), DateUpdated: iso(t.updated), TaskQueueEnteredDate: iso(t.entered),
		Priority: t.priority, Reason: orNull(t.reason), SID: t.sid, TaskQueueSID: w.queueSID, TaskQueueFriendlyName: "Everyone",
		TaskChannelSID: w.taskChannelSID, TaskChannelUniqueName: t.taskChannel, Timeout: int(t.ttl.Seconds()),
		WorkflowSID: w.workflowSID, WorkflowFriendlyName: "Assign to Anyone", WorkspaceSID: w.sid, URL: url,
		Links: map[string]string{
			"task_queue": parent + "/TaskQueues/" + w.queueSID, "workflow": parent + "/Workflows/" + w.workflowSID,
			"workspace": parent, "reservations": url + "/Reservations",
		},
		VirtualStartTime: iso(t.startsAt), IgnoreCapacity: t.ignoreCapacity, RoutingTarget: orNull(t.routingTarget),
	}
}
