package faketwilio

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Statuses of a task [spec].
const (
	statusPending   = "pending"
	statusReserved  = "reserved"
	statusAssigned  = "assigned"
	statusWrapping  = "wrapping"
	statusCompleted = "completed"
	statusCanceled  = "canceled"
	statusDeleted   = "deleted" // not a status of Twilio's: what SetTask and the control API call a deletion
)

// defaultTaskTTL is how long a task may wait for somebody to accept it [spec].
const defaultTaskTTL = 24 * time.Hour

// task is a TaskRouter Task (WT).
type task struct {
	seq                                 uint64
	workspace                           *workspace
	sid, attributes, status, reason     string
	channels                            []string // that the attributes name
	taskChannel, reservation, worker    string
	priority, version                   int
	ttl                                 time.Duration
	ignoreCapacity                      bool
	routingTarget                       string
	created, updated, entered, startsAt time.Time
}

func (t *task) ended() bool { return t.status == statusCompleted || t.status == statusCanceled }

// addTask makes a task and begins it. The caller holds s.mu.
func (s *Server) addTask(w *workspace, attributes string, now time.Time) *task {
	t := s.newTask(w, attributes, now)
	s.begin(t, now)
	return t
}

// newTask makes a task that nobody has heard of yet.
func (s *Server) newTask(w *workspace, attributes string, now time.Time) *task {
	t := &task{
		workspace: w, sid: s.sid("WT"), status: statusPending, taskChannel: "default", ttl: defaultTaskTTL,
		created: now, updated: now, entered: now, startsAt: now,
	}
	t.seq = w.tasks.add(t)
	s.taskrouter.tasks[t.sid] = t
	s.setAttributes(t, attributes)
	return t
}

// begin starts a task's time to live and tells that it was created.
func (s *Server) begin(t *task, now time.Time) {
	s.emitTask(t, "task.created", now)
	s.clock.AfterFunc(t.ttl, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		waiting := t.status == statusPending || t.status == statusReserved
		if waiting && s.taskrouter.tasks[t.sid] == t {
			s.moveTask(t, statusCanceled, "Task TTL Exceeded", s.clock.Now())
		}
	})
}

// setAttributes replaces a task's attributes and keeps the index of tasks by channel.
func (s *Server) setAttributes(t *task, attributes string) {
	index := s.taskrouter.byChannel
	for _, sid := range t.channels {
		if delete(index[sid], t); len(index[sid]) == 0 {
			delete(index, sid)
		}
	}
	t.attributes, t.channels = attributes, channelsOf(attributes)
	for _, sid := range t.channels {
		if index[sid] == nil {
			index[sid] = map[*task]bool{}
		}
		index[sid][t] = true
	}
}

// indexedAttributes name what a task is about, in either generation of Flex.
var indexedAttributes = []string{"conversationSid", "channelSid", "flexInteractionChannelSid"}

// channelsOf are the channels and interaction channels that task attributes name.
func channelsOf(attributes string) []string {
	var fields map[string]any
	if json.Unmarshal([]byte(attributes), &fields) != nil {
		return nil
	}
	var sids []string
	for _, name := range indexedAttributes {
		if sid, isText := fields[name].(string); isText && sid != "" && !slices.Contains(sids, sid) {
			sids = append(sids, sid)
		}
	}
	return sids
}

// onChannel returns the tasks on a channel, oldest first.
func (r *taskRouterState) onChannel(sid string) []*task {
	var tasks []*task
	for t := range r.byChannel[sid] {
		tasks = append(tasks, t)
	}
	sortTasks(tasks)
	return tasks
}

// moveTask sets a task's status and emits what Twilio emits for it: the reservation's event, then the task's.
func (s *Server) moveTask(t *task, status, reason string, now time.Time) {
	before := t.status
	t.status, t.updated = status, now
	t.version++
	if reason != "" {
		t.reason = reason
	}
	switch status {
	case statusReserved:
		t.reservation, t.worker = s.sid("WR"), s.sid("WK")
		s.emitTask(t, "reservation.created", now)
	case statusAssigned:
		s.emitTask(t, "reservation.accepted", now)
	case statusWrapping:
		s.emitTask(t, "reservation.wrapup", now)
		s.emitTask(t, "task.wrapup", now)
	case statusCompleted:
		if before == statusAssigned || before == statusWrapping {
			s.emitTask(t, "reservation.completed", now)
		}
		s.emitTask(t, "task.completed", now)
	case statusCanceled:
		if before == statusReserved {
			s.emitTask(t, "reservation.canceled", now)
		}
		s.emitTask(t, "task.canceled", now)
	}
	if t.ended() {
		s.deleteLater(t)
	}
}

// deleteLater queues an ended task for deletion by the system.
func (s *Server) deleteLater(t *task) {
	s.clock.AfterFunc(s.options.SystemDeleteAfter, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.taskrouter.tasks[t.sid] == t {
			s.dropTask(t, "task.system-deleted", s.clock.Now())
		}
	})
}

// dropTask deletes a task and tells so.
func (s *Server) dropTask(t *task, event string, now time.Time) {
	t.version++
	t.updated = now
	s.emitTask(t, event, now)
	s.forgetTask(t)
}

func (s *Server) forgetTask(t *task) {
	s.setAttributes(t, "{}")
	t.workspace.tasks.remove(t.seq)
	delete(s.taskrouter.tasks, t.sid)
}

// sortTasks sorts by age within one server: sequence numbers of one workspace, then SIDs.
func sortTasks(tasks []*task) {
	slices.SortFunc(tasks, func(a, b *task) int {
		return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.seq, b.seq), cmp.Compare(a.sid, b.sid))
	})
}
