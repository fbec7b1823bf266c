package channel

import (
	"fmt"
	"strings"
	"time"
)

// Lease is how long a claim keeps other sweeps away. It must exceed the longest life of
// a sweep: a run that is still alive may yet change the channel, and Twilio's channels
// have no conditional update that would stop it.
const Lease = 30 * time.Minute

// Policy says when and how channels are retired.
type Policy struct {
	Retention     time.Duration            // since the end of the last task
	ByChannelType map[string]time.Duration // overrides Retention
	Chat          Disposition              // of chat channels: Deactivate or Delete
	Conversations Disposition              // of conversations: Close or Delete
}

// RetentionOf returns how long the record's channel is kept after its last task ended.
func (p Policy) RetentionOf(r Record) time.Duration {
	if d, ok := p.ByChannelType[r.ChannelType]; ok {
		return d
	}
	return p.Retention
}

// DispositionOf returns how the record's channel is to be retired.
func (p Policy) DispositionOf(r Record) Disposition {
	if r.Backend == Conversations {
		return p.Conversations
	}
	return p.Chat
}

// Action is what a sweep has to do about a record.
type Action string

const (
	Keep    Action = "keep"    // nothing
	Retire  Action = "retire"  // retire the channel
	Restore Action = "restore" // put the channel back: it was touched, and must not stay retired
)

// Reason is why. The values are stable: reports and log-based metrics count by them.
type Reason string

const (
	ReasonDue       Reason = "due"
	ReasonOpenTask  Reason = "open-task"
	ReasonRetention Reason = "retention"
	ReasonHold      Reason = "hold"
	ReasonClaimed   Reason = "claimed"
	ReasonRetired   Reason = "retired"
	ReasonNoTask    Reason = "no-task"
)

// Decision is the verdict on one record.
type Decision struct {
	Action Action
	Reason Reason
	// At is the moment that the reason speaks of: since when the channel is due or
	// retired, until when it is kept, when the oldest open task was last heard of.
	At   time.Time
	Text string // the verdict in a sentence, for an operator
}

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
	return d
}

func keepOrRetire(r Record, p Policy, now time.Time) Decision {
	if open := r.OpenTasks(); len(open) > 0 {
		oldest := r.Tasks[open[0]].Time
		for _, sid := range open {
			if t := r.Tasks[sid].Time; t.Before(oldest) {
				oldest = t
			}
		}
		return Decision{Keep, ReasonOpenTask, oldest, fmt.Sprintf("task %s is not ended", strings.Join(open, ", "))}
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
	if now.Before(due) {
		return Decision{Keep, ReasonRetention, due, fmt.Sprintf("its last task ended at %s; with a retention of %s it is kept until %s", stamp(end), retention, stamp(due))}
	}
	return Decision{Retire, ReasonDue, due, fmt.Sprintf("its last task ended at %s; with a retention of %s it is due since %s", stamp(end), retention, stamp(due))}
}

func retiredDecision(r Record) Decision {
	d := Decision{Action: Keep, Reason: ReasonRetired, Text: "it is retired"}
	if r.Retirement != nil {
		d.At = r.Retirement.Time
		d.Text = fmt.Sprintf("sweep %s retired it at %s (%s, %s)", r.Retirement.Run, stamp(d.At), r.Retirement.Disposition, r.Retirement.Result)
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
