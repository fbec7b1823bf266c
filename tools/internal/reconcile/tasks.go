package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// outcomeUnknown stands in a record for how a task ended of which TaskRouter knows nothing
// any more.
const outcomeUnknown = "reconciled"

// compareTasks holds the tasks that TaskRouter has against the records, and the other way
// round.
func (j *job) compareTasks(ctx context.Context, _ *Report) error {
	listed := map[string]bool{}
	for sid, tasks := range j.tasks.Of {
		for _, task := range tasks {
			listed[task.TaskSID] = true
			j.compareListed(sid, task)
		}
	}
	for _, entry := range j.records {
		for _, sid := range entry.Record.OpenTasks() {
			if listed[sid] {
				continue
			}
			if err := j.compareVanished(ctx, entry.Record, sid); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareListed holds a task of TaskRouter's against the record of its channel.
func (j *job) compareListed(sid string, task inventory.Task) {
	if j.now.Sub(task.Time) < j.options.Grace {
		return // its event may still be on its way
	}
	entry, known := j.records[sid]
	has, heard := entry.Record.Tasks[task.TaskSID]
	f := Finding{Channel: sid, Task: task.TaskSID, event: task.Event, Mend: "tell the record, as the event would have"}
	switch {
	case task.Phase == channel.Ended && heard && has.Phase != channel.Ended:
		f.Kind, f.Text = MissedEnd, fmt.Sprintf("task %s is %s since %s, and the ledger has it %s", task.TaskSID, task.Status, operate.Stamp(task.Time), has.Phase)
	case task.Phase == channel.Ended || heard:
		return // an older phase of an open task makes no difference, nor does a task that came and went
	case !known:
		f.Kind, f.Text = MissedTask, fmt.Sprintf("task %s is %s since %s, and the ledger has no record of the channel", task.TaskSID, task.Status, operate.Stamp(task.Time))
	default:
		f.Kind, f.Text = MissedTask, fmt.Sprintf("task %s is %s since %s, and the record does not know it", task.TaskSID, task.Status, operate.Stamp(task.Time))
		if entry.Record.Status == channel.Retired && entry.Record.Retirement != nil {
			f.Text += retiredWith(*entry.Record.Retirement)
		}
	}
	j.find(f)
}

// retiredWith says what it means that a task is open on a retired channel.
func retiredWith(x channel.Retirement) string {
	if x.Disposition.Final() {
		return fmt.Sprintf("; the channel was retired by run %s (%s), and that is final: look at the task", x.Run, x.Disposition)
	}
	return fmt.Sprintf("; the channel was retired by run %s, and the next sweep puts it back then", x.Run)
}

// compareVanished looks after a task that the record has open and no list has.
func (j *job) compareVanished(ctx context.Context, r channel.Record, sid string) error {
	task, found, err := j.tasks.Fetch(ctx, sid)
	if err != nil {
		return fmt.Errorf("compare task %s of %s: %w", sid, r.SID, err)
	}
	event := channel.Event{ChannelSID: r.SID, Backend: r.Backend, TaskSID: sid, Phase: channel.Ended, Outcome: outcomeUnknown, Time: j.now.UTC().Truncate(time.Millisecond)}
	text := fmt.Sprintf("task %s is %s in the ledger, and TaskRouter does not know it any more, so it has ended; nobody knows when", sid, r.Tasks[sid].Phase)
	mend := "note down that it has ended, now: retention counts from here"
	if found {
		if task.Phase != channel.Ended || j.now.Sub(task.Time) < j.options.Grace {
			return nil // it is open, and only names another channel now; or its event is on its way
		}
		event.Outcome, event.Time = task.Outcome, task.Time
		text = fmt.Sprintf("task %s is %s since %s, and the ledger has it %s", sid, task.Status, operate.Stamp(task.Time), r.Tasks[sid].Phase)
		mend = "note down that it has ended then"
	} else if j.now.Sub(r.Tasks[sid].Time) < j.options.Grace {
		return nil // the ledger has heard of it just now, and its end is on its way
	}
	j.find(Finding{Channel: r.SID, Kind: MissedEnd, Task: sid, Text: text, Mend: mend, event: event})
	return nil
}
