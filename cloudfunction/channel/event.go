package channel

import (
	"cmp"
	"slices"
	"time"
)

// Event is one TaskRouter event, reduced to what a record keeps of it.
type Event struct {
	ID         string // EZ…; for the log only, since applying twice changes nothing
	ChannelSID string
	Backend    Backend
	Type       string // one of [Types], or ""
	// Created: this is the created event of the task, and it names the channel.
	Created     bool
	Interaction *Interaction // counts in a created event only
	TaskSID     string
	Workspace   string // WS…
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
// where the retirement is final: there is nothing left to put right. That Twilio did not
// know the channel is not final: it may have been asked for in the wrong service.
func Apply(r Record, e Event) Record {
	next, _ := ApplyAll(r, []Event{e})
	return next
}

// ApplyAll applies the events one after the other, as [Apply] does, and counts those that
// changed the record.
func ApplyAll(r Record, events []Event) (next Record, changed int) {
	next = r.clone()
	for _, e := range events {
		if next.apply(e) {
			changed++
		}
	}
	return next, changed
}

// apply changes the record, whose tasks are its own, and reports whether it did.
func (r *Record) apply(e Event) bool {
	fresh := r.SID == ""
	if fresh {
		r.Version, r.SID, r.Status = Version, e.ChannelSID, Tracking
	}
	identified := r.identify(e)
	known, found := r.Tasks[e.TaskSID]
	joined := joinTask(known, found, e)
	if found && joined.same(known) {
		return fresh || identified
	}
	r.Tasks[e.TaskSID] = joined
	if !found || !joined.reached(known) {
		r.reopen()
	}
	return true
}

// identify takes what the event says of the channel itself, and reports whether that is new.
func (r *Record) identify(e Event) bool {
	named, types, untyped, interaction := r.Named, len(r.Types), r.Untyped, r.Interaction
	word := Said
	if e.Created {
		word = Created
		r.Interaction = laterInteraction(r.Interaction, e.Interaction)
	}
	r.Named = r.Named.with(e.Backend, word)
	r.Backend = r.Named.backend()
	if at, found := slices.BinarySearch(r.Types, e.Type); IsType(e.Type) && !found {
		r.Types = slices.Insert(slices.Clone(r.Types), at, e.Type)
	}
	r.Untyped = r.Untyped || e.Created && e.Type == "" // what TaskRouter is asked for says nothing of types
	return r.Named != named || len(r.Types) != types || r.Untyped != untyped || r.Interaction != interaction
}

// reopen makes a record that a sweep has claimed or retired tracking again.
func (r *Record) reopen() {
	if r.Status == Retired && r.Retirement != nil {
		if r.Retirement.final() {
			return
		}
		if r.Retirement.Result == Gone {
			r.Retirement = nil // nothing was done to it
		}
	}
	r.Status = Tracking
}

// joinTask returns what is known of a task after the event.
func joinTask(known Task, found bool, e Event) Task {
	joined := Task{Phase: e.Phase, Time: e.Time, Outcome: e.Outcome, Workspace: e.Workspace}
	if e.Created {
		joined.Created = e.Time
	}
	if found {
		created, workspace, checked := earlier(known.Created, joined.Created), max(known.Workspace, e.Workspace), known.Checked
		joined = further(known, joined)
		joined.Created, joined.Workspace, joined.Checked = created, workspace, checked
	}
	if joined.Phase == Ended { // nobody will ask for it any more
		joined.Workspace, joined.Checked = "", time.Time{}
	}
	since := known.begun()
	if e.Phase != Ended {
		since = earlier(since, e.Time)
	}
	joined.Since = time.Time{}
	if begun := joined.begun(); !earlier(since, begun).Equal(begun) {
		joined.Since = since
	}
	return joined
}

// earlier returns the earlier of two moments, of which a zero one is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (t Task) same(o Task) bool {
	return t.reached(o) && t.Created.Equal(o.Created) && t.Since.Equal(o.Since) && t.Workspace == o.Workspace && t.Checked.Equal(o.Checked)
}

// reached reports whether both say the same of how far the task has come.
func (t Task) reached(o Task) bool {
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
// tasks, of which the oldest ended go first. Where even open ones find no place the record
// says so ([Record.Overflow]), and its channel is kept whatever becomes of the others.
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
	untold := next.untold()
	for _, sid := range sids {
		task := next.Tasks[sid]
		old := task.Phase == Ended && task.Time.Before(now.Add(-TaskMemory)) && task.Time.Before(last)
		if old && !slices.Contains(untold, sid) || len(next.Tasks) > MaxTasks {
			next.forget(sid, now)
		}
	}
	return next
}

// forget drops a task and keeps what must not be forgotten of it.
func (r *Record) forget(sid string, now time.Time) {
	task := r.Tasks[sid]
	r.Confirmed = r.Confirmed || !task.Created.IsZero()
	if task.Phase != Ended {
		r.Overflow = now
	}
	delete(r.Tasks, sid)
}
