package eventstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// envelope is the CloudEvent around every event.
type envelope struct {
	ID   string          `json:"id"`
	Type string          `json:"type"`
	Time json.RawMessage `json:"time"`
	Data *data           `json:"data"`
}

// data is the body of a TaskRouter event. Only these fields are read: everything else,
// personal data above all, is never decoded.
type data struct {
	AccountSID string          `json:"account_sid"`
	Timestamp  json.RawMessage `json:"timestamp"`
	TestID     string          `json:"test_id"`
	Payload    struct {
		AccountSID     string          `json:"account_sid"`
		WorkspaceSID   string          `json:"workspace_sid"`
		Timestamp      json.RawMessage `json:"timestamp"`
		TaskSID        string          `json:"task_sid"`
		TaskAttributes any             `json:"task_attributes"`
	} `json:"payload"`
}

// verdict is what is to be done with one event of a delivery.
type verdict int

const (
	apply      verdict = iota
	ignore             // not about a task on a channel: acknowledged and counted
	test               // the sink's test event
	foreign            // of another account or workspace: acknowledged, counted and told
	quarantine         // cannot be understood, and a repetition would not help
)

// decoded is one event of a delivery, understood as far as possible.
type decoded struct {
	verdict verdict
	// task is what the event says of its task, whatever channel that is on; without a TaskSID
	// it says nothing.
	task     channel.Event
	events   []channel.Event // of apply: task, on each channel that it is booked on
	id       string
	kind     string // the event type
	origin   string // of foreign: the account or workspace
	testID   string // of test
	reason   string // of quarantine; never quotes the event
	disputed bool   // it names two channels, or another than its task's earlier events
}

const noCloudEvent = "the event is not a CloudEvent"

// decode understands one event of a delivery, received at now.
func decode(raw []byte, whose scope, now time.Time) decoded {
	if raw[0] != '{' {
		return decoded{verdict: quarantine, reason: noCloudEvent}
	}
	var e envelope
	err := json.Unmarshal(raw, &e) // it fills in the rest all the same
	if err != nil && (e.Type == "" || !inData(err)) {
		return decoded{verdict: quarantine, reason: noCloudEvent}
	}
	d := decoded{id: loggable(e.ID), kind: loggable(e.Type)}
	short, ours := strings.CutPrefix(e.Type, taskPrefix)
	phase, known := phases[short]
	if !(ours && known) && e.Type != testType {
		return d.as(ignore, "")
	}
	if err != nil || e.Data == nil {
		return d.as(quarantine, "its data cannot be read")
	}
	if e.Type == testType {
		d.testID = loggable(e.Data.TestID)
		return d.as(test, "")
	}
	if origin := whose.stranger(e.Data); origin != "" {
		d.origin = loggable(origin)
		return d.as(foreign, "")
	}
	payload := e.Data.Payload
	d.task = channel.Event{ID: d.id, Phase: phase, Time: eventTime(now, payload.Timestamp, e.Data.Timestamp, e.Time)}
	if phase == channel.Ended {
		d.task.Outcome = short
	}
	if channel.IsSID(payload.TaskSID, "WT") {
		d.task.TaskSID = payload.TaskSID
	}
	if channel.IsSID(payload.WorkspaceSID, "WS") {
		d.task.Workspace = payload.WorkspaceSID
	}
	return d.on(textOf(payload.TaskAttributes), short == "created")
}

// on books the event on the channels that the task's attributes name.
//
// Only the created event of a task is evidence that the task is the channel's, and only if it
// names one: later an agent or a plugin may have written anything into the attributes.
func (d decoded) on(taskAttributes string, created bool) decoded {
	named, err := FromAttributes(taskAttributes, d.task.Time)
	switch {
	case err != nil:
		return d.as(quarantine, err.Error())
	case len(named) == 0:
		return d.as(ignore, "") // a voice task, or another without a channel
	case d.task.TaskSID == "":
		return d.as(quarantine, "it names no task")
	}
	d.disputed = len(named) > 1
	for _, n := range named {
		event := d.task
		event.ChannelSID, event.Backend, event.Type = n.ChannelSID, n.Backend, n.Type
		if created && !d.disputed {
			event.Created, event.Interaction = true, n.Interaction
		}
		d.events = append(d.events, event)
	}
	return d.as(apply, "")
}

// inData tells whether what could not be read is in the event's data.
func inData(err error) bool {
	var mismatch *json.UnmarshalTypeError
	return errors.As(err, &mismatch) && strings.HasPrefix(mismatch.Field, "data")
}

func (d decoded) as(v verdict, reason string) decoded {
	d.verdict, d.reason = v, reason
	return d
}

var loggablePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// loggable returns an identifier from outside if it looks like one, so that nothing
// else gets into the log.
func loggable(s string) string {
	if s != "" && !loggablePattern.MatchString(s) {
		return fmt.Sprintf("(%d bytes, not an identifier)", len(s))
	}
	return s
}
