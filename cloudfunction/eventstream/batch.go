package eventstream

import (
	"log/slog"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// batch is one delivery, its events grouped by channel in the order of their arrival.
type batch struct {
	decoded  []decoded
	channels map[string][]channel.Event
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
}

func newBatch(events []decoded) *batch {
	b := &batch{decoded: events, channels: map[string][]channel.Event{}}
	b.summary.Received = len(events)
	for _, d := range events {
		switch d.verdict {
		case apply:
			b.channels[d.event.ChannelSID] = append(b.channels[d.event.ChannelSID], d.event)
		case quarantine:
			b.summary.Quarantined++
		default:
			b.summary.Ignored++
		}
	}
	return b
}

// logEvents logs what must be findable later by its id: quarantined and test events.
func (b *batch) logEvents(log *slog.Logger) {
	for _, d := range b.decoded {
		switch d.verdict {
		case quarantine:
			log.Error("event quarantined: "+d.reason, "event", d.id, "type", d.kind)
		case test:
			log.Info("test event received", "event", d.id, "test_id", d.testID)
		}
	}
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
		slog.Int("conflicts", s.Conflicts), slog.Int64("calls", s.Calls),
	}
}
