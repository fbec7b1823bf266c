package eventstream

import "log/slog"

// Summary counts one delivery. Its log line is what metrics are made from. An event that is
// booked on several channels counts for each of them as applied, unchanged, stale or failed.
type Summary struct {
	Received       int   // events in the delivery
	Applied        int   // that changed a record
	Unchanged      int   // that the record knew already: duplicates and late ones
	Ignored        int   // not about a task on a channel
	Quarantined    int   // not understood
	Foreign        int   // of another account or workspace: without effect
	Stale          int   // too old to begin anything: without effect
	Contradictions int   // that are booked on several channels, since it is not clear which is meant
	Failed         int   // not stored: the delivery will come again
	Conflicts      int   // saves that met another revision, and were done again
	Calls          int64 // requests to Twilio
	Lines          int   // about single events, of which the first are logged
}

func (s Summary) severity() slog.Level {
	switch {
	case s.Failed > 0:
		return slog.LevelError
	case s.Quarantined > 0:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (s Summary) attrs() []slog.Attr {
	return []slog.Attr{
		slog.Int("received", s.Received), slog.Int("applied", s.Applied), slog.Int("unchanged", s.Unchanged),
		slog.Int("ignored", s.Ignored), slog.Int("quarantined", s.Quarantined), slog.Int("foreign", s.Foreign),
		slog.Int("stale", s.Stale), slog.Int("contradictions", s.Contradictions), slog.Int("failed", s.Failed),
		slog.Int("conflicts", s.Conflicts), slog.Int64("calls", s.Calls), slog.Int("unlogged", max(0, s.Lines-maxLines)),
	}
}
