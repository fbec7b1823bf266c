package eventstream

import (
	"log/slog"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

const (
	// chunk is how many events of a delivery are in memory at a time.
	chunk = 1000
	// maxLines bounds the lines about single events of one delivery; the summary counts them all.
	maxLines = 20
)

// batch is one delivery, or as much of it as is in memory: its events grouped by channel in
// the order of their arrival.
type batch struct {
	log      *slog.Logger
	channels map[string][]channel.Event
	held     int // events in channels
	summary  Summary
	foreign  decoded       // one of them
	stale    channel.Event // one of them
}

func newBatch(log *slog.Logger) *batch {
	return &batch{log: log, channels: map[string][]channel.Event{}}
}

// add takes an event in. What must be findable later by its id is logged: quarantined, test
// and disputed events.
func (b *batch) add(d decoded) {
	b.summary.Received++
	switch d.verdict {
	case apply:
		b.book(d)
	case foreign:
		b.summary.Foreign++
		b.foreign = d
	case quarantine:
		b.summary.Quarantined++
		if b.mayLog() {
			b.log.Error("event quarantined: "+d.reason, "event", d.id, "type", d.kind)
		}
	case test:
		b.summary.Ignored++
		if b.mayLog() {
			b.log.Info("test event received", "event", d.id, "test_id", d.testID)
		}
	default:
		b.summary.Ignored++
	}
}

func (b *batch) book(d decoded) {
	var sids []string
	for _, e := range d.events {
		b.channels[e.ChannelSID] = append(b.channels[e.ChannelSID], e)
		b.held++
		sids = append(sids, e.ChannelSID)
	}
	if !d.disputed {
		return
	}
	b.summary.Contradictions++
	if b.mayLog() {
		b.log.Warn("event on several channels", "event", d.id, "type", d.kind, "task", d.task.TaskSID, "channels", sids)
	}
}

// applied counts what came of the events of one channel.
func (b *batch) applied(sid string, events []channel.Event, done result, err error) {
	b.summary.Conflicts += done.conflicts
	if err != nil {
		b.summary.Failed += len(events)
		if b.mayLog() {
			b.log.Error("events not stored: "+err.Error(), "channel", sid, "event", events[0].ID, "task", events[0].TaskSID)
		}
		return
	}
	b.summary.Applied += done.changed
	b.summary.Stale += len(done.stale)
	b.summary.Unchanged += len(events) - done.changed - len(done.stale)
	if len(done.stale) > 0 {
		b.stale = done.stale[0]
	}
}

// mayLog counts a line about a single event, and tells whether it may be logged.
func (b *batch) mayLog() bool {
	b.summary.Lines++
	return b.summary.Lines <= maxLines
}
