package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// mustBe says what a channel must be at the end, from what happened to it alone: this is
// the rule of the README once more, and none of the function's code.
func (l *life) mustBe(end time.Duration) (retired bool, why string) {
	switch {
	case l.deleted:
		return true, "it was deleted by hand"
	case len(l.open) > 0:
		return false, "a task on it is not ended"
	case !l.everEnded:
		return false, "no task on it has ended"
	case l.lastEnd+retention+tick <= end:
		return true, fmt.Sprintf("its last task ended %s before the end", hours(end-l.lastEnd))
	case l.lastEnd+retention > end:
		return false, fmt.Sprintf("its last task ended only %s before the end", hours(end-l.lastEnd))
	}
	return l.retired, "it fell due after the last sweep"
}

// found is what Twilio shows of a channel at the end.
type found struct {
	exists     bool
	attributes string
	state      string // of a conversation
	unit       string // status of its interaction's channel
	messages   int
}

// fault says what is wrong with a channel at the end, or "".
func (l *life) fault(f found, end time.Duration) string {
	want, why := l.mustBe(end)
	if l.deleted {
		return "" // nothing is left to look at; that the sweep went on is seen in the others
	}
	if !f.exists {
		return "it is gone, and nobody deleted it"
	}
	if got := l.isRetired(f); got != want {
		return fmt.Sprintf("it is %s, but must be %s: %s", word(got), word(want), why)
	}
	if want && l.retiredAfter < l.lastEnd+retention {
		return fmt.Sprintf("it was retired %s after its last task ended, too early", hours(l.retiredAfter-l.lastEnd))
	}
	if f.messages != l.messages {
		return fmt.Sprintf("its history has %d messages, but must have %d", f.messages, l.messages)
	}
	if l.chat && !sameBut(l.attributes, f.attributes, want) {
		return "attributes that are not flexsweep's have changed"
	}
	if !l.chat && f.attributes != l.attributes {
		return "its attributes have changed"
	}
	if want && l.interactionTold && f.unit != "closed" {
		return "it is closed, but its interaction channel is " + f.unit
	}
	return ""
}

// isRetired tells whether the channel no longer takes messages for its customer.
func (l *life) isRetired(f found) bool {
	if !l.chat {
		return f.state == "closed"
	}
	var a struct {
		LongLived bool   `json:"long_lived"`
		Status    string `json:"status"`
	}
	return json.Unmarshal([]byte(f.attributes), &a) == nil && !a.LongLived && a.Status == "INACTIVE"
}

// sameBut tells whether the attributes are what they were, but for the two values that a
// retirement sets.
func sameBut(before, after string, retired bool) bool {
	want := []byte(before)
	if retired {
		want = bytes.Replace(want, []byte(`"long_lived":true`), []byte(`"long_lived":false`), 1)
		want = bytes.Replace(want, []byte(`"status":"ACTIVE"`), []byte(`"status":"INACTIVE"`), 1)
	}
	return string(want) == after
}

func word(retired bool) string {
	if retired {
		return "retired"
	}
	return "kept"
}

func hours(d time.Duration) string { return d.Round(time.Minute).String() }
