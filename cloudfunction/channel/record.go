package channel

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Version is the schema version of a [Record]. A record with a higher version was
// written by a newer flexsweep and must not be touched; [Decode] reads the older ones.
const Version = 2

// MaxTasks bounds the tasks of a record, so that its document stays below the 10 KiB at
// which Sync slows writes down, and far below the 16 KiB of a Sync document
// (https://www.twilio.com/docs/sync/limits).
const MaxTasks = 36

// TaskMemory is how long an ended task is remembered. Event Streams redelivers for
// 4 hours (https://www.twilio.com/docs/events/event-delivery-and-duplication), and the
// webhook takes no event for a beginning that is older than 24, so after 25 hours nothing
// can open the task again.
const TaskMemory = 25 * time.Hour

// Backend tells which API a channel belongs to.
type Backend string

const (
	Chat          Backend = "chat"          // Programmable Chat v2 Channel
	Conversations Backend = "conversations" // Conversations v1 Conversation
)

// Phase is how far a task has come. It only ever moves forward.
type Phase string

const (
	Open     Phase = "open"
	Wrapping Phase = "wrapping"
	Ended    Phase = "ended"
)

func (p Phase) rank() int {
	return slices.Index([]Phase{Open, Wrapping, Ended}, p)
}

// Status is the state of a record.
type Status string

const (
	Tracking Status = "tracking"
	Retiring Status = "retiring"
	Retired  Status = "retired"
)

// Record is what the ledger knows of one channel. It holds no personal data: no
// attributes, names, numbers or text.
type Record struct {
	Version     int             `json:"version"`
	SID         string          `json:"sid"`
	Backend     Backend         `json:"backend"` // the one that counts, of those that are Named
	Named       Named           `json:"named,omitzero"`
	ServiceSID  string          `json:"service_sid,omitempty"`
	Types       []string        `json:"channel_types,omitempty"` // every channel type that a task named, sorted
	Untyped     bool            `json:"untyped,omitempty"`       // some created event named no channel type
	Interaction *Interaction    `json:"interaction,omitempty"`
	Confirmed   bool            `json:"confirmed,omitempty"` // a task that is forgotten had a created event
	Overflow    time.Time       `json:"overflow,omitzero"`   // when open tasks last found no place: the channel is kept
	Tasks       map[string]Task `json:"tasks"`
	Status      Status          `json:"status"`
	Claim       *Claim          `json:"claim,omitempty"`
	Retirement  *Retirement     `json:"retirement,omitempty"`
	Failure     *Failure        `json:"failure,omitempty"`
	Hold        *Hold           `json:"hold,omitempty"`
}

// Task is what is known of one TaskRouter task: its furthest phase and when it got there.
type Task struct {
	Phase   Phase     `json:"phase"`
	Time    time.Time `json:"time"`
	Outcome string    `json:"outcome,omitempty"` // of an ended task: completed, canceled, deleted, system-deleted
	// Created is the time of the created event that named this channel; zero if none has
	// been heard of.
	Created time.Time `json:"created,omitzero"`
	// Since is the earliest moment at which the task is known not to have ended, where neither
	// Created nor an open task's Time says so.
	Since time.Time `json:"since,omitzero"`
	// Workspace is where TaskRouter can be asked for a task that has not ended.
	Workspace string `json:"workspace,omitempty"`
	// Checked is when TaskRouter last said that the task has not ended.
	Checked time.Time `json:"checked,omitzero"`
}

// Interaction names the Flex interaction (KD) and its channel (UO) that the channel
// last belonged to.
type Interaction struct {
	SID        string    `json:"sid"`
	ChannelSID string    `json:"channel_sid"`
	Time       time.Time `json:"time"`
}

// Failure counts the sweeps in a row that could not retire the channel.
type Failure struct {
	Count     int       `json:"count"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Status    int       `json:"http_status,omitempty"`
	Code      int       `json:"code,omitempty"`
	// Unreadable: the channel's attributes are none that flexsweep could change and give
	// back. No repetition mends that, so it is said once and looked at again after a day.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Hold is an operator's mark: never retire this channel, until a time or (zero) for good.
type Hold struct {
	Until  time.Time `json:"until,omitzero"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Active reports whether the hold is in force at now.
func (h *Hold) Active(now time.Time) bool {
	return h != nil && (h.Until.IsZero() || now.Before(h.Until))
}

// clone returns a copy whose task set may be changed freely. Everything else is shared:
// it is never changed, only replaced.
func (r Record) clone() Record {
	r.Tasks = maps.Clone(r.Tasks)
	if r.Tasks == nil {
		r.Tasks = map[string]Task{}
	}
	return r
}

// OpenTasks returns the SIDs of the tasks that have not ended, the oldest first.
func (r Record) OpenTasks() []string {
	var open []string
	for sid, task := range r.Tasks {
		if task.Phase != Ended {
			open = append(open, sid)
		}
	}
	slices.SortFunc(open, func(a, b string) int {
		return cmp.Or(r.Tasks[a].begun().Compare(r.Tasks[b].begun()), cmp.Compare(a, b))
	})
	return open
}

// begun is the earliest moment at which the task is known not to have ended; zero for one of
// which only the end is known.
func (t Task) begun() time.Time {
	begun := earlier(t.Created, t.Since)
	if t.Phase != Ended {
		begun = earlier(begun, t.Time)
	}
	return begun
}

// OldestOpen returns since when the longest open task is known, and false if none is open.
func (r Record) OldestOpen() (time.Time, bool) {
	open := r.OpenTasks()
	if len(open) == 0 {
		return time.Time{}, false
	}
	return r.Tasks[open[0]].begun(), true
}

// lookUpAgain is how long an answer of TaskRouter on an open task is good for.
const lookUpAgain = 24 * time.Hour

// ToLookUp returns the tasks that have been open for longer than after, and were not looked
// up in TaskRouter within a day: their end may never have been heard. The oldest first.
func (r Record) ToLookUp(after time.Duration, now time.Time) []string {
	return slices.DeleteFunc(r.OpenTasks(), func(sid string) bool {
		task := r.Tasks[sid]
		return now.Sub(task.begun()) < after || now.Sub(task.Checked) < lookUpAgain
	})
}

// Checked returns the record after TaskRouter has said at now that the task has not ended.
func Checked(r Record, task string, now time.Time) Record {
	next := r.clone()
	known := next.Tasks[task]
	known.Checked = now.Truncate(time.Second) // the fractions would be 360 bytes of a full record
	next.Tasks[task] = known
	return next
}

// LastEnd returns when the latest of the ended tasks ended, and false if none has.
func (r Record) LastEnd() (time.Time, bool) {
	var last time.Time
	for _, task := range r.Tasks {
		if task.Phase == Ended && task.Time.After(last) {
			last = task.Time
		}
	}
	return last, !last.IsZero()
}

// HasEvidence reports whether a created event of any task named this channel.
func (r Record) HasEvidence() bool {
	if r.Confirmed {
		return true
	}
	for _, task := range r.Tasks {
		if !task.Created.IsZero() {
			return true
		}
	}
	return false
}

// Contradicted reports whether tasks name different backends for the channel, or different
// channel types.
func (r Record) Contradicted() bool {
	return r.Named.Chat != Unsaid && r.Named.Conversations != Unsaid || len(r.Types) > 1
}

// Touched reports whether a sweep may have changed the channel of a record that is
// tracking again.
func (r Record) Touched() bool {
	return r.Status != Retired && (r.Claim != nil || r.Retirement != nil)
}
