package sweep

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
)

// Outcome is how a whole run ended.
type Outcome string

const (
	Completed Outcome = "completed" // every due record was worked on, or put off by the limit
	Stopped   Outcome = "stopped"   // the time was up; the next run goes on
	Paused    Outcome = "paused"    // an operator has paused the sweeps
	Refused   Outcome = "refused"   // an implausible share was due
	Broken    Outcome = "broken"    // the ledger could not be read
)

// Did is what a run did about one record.
type Did string

const (
	RetiredNow    Did = "retired"
	WasAlready    Did = "already"       // it was retired before; only the record was settled
	WasGone       Did = "gone"          // Twilio does not know it any more
	Undone        Did = "undone"        // it was retired and is put back
	Cleared       Did = "cleared"       // it had not been touched; only the record was put right
	Irrecoverable Did = "irrecoverable" // a task is open, but the channel is closed or gone for good
	Busy          Did = "busy"          // a message came in just now
	Conflict      Did = "conflict"      // something happened to it since it was walked
	FailedNow     Did = "failed"
	LeftOver      Did = "left-over" // the run was stopped or paused before it
	WouldRetire   Did = "would-retire"
	WouldRestore  Did = "would-restore"
)

// Report is what one run saw and did, and its answer as JSON.
type Report struct {
	Run           string                 `json:"run"`
	Started       time.Time              `json:"started"`
	Ended         time.Time              `json:"ended"`
	DryRun        bool                   `json:"dryRun"`
	Outcome       Outcome                `json:"outcome"`
	Text          string                 `json:"text,omitempty"` // why, if it did not complete
	Walked        int                    `json:"walked"`
	Due           int                    `json:"due"`
	Deferred      int                    `json:"deferred"` // due, but over the run's limit
	Failing       int                    `json:"failing"`  // due, and failed in the sweep before
	Retired       int                    `json:"retired"`
	Already       int                    `json:"already"`
	Gone          int                    `json:"gone"`
	Undone        int                    `json:"undone"`
	Irrecoverable int                    `json:"irrecoverable"`
	Busy          int                    `json:"busy"`
	Conflicts     int                    `json:"conflicts"`
	Failed        int                    `json:"failed"`
	KeepsFailing  int                    `json:"keepsFailing"` // failed in three runs in a row or more
	LeftOver      int                    `json:"leftOver"`
	Faulty        int                    `json:"faulty"`  // documents that are no records
	Skipped       map[channel.Reason]int `json:"skipped"` // records to keep, by the reason
	Calls         int64                  `json:"calls"`   // requests to Twilio
	// OldestOverdueSeconds is how long the most overdue channel has been due.
	OldestOverdueSeconds int64  `json:"oldestOverdueSeconds"`
	Items                []Item `json:"items"` // what was acted on, at most the run's limit
}

// Item is what a run did about one record.
type Item struct {
	Channel  string         `json:"channel"`
	Did      Did            `json:"did"`
	Reason   channel.Reason `json:"reason,omitempty"`
	Since    time.Time      `json:"since,omitzero"` // due since, or kept until
	Text     string         `json:"text,omitempty"`
	Failures int            `json:"failures,omitempty"` // in a row
}

// keepsFailing is from how many failures in a row on a channel is said to keep failing.
const keepsFailing = 3

func planned(c candidate) Item {
	item := Item{Channel: c.entry.Record.SID, Did: WouldRetire, Reason: c.decision.Reason, Since: c.decision.At, Text: c.decision.Text}
	if c.decision.Action == channel.Restore {
		item.Did = WouldRestore
	}
	return item
}

func (i *Item) fail(err error) { i.Did, i.Text = FailedNow, err.Error() }

func (i *Item) retired(r *channel.Retirement) {
	switch {
	case r.Late:
		i.Did = Irrecoverable
	case r.Result == channel.Already:
		i.Did = WasAlready
	case r.Result == channel.Gone:
		i.Did = WasGone
	default:
		i.Did = RetiredNow
	}
}

// restored notes what came of putting the channel back.
func (i *Item) restored(r retire.Restoration) {
	switch r {
	case retire.NotNeeded:
		i.Did = Cleared
	case retire.HalfDone:
		i.Did = Irrecoverable
	default:
		i.Did = Undone
	}
}

func (i *Item) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	if i.Did == FailedNow || i.Did == Irrecoverable {
		level = slog.LevelError
	}
	log.Log(ctx, level, "channel "+string(i.Did), "channel", i.Channel, "did", string(i.Did), "reason", string(i.Reason), "detail", i.Text, "failures", i.Failures)
}

// count takes one walked record into account.
func (r *Report) count(record channel.Record, d channel.Decision, now time.Time) {
	r.Walked++
	switch d.Action {
	case channel.Keep:
		r.Skipped[d.Reason]++
	case channel.Retire:
		r.Due++
		if record.Failure != nil {
			r.Failing++
		}
		r.OldestOverdueSeconds = max(r.OldestOverdueSeconds, int64(now.Sub(d.At).Seconds()))
	}
}

func (r *Report) add(i Item) {
	r.Items = append(r.Items, i)
	switch i.Did {
	case RetiredNow:
		r.Retired++
	case WasAlready:
		r.Already++
	case WasGone:
		r.Gone++
	case Undone:
		r.Undone++
	case Irrecoverable:
		r.Irrecoverable++
	case Busy:
		r.Busy++
	case Conflict:
		r.Conflicts++
	case FailedNow:
		r.Failed++
		if i.Failures >= keepsFailing {
			r.KeepsFailing++
		}
	case LeftOver:
		r.LeftOver++
	}
}

// past is the report in short, for the history.
func (r *Report) past() ledger.Past {
	return ledger.Past{
		Run: r.Run, Started: r.Started, Seconds: r.Ended.Sub(r.Started).Seconds(), Outcome: string(r.Outcome),
		Walked: r.Walked, Due: r.Due, Retired: r.Retired + r.Already + r.Gone, Undone: r.Undone,
		Failed: r.Failed, Irrecoverable: r.Irrecoverable, Calls: r.Calls,
	}
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Items, func(a, b Item) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
	})
}

func (r *Report) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	switch {
	case r.Outcome == Broken || r.Outcome == Refused || r.Failed+r.Irrecoverable+r.Faulty > 0:
		level = slog.LevelError
	case r.Outcome != Completed:
		level = slog.LevelWarn
	}
	attrs := []any{
		"dry_run", r.DryRun, "outcome", string(r.Outcome), "detail", r.Text,
		"walked", r.Walked, "due", r.Due, "deferred", r.Deferred, "failing", r.Failing, "retired", r.Retired, "already", r.Already, "gone", r.Gone,
		"undone", r.Undone, "irrecoverable", r.Irrecoverable, "busy", r.Busy, "conflicts", r.Conflicts, "failed", r.Failed,
		"keeps_failing", r.KeepsFailing, "left_over", r.LeftOver, "faulty", r.Faulty, "calls", r.Calls,
		"oldest_overdue_seconds", r.OldestOverdueSeconds, "seconds", r.Ended.Sub(r.Started).Seconds(),
	}
	skipped := []any{}
	for _, reason := range []channel.Reason{channel.ReasonOpenTask, channel.ReasonRetention, channel.ReasonHold, channel.ReasonClaimed, channel.ReasonRetired, channel.ReasonNoTask} {
		skipped = append(skipped, string(reason), r.Skipped[reason])
	}
	log.Log(ctx, level, "sweep", append(attrs, slog.Group("skipped", skipped...))...)
}
