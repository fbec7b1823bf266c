package sweep

import (
	"context"
	"errors"
	"slices"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
)

// maxUnknownTasks is how many tasks TaskRouter may not know in one run before it is believed
// no more: a wrong workspace must not end every task there is.
const maxUnknownTasks = 50

// lookUp is a task that has been open for long: its end may never have been heard, since
// a transfer took the channel out of its attributes or an outage lost the event.
type lookUp struct {
	entry ledger.Entry
	task  string
}

// lookUp asks TaskRouter for tasks, the longest open first, as far as the run's number goes, and applies
// what it says like an event.
func (r *run) lookUp(ctx context.Context, tasks []lookUp) {
	slices.SortStableFunc(tasks, func(a, b lookUp) int {
		return a.entry.Record.Tasks[a.task].Time.Compare(b.entry.Record.Tasks[b.task].Time)
	})
	entries := map[string]ledger.Entry{} // as last written: two tasks may be on one channel
	for _, l := range tasks {
		if r.request.DryRun || r.lookUps == 0 || r.brake.on(ctx) {
			return
		}
		r.lookUps--
		r.report.LookUps.Asked++
		if entry, written := entries[l.entry.Record.SID]; written {
			l.entry = entry
		}
		if entry, ok := r.lookUpOne(ctx, l); ok {
			entries[entry.Record.SID] = entry
		}
	}
}

func (r *run) lookUpOne(ctx context.Context, l lookUp) (ledger.Entry, bool) {
	record := l.entry.Record
	event, err := r.Tasks.LookUp(ctx, record, l.task)
	switch {
	case err == nil:
		r.report.LookUps.Ended++
		entry, ok := r.saveLookUp(ctx, l, channel.Apply(record, event))
		if ok {
			r.log.Info("task looked up", "channel", record.SID, "task", l.task, "outcome", event.Outcome)
		}
		if ok && event.Outcome == taskrouter.OutcomeUnknown {
			r.unknownTask()
		}
		return entry, ok
	case errors.Is(err, taskrouter.ErrUnfinished):
		r.report.LookUps.Open++
	default:
		if r.report.LookUps.Failed++; r.report.LookUps.Failed == 1 {
			r.log.Error("TaskRouter was asked for a task and did not say: "+err.Error(), "channel", record.SID, "task", l.task)
		}
	}
	// Asked again after a day: one that always fails must not take the others' place in every run.
	return r.saveLookUp(ctx, l, channel.Checked(record, l.task, r.Now()))
}

// saveLookUp writes the record under the revision that was read. If something has happened to it,
// the next pass looks again.
func (r *run) saveLookUp(ctx context.Context, l lookUp, next channel.Record) (ledger.Entry, bool) {
	saved, err := r.Records.Save(ctx, ledger.Entry{Record: next, Document: l.entry.Document, Revision: l.entry.Revision}, ledger.KeepTTL)
	return saved, err == nil
}

// unknownTask counts a task that TaskRouter does not know, and ends the look-ups if there are too many.
func (r *run) unknownTask() {
	if r.report.LookUps.Unknown++; r.report.LookUps.Unknown == maxUnknownTasks {
		r.lookUps = 0
		r.log.Error("TaskRouter does not know many tasks: no more are looked up in this run; look at WORKSPACE_SIDS", "unknown", maxUnknownTasks)
	}
}
