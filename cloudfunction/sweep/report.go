package sweep

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// Outcome is how a whole run ended.
type Outcome string

const (
	Completed Outcome = "completed" // what the run met was worked on, or put off by its limit
	Idle      Outcome = "idle"      // the last pass is young: there was nothing to do
	Stopped   Outcome = "stopped"   // the time was up; the next run goes on
	Paused    Outcome = "paused"    // an operator has paused the sweeps
	Refused   Outcome = "refused"   // what is due cannot be explained, so nothing was retired
	Broken    Outcome = "broken"    // the ledger could not be read
)

// maxItems bounds the items of a report: those that an operator looks at first are kept.
const maxItems = 1000

// Report is what one run saw and did, and its answer as JSON.
type Report struct {
	Run           string                 `json:"run"`
	Started       time.Time              `json:"started"`
	Ended         time.Time              `json:"ended"`
	DryRun        bool                   `json:"dryRun"`
	Outcome       Outcome                `json:"outcome"`
	Text          string                 `json:"text,omitempty"` // why, if it did not complete
	Pass          PassReport             `json:"pass"`
	Walked        int                    `json:"walked"`
	Due           int                    `json:"due"`
	Deferred      int                    `json:"deferred"`    // due, but over the run's limit
	Refused       int                    `json:"refused"`     // due, but not retired since the run refused to
	Unexplained   int                    `json:"unexplained"` // due, and the last pass should have met them
	Failing       int                    `json:"failing"`     // due, and failed in the sweep before
	Retired       int                    `json:"retired"`
	Already       int                    `json:"already"`
	Gone          int                    `json:"gone"`
	Restored      int                    `json:"restored"`
	Irrecoverable int                    `json:"irrecoverable"`
	Busy          int                    `json:"busy"`
	Conflicts     int                    `json:"conflicts"`
	Failed        int                    `json:"failed"`
	KeepsFailing  int                    `json:"keepsFailing"` // failed in three runs in a row or more
	LeftOver      int                    `json:"leftOver"`
	Faulty        int                    `json:"faulty"`  // documents that are no records
	Skipped       map[channel.Reason]int `json:"skipped"` // records to keep, by the reason
	Calls         int64                  `json:"calls"`   // requests to Twilio
	LookUps       LookUps                `json:"lookUps"`
	Lateness      Lateness               `json:"lateness"`
	// OldestOverdueSeconds is how long the most overdue channel has been due that has not failed.
	OldestOverdueSeconds int64 `json:"oldestOverdueSeconds"`
	// OldestOpenTaskSeconds is how long the oldest open task that the run met has been known.
	OldestOpenTaskSeconds int64 `json:"oldestOpenTaskSeconds"`
	// Items are what was acted on, at most a thousand: failures first.
	Items []Item `json:"items"`
}

// LookUps counts the tasks that TaskRouter was asked for.
type LookUps struct {
	Asked   int `json:"asked"`
	Ended   int `json:"ended"`
	Open    int `json:"open"`
	Unknown int `json:"unknown"` // of those that ended: TaskRouter does not know them any more
	Failed  int `json:"failed"`
}

// PassReport says how far the pass over the ledger has come.
type PassReport struct {
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it is under way
	Pages   int       `json:"pages"`
	Of      int       `json:"of,omitempty"` // pages of the pass before it
	Records int       `json:"records"`
	// CompleteAgeSeconds is how long ago the last pass began that left nothing due undone.
	CompleteAgeSeconds int64 `json:"completeAgeSeconds,omitempty"`
}

// Lateness is how long after they were due channels were retired, in seconds.
type Lateness struct {
	P50 int64 `json:"p50"`
	P95 int64 `json:"p95"`
	Max int64 `json:"max"`

	seconds []int64
}

func newReport(name string, now time.Time, dryRun bool) *Report {
	return &Report{Run: name, Started: now, DryRun: dryRun, Outcome: Completed, Skipped: map[channel.Reason]int{}, Items: []Item{}}
}

// count takes a stretch of the ledger into account.
func (r *Report) count(s stretch, now time.Time) {
	r.Walked += s.live + s.tombstones
	r.Faulty += len(s.faulty)
	for reason, n := range s.kept {
		r.Skipped[reason] += n
	}
	for _, c := range s.due() {
		r.Due++
		if c.failing() {
			r.Failing++
			continue
		}
		r.OldestOverdueSeconds = max(r.OldestOverdueSeconds, int64(now.Sub(c.decision.At).Seconds()))
	}
	if !s.oldestOpen.IsZero() {
		r.OldestOpenTaskSeconds = max(r.OldestOpenTaskSeconds, int64(now.Sub(s.oldestOpen).Seconds()))
	}
}

// pass takes over how far the pass has come.
func (r *Report) pass(p ledger.Pass, h ledger.History) {
	r.Pass = PassReport{Started: p.Started, Ended: p.Ended, Pages: p.Pages, Records: p.Live + p.Tombstones}
	if last := h.Pass; last != nil && !last.Ended.IsZero() {
		r.Pass.Of = last.Pages
	} else if h.Complete != nil {
		r.Pass.Of = h.Complete.Pages
	}
	if h.Complete != nil {
		r.Pass.CompleteAgeSeconds = int64(r.Started.Sub(h.Complete.Started).Seconds())
	}
}

// late counts one channel that was retired so long after it was due.
func (r *Report) late(d time.Duration) {
	r.Lateness.seconds = append(r.Lateness.seconds, int64(d.Seconds()))
}

func (r *Report) add(i Item) {
	r.Items = append(r.Items, i)
	if len(r.Items) >= 2*maxItems {
		r.shorten()
	}
	switch i.Did {
	case RetiredNow:
		r.Retired++
	case WasAlready:
		r.Already++
	case WasGone:
		r.Gone++
	case Restored:
		r.Restored++
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

// shorten keeps the items that an operator looks at first.
func (r *Report) shorten() {
	weight := func(i Item) int {
		switch i.Did {
		case Irrecoverable:
			return 0
		case FailedNow:
			return 1
		case Restored:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(r.Items, func(a, b Item) int { return cmp.Compare(weight(a), weight(b)) })
	r.Items = r.Items[:min(len(r.Items), maxItems)]
}

// finish puts the report in order.
func (r *Report) finish() {
	r.shorten()
	slices.SortStableFunc(r.Items, func(a, b Item) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Channel, b.Channel))
	})
	if s := r.Lateness.seconds; len(s) > 0 {
		slices.Sort(s)
		r.Lateness.P50, r.Lateness.P95, r.Lateness.Max = s[len(s)/2], s[len(s)*95/100], s[len(s)-1]
	}
}

// summary is the report in short, for the history.
func (r *Report) summary() ledger.Summary {
	return ledger.Summary{
		Run: r.Run, Started: r.Started, Seconds: r.Ended.Sub(r.Started).Seconds(), Outcome: string(r.Outcome), DryRun: r.DryRun,
		Walked: r.Walked, Due: r.Due, Retired: r.Retired + r.Already + r.Gone, Restored: r.Restored,
		Failed: r.Failed, Irrecoverable: r.Irrecoverable, Calls: r.Calls,
	}
}

func (r *Report) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	switch {
	case r.Outcome == Broken || r.Outcome == Refused || r.Failed+r.Irrecoverable+r.Faulty > 0:
		level = slog.LevelError
	case r.Outcome == Paused || r.Outcome == Stopped:
		level = slog.LevelWarn
	}
	skipped := []any{}
	for _, reason := range channel.KeepReasons() {
		skipped = append(skipped, string(reason), r.Skipped[reason])
	}
	log.Log(ctx, level, "sweep",
		"dry_run", r.DryRun, "outcome", string(r.Outcome), "detail", r.Text,
		"walked", r.Walked, "due", r.Due, "deferred", r.Deferred, "refused", r.Refused, "unexplained", r.Unexplained, "failing", r.Failing,
		"retired", r.Retired, "already", r.Already, "gone", r.Gone, "restored", r.Restored, "irrecoverable", r.Irrecoverable,
		"busy", r.Busy, "conflicts", r.Conflicts, "failed", r.Failed, "keeps_failing", r.KeepsFailing, "left_over", r.LeftOver,
		"faulty", r.Faulty, "calls", r.Calls, "oldest_overdue_seconds", r.OldestOverdueSeconds, "oldest_open_task_seconds", r.OldestOpenTaskSeconds,
		"seconds", r.Ended.Sub(r.Started).Seconds(), slog.Group("skipped", skipped...),
		slog.Group("lateness", "p50", r.Lateness.P50, "p95", r.Lateness.P95, "max", r.Lateness.Max),
		slog.Group("look_ups", "asked", r.LookUps.Asked, "ended", r.LookUps.Ended, "unknown", r.LookUps.Unknown, "failed", r.LookUps.Failed),
		slog.Group("pass", "pages", r.Pass.Pages, "of", r.Pass.Of, "records", r.Pass.Records, "ended", !r.Pass.Ended.IsZero(), "complete_age_seconds", r.Pass.CompleteAgeSeconds))
}
