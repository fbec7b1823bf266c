package channel

import (
	"fmt"
	"strings"
	"time"
)

// Action is what a sweep has to do about a record.
type Action string

const (
	Keep    Action = "keep"    // nothing
	Retire  Action = "retire"  // retire the channel
	Restore Action = "restore" // put the channel back: it was touched, and must not stay retired
	Tell    Action = "tell"    // report that something final was done under an open task
)

// Reason is why. The values are stable: reports and log-based metrics count by them.
type Reason string

const (
	ReasonDue         Reason = "due"
	ReasonOpenTask    Reason = "open-task"
	ReasonRetention   Reason = "retention"
	ReasonUnconfirmed Reason = "unconfirmed"
	ReasonHold        Reason = "hold"
	ReasonClaimed     Reason = "claimed"
	ReasonRetired     Reason = "retired"
	ReasonNoTask      Reason = "no-task"
	ReasonOverflow    Reason = "overflow"
	ReasonUnreadable  Reason = "unreadable"
)

// KeepReasons returns every reason to keep a channel, in the order in which they are shown.
func KeepReasons() []Reason {
	return []Reason{ReasonOpenTask, ReasonRetention, ReasonUnconfirmed, ReasonHold, ReasonClaimed, ReasonRetired, ReasonNoTask, ReasonOverflow, ReasonUnreadable}
}

// Decision is the verdict on one record.
type Decision struct {
	Action Action
	Reason Reason
	// At is the moment that the reason speaks of: since when the channel is due (the later of
	// its retention and of an operator's hold) or retired, until when it is kept, since when
	// the oldest open task is known.
	At   time.Time
	Text string // the verdict in a sentence, for an operator
}

// overflowMemory is how long a record keeps its channel that had no place for an open task: Twilio
// lets no task wait for longer than 14 days (https://www.twilio.com/docs/taskrouter/api/task).
const overflowMemory = 15 * 24 * time.Hour

// lookAgain is how long a channel with unreadable attributes is left alone.
const lookAgain = 24 * time.Hour

// Decide says what a sweep must do about the record at now, and why.
func Decide(r Record, p Policy, now time.Time) Decision {
	if r.Status == Retired {
		return retiredDecision(r)
	}
	if r.Claim != nil && !r.Claim.Done && now.Before(r.Claim.Time.Add(Lease)) {
		until := r.Claim.Time.Add(Lease)
		return Decision{Keep, ReasonClaimed, until, fmt.Sprintf("sweep %s is at work on it; others keep off until %s", r.Claim.Run, stamp(until))}
	}
	d := keepOrRetire(r, p, now)
	if d.Action == Keep && r.Touched() {
		d.Action = Restore
		d.Text = "a sweep may have retired it meanwhile, so it is to be put back: " + d.Text
	}
	if f := r.Failure; d.Action != Keep && f != nil && f.Unreadable && now.Before(f.Time.Add(lookAgain)) {
		until := f.Time.Add(lookAgain)
		return Decision{Keep, ReasonUnreadable, until, "its attributes cannot be changed and given back byte for byte; a sweep looks again after " + stamp(until)}
	}
	return d
}

func keepOrRetire(r Record, p Policy, now time.Time) Decision {
	if since, open := r.OldestOpen(); open {
		return Decision{Keep, ReasonOpenTask, since, fmt.Sprintf("task %s is not ended", strings.Join(r.OpenTasks(), ", "))}
	}
	if now.Before(r.Overflow.Add(overflowMemory)) {
		return Decision{Keep, ReasonOverflow, r.Overflow, fmt.Sprintf("more than %d tasks were open on it at %s, so nobody knows which are; it is kept until %s", MaxTasks, stamp(r.Overflow), stamp(r.Overflow.Add(overflowMemory)))}
	}
	if r.Hold.Active(now) {
		return Decision{Keep, ReasonHold, r.Hold.Until, holdText(r.Hold)}
	}
	end, ended := r.LastEnd()
	if !ended {
		return Decision{Keep, ReasonNoTask, time.Time{}, "no task on it is known"}
	}
	retention := p.RetentionOf(r)
	due := end.Add(retention)
	text := fmt.Sprintf("its last task ended at %s; with a retention of %s", stamp(end), retention)
	reason := ReasonRetention
	if !r.HasEvidence() {
		text += " (no task was seen to be created on it)"
		reason = ReasonUnconfirmed
	}
	if now.Before(due) {
		return Decision{Keep, reason, due, fmt.Sprintf("%s it is kept until %s", text, stamp(due))}
	}
	if r.Hold != nil && r.Hold.Until.After(due) {
		due = r.Hold.Until // it could not have been retired before
	}
	return Decision{Retire, ReasonDue, due, fmt.Sprintf("%s it is due since %s", text, stamp(due))}
}

func retiredDecision(r Record) Decision {
	d := Decision{Action: Keep, Reason: ReasonRetired, Text: "it is retired"}
	if r.Retirement == nil {
		return d
	}
	d.At = r.Retirement.Time
	d.Text = fmt.Sprintf("sweep %s retired it at %s (%s, %s)", r.Retirement.Run, stamp(d.At), r.Retirement.Disposition, r.Retirement.Result)
	if under := r.ClosedUnder(); len(under) > 0 {
		d.Text += ", while task " + strings.Join(under, ", ") + " was open"
		if !r.Retirement.Told {
			d.Action, d.Reason = Tell, ReasonOpenTask
		}
	}
	return d
}

func holdText(h *Hold) string {
	until := "for good"
	if !h.Until.IsZero() {
		until = "until " + stamp(h.Until)
	}
	return fmt.Sprintf("%s holds it %s: %s", h.By, until, h.Reason)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
