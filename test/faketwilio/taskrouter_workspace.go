package faketwilio

import "time"

// taskRouterState is the product TaskRouter.
type taskRouterState struct {
	workspaces collection[*workspace]
	bySID      map[string]*workspace
	tasks      map[string]*task
	byChannel  map[string]map[*task]bool // channel SID → the tasks whose attributes name it
}

// workspace is a TaskRouter Workspace (WS), with the one queue, workflow and task channel that the fake needs.
type workspace struct {
	seq                                                 uint64
	sid, friendlyName, callbackURL, eventsFilter, order string
	multiTask                                           bool
	created, updated                                    time.Time
	offlineSID, queueSID, workflowSID, taskChannelSID   string
	tasks                                               collection[*task]
}

func newTaskRouterState() taskRouterState {
	return taskRouterState{
		bySID: map[string]*workspace{}, tasks: map[string]*task{}, byChannel: map[string]map[*task]bool{},
	}
}

func taskRouterRoutes(r router) {
	r.handle(productTaskRouter, "POST", "/v1/Workspaces", (*Server).createWorkspace)
	r.handle(productTaskRouter, "GET", "/v1/Workspaces", (*Server).listWorkspaces)
	r.handle(productTaskRouter, "GET", "/v1/Workspaces/{Sid}", (*Server).fetchWorkspace)
	r.handle(productTaskRouter, "POST", "/v1/Workspaces/{Sid}", (*Server).updateWorkspace)
	r.handle(productTaskRouter, "DELETE", "/v1/Workspaces/{Sid}", (*Server).deleteWorkspace)
	taskRoutes(r)
}

// addWorkspace makes a workspace. The caller holds s.mu.
func (s *Server) addWorkspace(name string, now time.Time) *workspace {
	w := &workspace{
		sid: s.sid("WS"), friendlyName: name, order: "FIFO", multiTask: true, created: now, updated: now,
		offlineSID: s.sid("WA"), queueSID: s.sid("WQ"), workflowSID: s.sid("WW"), taskChannelSID: s.sid("TC"),
	}
	w.seq = s.taskrouter.workspaces.add(w)
	s.taskrouter.bySID[w.sid] = w
	return w
}

func (s *Server) workspace(c *call, variable string) (*workspace, error) {
	if w, found := s.taskrouter.bySID[c.v(variable)]; found {
		return w, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) createWorkspace(c *call) (reply, error) {
	name, err := c.need("FriendlyName")
	if err != nil {
		return reply{}, err
	}
	next := workspace{friendlyName: name, order: "FIFO", multiTask: true}
	if err := next.change(c); err != nil {
		return reply{}, err
	}
	w := s.addWorkspace(name, c.now)
	if err := w.change(c); err != nil {
		return reply{}, err
	}
	return created(w.body(c, s.options.AccountSID)), nil
}

func (s *Server) fetchWorkspace(c *call) (reply, error) {
	w, err := s.workspace(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	return ok(w.body(c, s.options.AccountSID)), nil
}

func (s *Server) updateWorkspace(c *call) (reply, error) {
	w, err := s.workspace(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	if err := w.change(c); err != nil {
		return reply{}, err
	}
	return ok(w.body(c, s.options.AccountSID)), nil
}

func (s *Server) deleteWorkspace(c *call) (reply, error) {
	w, err := s.workspace(c, "Sid")
	if err != nil {
		return reply{}, err
	}
	w.tasks.all(func(t *task) bool {
		s.forgetTask(t)
		return true
	})
	s.taskrouter.workspaces.remove(w.seq)
	delete(s.taskrouter.bySID, w.sid)
	return noContent(), nil
}

func (s *Server) listWorkspaces(c *call) (reply, error) {
	name := c.query.Get("FriendlyName")
	wanted := func(w *workspace) bool { return name == "" || w.friendlyName == name }
	return listOf(c, "workspaces", 1000, &s.taskrouter.workspaces, false, wanted, func(w *workspace) any {
		return w.body(c, s.options.AccountSID)
	})
}

func (w *workspace) change(c *call) error {
	multiTask := w.multiTask
	if err := c.bool("MultiTaskEnabled", &multiTask); err != nil {
		return err
	}
	order := c.value("PrioritizeQueueOrder", w.order)
	if order != "FIFO" && order != "LIFO" {
		return invalid("PrioritizeQueueOrder must be FIFO or LIFO")
	}
	w.multiTask, w.order, w.updated = multiTask, order, c.now
	w.friendlyName = c.value("FriendlyName", w.friendlyName)
	w.callbackURL = c.value("EventCallbackUrl", w.callbackURL)
	w.eventsFilter = c.value("EventsFilter", w.eventsFilter)
	return nil
}

type workspaceBody struct {
	AccountSID           string            `json:"account_sid"`
	DateCreated          string            `json:"date_created"`
	DateUpdated          string            `json:"date_updated"`
	DefaultActivityName  string            `json:"default_activity_name"`
	DefaultActivitySID   string            `json:"default_activity_sid"`
	EventCallbackURL     *string           `json:"event_callback_url"`
	EventsFilter         *string           `json:"events_filter"`
	FriendlyName         string            `json:"friendly_name"`
	MultiTaskEnabled     bool              `json:"multi_task_enabled"`
	SID                  string            `json:"sid"`
	TimeoutActivityName  string            `json:"timeout_activity_name"`
	TimeoutActivitySID   string            `json:"timeout_activity_sid"`
	PrioritizeQueueOrder string            `json:"prioritize_queue_order"`
	URL                  string            `json:"url"`
	Links                map[string]string `json:"links"`
}

func (w *workspace) body(c *call, account string) any {
	url := c.url("/v1/Workspaces/", w.sid)
	return workspaceBody{
		AccountSID: account, DateCreated: iso(w.created), DateUpdated: iso(w.updated), FriendlyName: w.friendlyName, SID: w.sid,
		DefaultActivityName: "Offline", DefaultActivitySID: w.offlineSID,
		TimeoutActivityName: "Offline", TimeoutActivitySID: w.offlineSID,
		EventCallbackURL: orNull(w.callbackURL), EventsFilter: orNull(w.eventsFilter),
		MultiTaskEnabled: w.multiTask, PrioritizeQueueOrder: w.order, URL: url,
		Links: map[string]string{
			"activities": url + "/Activities", "statistics": url + "/Statistics",
			"real_time_statistics": url + "/RealTimeStatistics", "cumulative_statistics": url + "/CumulativeStatistics",
			"task_queues": url + "/TaskQueues", "tasks": url + "/Tasks", "workers": url + "/Workers",
			"workflows": url + "/Workflows", "task_channels": url + "/TaskChannels", "events": url + "/Events",
		},
	}
}
