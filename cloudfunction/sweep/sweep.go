package sweep

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// maxRun is the longest that a run may work, whatever its deadline: shorter than a
// claim's lease by more than one request can take.
const maxRun = channel.Lease - 5*time.Minute

// margin is kept free before the function's deadline, for what is under way to end and
// for the report.
const margin = 20 * time.Second

// Records is what a sweep needs of the ledger.
type Records interface {
	Control(ctx context.Context) (ledger.Control, error)
	Walk(ctx context.Context, now time.Time, visit func(ledger.Page) error) error
	Load(ctx context.Context, channelSID string) (ledger.Entry, error)
	Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error)
}

// Retirer is what a sweep needs to change channels.
type Retirer interface {
	Retire(ctx context.Context, r channel.Record) (channel.Outcome, error)
	Restore(ctx context.Context, r channel.Record) (retire.Restoration, error)
}

var (
	_ Records = (*ledger.Ledger)(nil)
	_ Retirer = (*retire.Retirer)(nil)
	_ History = (*ledger.Ledger)(nil)
)

// History is where runs are remembered for the operators.
type History interface {
	Remember(ctx context.Context, p ledger.Past) error
}

// Config is the policy of a sweep and its limits.
type Config struct {
	Policy channel.Policy
	// MaxRetirements bounds what one run retires or restores.
	MaxRetirements int
	// MaxDueShare refuses a run when a larger share of the records that are not retired is
	// due at once, in a ledger of more than MinRecords such records: a clock or a setting
	// must have gone wrong.
	MaxDueShare float64
	MinRecords  int
	// Concurrency is how many records are worked on at a time.
	Concurrency int
	// TombstoneTTL is how long the record of a retired channel is kept.
	TombstoneTTL time.Duration
	// History remembers every run but dry ones; nil for none.
	History History
}

// Request is what one run is asked to do, the JSON body of the call. The zero value is
// an ordinary run.
type Request struct {
	DryRun bool `json:"dryRun"`
	// Limit lowers MaxRetirements for this run; 0 leaves it.
	Limit int `json:"limit"`
	// IgnoreDueShare lets a run pass that MaxDueShare would refuse.
	IgnoreDueShare bool `json:"ignoreDueShare"`
}

// Sweeper runs sweeps.
type Sweeper struct {
	config  Config
	records Records
	retirer Retirer
	now     func() time.Time
	newRun  func(time.Time) string
}

// New returns a sweeper. newRun names a run; the names of two runs must differ.
func New(c Config, records Records, retirer Retirer, now func() time.Time, newRun func(time.Time) string) *Sweeper {
	return &Sweeper{config: c, records: records, retirer: retirer, now: now, newRun: newRun}
}

// Run walks the ledger once and works on what is due. The report is complete up to the
// error, if there is one: then the ledger could not be read, and nothing is known of the
// rest. That single channels fail is in the report alone.
func (s *Sweeper) Run(ctx context.Context, request Request, log *slog.Logger) (*Report, error) {
	ctx, calls := twilio.WithCounter(ctx)
	now := s.now()
	report := &Report{Run: s.newRun(now), Started: now, DryRun: request.DryRun, Skipped: map[channel.Reason]int{}, Outcome: Completed, Items: []Item{}}
	log = log.With("run", report.Run)
	err := s.run(ctx, request, report, log)
	if err != nil {
		report.Outcome, report.Text = Broken, err.Error()
	}
	report.Ended, report.Calls = s.now(), calls.Load()
	s.remember(ctx, report, log)
	report.Calls = calls.Load()
	report.sort()
	report.log(ctx, log)
	return report, err
}

// remember adds the run to the history. That this fails does not make the run fail: the
// report and the log have it, too.
func (s *Sweeper) remember(ctx context.Context, report *Report, log *slog.Logger) {
	if s.config.History == nil || report.DryRun {
		return
	}
	if err := s.config.History.Remember(ctx, report.past()); err != nil {
		log.Warn("sweep not remembered: " + err.Error())
	}
}

func (s *Sweeper) run(ctx context.Context, request Request, report *Report, log *slog.Logger) error {
	control, err := s.records.Control(ctx)
	if err != nil {
		return fmt.Errorf("tell whether sweeps are paused: %w", err)
	}
	if control.Paused {
		report.Text = pauseText(control)
		if !request.DryRun {
			report.Outcome = Paused
			return nil
		}
	}
	limit := s.config.MaxRetirements
	if request.Limit > 0 {
		limit = min(limit, request.Limit)
	}
	due := newQueue(limit)
	if err := s.walk(ctx, due, report, log); err != nil {
		return err
	}
	if refusal := s.refusal(report); refusal != "" && !request.IgnoreDueShare {
		report.Outcome, report.Text = Refused, refusal
		if !request.DryRun {
			return nil
		}
	}
	report.Deferred = due.dropped
	s.work(ctx, due.sorted(), report, request.DryRun, log)
	return nil
}

// walk reads every record and keeps the most overdue.
func (s *Sweeper) walk(ctx context.Context, due *queue, report *Report, log *slog.Logger) error {
	now := report.Started
	return s.records.Walk(ctx, now, func(page ledger.Page) error {
		for _, faulty := range page.Faulty {
			report.Faulty++
			log.Error("record cannot be read: "+faulty.Err.Error(), "document", faulty.Document)
		}
		for _, entry := range page.Entries {
			decision := channel.Decide(entry.Record, s.config.Policy, now)
			report.count(entry.Record, decision, now)
			if decision.Action != channel.Keep {
				due.add(candidate{entry, decision})
			}
		}
		return nil
	})
}

// refusal says why the run must not go on, or "". Channels that keep failing stay due
// for ever; they are no sign of a wrong clock, and must not stop the others.
func (s *Sweeper) refusal(r *Report) string {
	live := r.Walked - r.Skipped[channel.ReasonRetired] - r.Failing
	due := r.Due - r.Failing
	if live <= s.config.MinRecords || float64(due) <= s.config.MaxDueShare*float64(live) {
		return ""
	}
	return fmt.Sprintf("%d of %d channels are due at once, more than the share of %g that MAX_DUE_SHARE allows: "+
		"check the clock and RETENTION, then sweep once with ignoreDueShare", due, live, s.config.MaxDueShare)
}

// work does what was decided, a few records at a time, until the time is up or an
// operator pauses it.
func (s *Sweeper) work(ctx context.Context, due []candidate, report *Report, dryRun bool, log *slog.Logger) {
	brake := s.newBrake(ctx, report.Started)
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(s.config.Concurrency)
	for _, c := range due {
		group.Go(func() error {
			var item Item
			switch {
			case dryRun:
				item = planned(c)
			case brake.on(ctx):
				item = Item{Channel: c.entry.Record.SID, Did: LeftOver}
			default:
				item = s.process(ctx, report.Run, c, log)
			}
			mu.Lock()
			defer mu.Unlock()
			report.add(item)
			return nil
		})
	}
	_ = group.Wait() // every error is in the report
	if brake.why != "" {
		report.Outcome, report.Text = brake.end, brake.why
	}
}

// stopTime is when no further record is begun.
func (s *Sweeper) stopTime(ctx context.Context, started time.Time) time.Time {
	stop := started.Add(maxRun)
	if deadline, ok := ctx.Deadline(); ok {
		// The deadline is on the real clock, which a fake Twilio's clock need not follow.
		if left := started.Add(time.Until(deadline) - margin); left.Before(stop) {
			return left
		}
	}
	return stop
}
