package channel

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Version is the schema version of a [Record]. A record with a higher version was
// written by a newer flexsweep and must not be touched.
const Version = 1

// MaxTasks bounds the tasks of a record, so that its document stays far below the
// 16 KiB of a Sync document (https://www.twilio.com/docs/sync/limits) and below the
// 10 KiB at which Sync slows writes down.
const MaxTasks = 50

// TaskMemory is how long an ended task is remembered. Event Streams redelivers for
// 4 hours (https://www.twilio.com/docs/events/event-delivery-and-duplication), so
// after a day no event of that task can come any more.
const TaskMemory = 24 * time.Hour

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

// Disposition is how a channel is retired.
type Disposition string

const (
	Deactivate Disposition = "deactivate" // chat: long_lived=false, status=INACTIVE; can be undone
	Close      Disposition = "close"      // conversation: state closed, which is final
	Delete     Disposition = "delete"     // either: gone with its history, which is final
)

// Final tells whether the disposition cannot be undone.
func (d Disposition) Final() bool { return d != Deactivate }

// Record is what the ledger knows of one channel. It holds no personal data: no
// attributes, names, numbers or text.
type Record struct {
	Version     int             `json:"version"`
	SID         string          `json:"sid"`
	Backend     Backend         `json:"backend"`
	ServiceSID  string          `json:"service_sid,omitempty"`
	ChannelType string          `json:"channel_type,omitempty"`
	Interaction *Interaction    `json:"interaction,omitempty"`
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
}

// Interaction names the Flex interaction (KD) and its channel (UO) that the channel
// last belonged to.
type Interaction struct {
	SID        string    `json:"sid"`
	ChannelSID string    `json:"channel_sid"`
	Time       time.Time `json:"time"`
}

// Claim marks that a sweep took the record to retire its channel. While the record is
// retiring, or tracking again after news, the channel itself may be in either state.
type Claim struct {
	Run         string      `json:"run"`
	Time        time.Time   `json:"time"`
	Disposition Disposition `json:"disposition"`
	// Done: the run has let go of the record, whatever it did to the channel.
	Done bool `json:"done,omitempty"`
}

// Retirement is what a sweep did to the channel.
type Retirement struct {
	Run         string      `json:"run"`
	Time        time.Time   `json:"time"`
	Disposition Disposition `json:"disposition"`
	Result      Result      `json:"result,omitempty"` // none while the deactivation is only about to be
	Previous    *Previous   `json:"previous,omitempty"`
	// Late: an event had opened a task again when a final disposition was already done.
	Late bool `json:"late,omitempty"`
}

// Result is how a channel came to be retired.
type Result string

const (
	Done    Result = "done"    // this run did it
	Already Result = "already" // it was so before
	Gone    Result = "gone"    // Twilio does not know the channel any more
)

// Previous keeps the two attributes that a deactivation overwrites, as raw JSON; nil
// means that the attribute was absent.
type Previous struct {
	LongLived json.RawMessage `json:"long_lived,omitempty"`
	Status    json.RawMessage `json:"status,omitempty"`
}

// Failure counts the sweeps in a row that could not retire the channel.
type Failure struct {
	Count     int       `json:"count"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Status    int       `json:"http_status,omitempty"`
	Code      int       `json:"code,omitempty"`
}

// Hold is an operator's mark: never retire this channel, until a time or (zero) for good.
type Hold struct {
	Until  time.Time `json:"until,omitzero"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Active tells whether the hold is in force at now.
func (h *Hold) Active(now time.Time) bool {
	return h != nil && (h.Until.IsZero() || now.Before(h.Until))
}

// clone returns a copy whose task set may be changed freely. The pointers are shared:
// what they point at is never changed, only replaced.
func (r Record) clone() Record {
	r.Tasks = maps.Clone(r.Tasks)
	if r.Tasks == nil {
		r.Tasks = map[string]Task{}
	}
	return r
}

// OpenTasks returns the SIDs of the tasks that have not ended, sorted.
func (r Record) OpenTasks() []string {
	var open []string
	for sid, task := range r.Tasks {
		if task.Phase != Ended {
			open = append(open, sid)
		}
	}
	slices.Sort(open)
	return open
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

// Touched tells whether a sweep may have changed the channel of a record that is
// tracking again.
func (r Record) Touched() bool {
	return r.Status != Retired && (r.Claim != nil || r.Retirement != nil)
}
