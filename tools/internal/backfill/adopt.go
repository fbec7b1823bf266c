package backfill

import (
	"context"
	"errors"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// Source is where the time comes from at which the last task on a channel ended.
type Source string

// From the best to the weakest. A weaker one errs on the side of keeping, never of
// retiring too early: it is no earlier than the last sign of life.
const (
	FromTask    Source = "task"                // TaskRouter has the task
	FromSample  Source = "sample"              // the sample was told that the task had ended
	FromTrace   Source = "sample's last event" // that was told of no end, and TaskRouter does not know the task any more
	FromMessage Source = "newest message"      // nobody knows the task; somebody wrote then
	FromUpdate  Source = "last update"         // the channel was changed then, and no message is younger
)

// taskUnknown stands in a record for a task that nobody knows any more.
const taskUnknown = "WT00000000000000000000000000000000"

// adopt makes the record of a channel and, if told to, writes it.
func (r *run) adopt(ctx context.Context, ch inventory.Channel) Item {
	item := Item{Channel: ch.SID, Backend: ch.Backend, Did: WouldAdopt}
	record, source, err := r.record(ctx, ch)
	if err != nil {
		return item.fail(err)
	}
	entry := ledger.Entry{Record: record}
	if r.options.Apply {
		if err := r.limiter.Wait(ctx); err != nil {
			return item.fail(err)
		}
		item.Did = Adopted
		entry, err = r.env.Ledger.Create(ctx, record)
		if errors.Is(err, ledger.ErrConflict) {
			item.Did = Raced // an event was quicker, or this very request was repeated
			return item
		}
		if err != nil {
			return item.fail(err)
		}
	}
	row := operate.NewRow(entry, r.env.Config.Policy, r.now)
	item.Backend, item.Type, item.LastEnd, item.State, item.Text, item.Source = row.Backend, row.Type, row.LastEnd, row.State, row.Text, source
	return item
}

// record makes the record that the channel would have, had flexsweep listened all along.
func (r *run) record(ctx context.Context, ch inventory.Channel) (channel.Record, Source, error) {
	var record channel.Record
	source := FromTask
	for _, task := range r.tasks.Of[ch.SID] {
		record = channel.Apply(record, task.Event)
	}
	if _, ended := record.LastEnd(); !ended && len(record.OpenTasks()) == 0 {
		event, from, err := r.lastEnd(ctx, ch)
		if err != nil {
			return record, "", err
		}
		source, record = from, channel.Apply(record, event)
	}
	record.ServiceSID = ch.Service
	if len(record.Types) == 0 && ch.Type != "" {
		record.Types = []string{ch.Type}
	}
	return channel.Trim(record, r.now), source, nil
}

// lastEnd finds out when the last task on a channel ended that TaskRouter does not know
// any more: one request at most.
func (r *run) lastEnd(ctx context.Context, ch inventory.Channel) (channel.Event, Source, error) {
	sample, sampled := r.sample[ch.SID]
	if sampled && sample.Phase == channel.Ended {
		return sample.Event, FromSample, nil
	}
	message, err := inventory.NewestMessage(ctx, r.env.Twilio, ch)
	if err != nil {
		return channel.Event{}, "", err
	}
	event, source := sample.Event, FromMessage
	at, outcome := message, "newest-message"
	if latest := later(ch.Updated, ch.Created); latest.After(at) {
		at, source, outcome = latest, FromUpdate, "last-update"
	}
	if sample.Time.After(at) {
		at, source, outcome = sample.Time, FromTrace, "sample-last-event"
	}
	if at.After(r.now) {
		at = r.now // no clock that runs ahead keeps a channel for ever
	}
	event.ChannelSID, event.Backend, event.TaskSID = ch.SID, ch.Backend, taskUnknown
	event.Phase, event.Outcome, event.Time = channel.Ended, outcome, at.UTC()
	return event, source, nil
}

func later(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}
