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
	Timestamp json.RawMessage `json:"timestamp"`
	TestID    string          `json:"test_id"`
	Payload   struct {
		Timestamp      json.RawMessage `json:"timestamp"`
		TaskSID        string          `json:"task_sid"`
		WorkspaceSID   string          `json:"workspace_sid"`
		TaskAttributes json.RawMessage `json:"task_attributes"`
	} `json:"payload"`
}

// verdict is what is to be done with one event of a delivery.
type verdict int

const (
	apply      verdict = iota
	ignore             // not about a task on a channel: acknowledged and counted
	test               // the sink's test event
	quarantine         // cannot be understood, and a repetition would not help
)

// decoded is one event of a delivery, understood as far as possible.
type decoded struct {
	verdict verdict
	event   channel.Event // of apply
	id      string
	kind    string // the event type
	testID  string // of test
	reason  string // of quarantine; never quotes the event
}

// decode understands one event of a delivery, received at now.
func decode(raw []byte, now time.Time) decoded {
	if raw[0] != '{' {
		return decoded{verdict: quarantine, reason: noCloudEvent}
	}
	var e envelope
	err := json.Unmarshal(raw, &e) // it fills in the rest all the same
	return understand(e, err, now)
}

const noCloudEvent = "the event is not a CloudEvent"

// understand tells what is to be done with one event; err is the field of it that is of
// another type than expected.
func understand(e envelope, err error, now time.Time) decoded {
	if err != nil && (e.Type == "" || !inData(err)) {
		return decoded{verdict: quarantine, reason: noCloudEvent}
	}
	d := decoded{id: loggable(e.ID), kind: loggable(e.Type)}
	phase, known := phases[strings.TrimPrefix(e.Type, taskPrefix)]
	known = known && strings.HasPrefix(e.Type, taskPrefix)
	if !known && e.Type != testType {
		return d.as(ignore, "")
	}
	if err != nil || e.Data == nil {
		return d.as(quarantine, "its data cannot be read")
	}
	if e.Type == testType {
		d.testID = loggable(e.Data.TestID)
		return d.as(test, "")
	}
	payload := e.Data.Payload
	at := eventTime(now, payload.Timestamp, e.Data.Timestamp, e.Time)
	event, err := FromAttributes(payload.TaskAttributes, at)
	switch {
	case err != nil:
		return d.as(quarantine, err.Error())
	case event.ChannelSID == "":
		return d.as(ignore, "") // a voice task, or another without a channel
	case !channel.IsSID(payload.TaskSID, "WT"):
		return d.as(quarantine, "it names no task")
	}
	event.ID, event.TaskSID, event.Phase = d.id, payload.TaskSID, phase
	event.Created = e.Type == taskPrefix+"created"
	if channel.IsSID(payload.WorkspaceSID, "WS") {
		event.Workspace = payload.WorkspaceSID
	}
	if phase == channel.Ended {
		event.Outcome = strings.TrimPrefix(e.Type, taskPrefix)
	}
	d.event = event
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
