package channel

import (
	"cmp"
	"slices"
	"time"
)

// Event is one TaskRouter event, reduced to what a record keeps of it.
type Event struct {
	ID          string // EZ…; for the log only, since applying twice changes nothing
	ChannelSID  string
	Backend     Backend
	ChannelType string
	Interaction *Interaction
	TaskSID     string
	Phase       Phase
	Outcome     string // of an ended task
	Time        time.Time
}

// Apply returns the record with the event taken into account.
//
// It is a join: of each task the furthest phase wins, and within a phase the earlier
// time, then the smaller outcome. The earlier time, so that the system-deleted event
// that follows a completed one by minutes changes nothing. So any order, repetition and
// interleaving of events gives the same tasks. A zero record is a channel never heard of.
//
// News on a record that a sweep has claimed or retired makes it tracking again, except
// where the retirement is final: there is nothing left to put right.
func Apply(r Record, e Event) Record {
	next := r.clone()
	if next.SID == "" {
		next.Version, next.SID, next.Status = Version, e.ChannelSID, Tracking
	}
	next.Backend = max(next.Backend, e.Backend) // conversationSid wins over the legacy channelSid
	next.ChannelType = max(next.ChannelType, e.ChannelType)
	next.Interaction = laterInteraction(next.Interaction, e.Interaction)

	known, found := next.Tasks[e.TaskSID]
	joined := Task{Phase: e.Phase, Time: e.Time, Outcome: e.Outcome}
	if found {
		joined = further(known, joined)
	}
	if found && joined.same(known) {
		return next
	}
	next.Tasks[e.TaskSID] = joined
	if !next.finallyRetired() {
		next.Status = Tracking
	}
	return next
}

func (r Record) finallyRetired() bool {
	return r.Status == Retired && r.Retirement != nil && r.Retirement.Disposition.Final()
}

func (t Task) same(o Task) bool {
	return t.Phase == o.Phase && t.Time.Equal(o.Time) && t.Outcome == o.Outcome
}

// further returns the one of two reports on the same task that stands.
func further(a, b Task) Task {
	order := cmp.Or(
		-cmp.Compare(a.Phase.rank(), b.Phase.rank()),
		a.Time.Compare(b.Time),
		cmp.Compare(a.Outcome, b.Outcome),
	)
	if order <= 0 {
		return a
	}
	return b
}

func laterInteraction(a, b *Interaction) *Interaction {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	order := cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.SID, b.SID), cmp.Compare(a.ChannelSID, b.ChannelSID))
	if order >= 0 {
		return a
	}
	return b
}

// Trim returns the record without the ended tasks that no redelivery can concern any
// more, all but the latest, from which retention counts; and with at most [MaxTasks]
// tasks, of which the oldest ended go first.
func Trim(r Record, now time.Time) Record {
	next := r.clone()
	sids := make([]string, 0, len(next.Tasks))
	for sid := range next.Tasks {
		sids = append(sids, sid)
	}
	slices.SortFunc(sids, func(a, b string) int { // first the one to forget first
		ta, tb := next.Tasks[a], next.Tasks[b]
		return cmp.Or(-cmp.Compare(ta.Phase.rank(), tb.Phase.rank()), ta.Time.Compare(tb.Time), cmp.Compare(a, b))
	})
	last, _ := next.LastEnd()
	for _, sid := range sids {
		task := next.Tasks[sid]
		old := task.Phase == Ended && task.Time.Before(now.Add(-TaskMemory)) && task.Time.Before(last)
		if old || len(next.Tasks) > MaxTasks {
			delete(next.Tasks, sid)
		}
	}
	return next
}
