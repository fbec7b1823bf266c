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
}

// Summary counts one delivery. Its log line is what metrics are made from.
type Summary struct {
	Received    int   // events in the delivery
	Applied     int   // that changed a record
	Unchanged   int   // that the record knew already: duplicates and late ones
	Ignored     int   // not about a task on a channel
	Quarantined int   // not understood
	Failed      int   // not stored: the delivery will come again
	Conflicts   int   // saves that met another revision, and were done again
	Calls       int64 // requests to Twilio
	Lines       int   // about single events, of which the first are logged
}

func newBatch(log *slog.Logger) *batch {
	return &batch{log: log, channels: map[string][]channel.Event{}}
}

// add takes an event in. What must be findable later by its id is logged: quarantined and
// test events.
func (b *batch) add(d decoded) {
	b.summary.Received++
	switch d.verdict {
	case apply:
		b.channels[d.event.ChannelSID] = append(b.channels[d.event.ChannelSID], d.event)
		b.held++
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

// mayLog counts a line about a single event, and tells whether it may be logged.
func (b *batch) mayLog() bool {
	b.summary.Lines++
	return b.summary.Lines <= maxLines
}

func (b *batch) severity() slog.Level {
	switch {
	case b.summary.Failed > 0:
		return slog.LevelError
	case b.summary.Quarantined > 0:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (s Summary) attrs() []slog.Attr {
	return []slog.Attr{
		slog.Int("received", s.Received), slog.Int("applied", s.Applied), slog.Int("unchanged", s.Unchanged),
		slog.Int("ignored", s.Ignored), slog.Int("quarantined", s.Quarantined), slog.Int("failed", s.Failed),
		slog.Int("conflicts", s.Conflicts), slog.Int64("calls", s.Calls), slog.Int("unlogged", max(0, s.Lines-maxLines)),
	}
}
