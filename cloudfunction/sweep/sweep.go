package sweep

import (
	"context"
	"log/slog"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// maxRun is the longest that a run may work, whatever its deadline: shorter than a
// claim's lease by more than one request can take.
const maxRun = channel.Lease - 5*time.Minute

// margin is kept free before the function's deadline, for what is under way to end and
// for the report.
const margin = 20 * time.Second

// Config is the policy of a sweep and its limits.
type Config struct {
	Policy channel.Policy
	// MaxRetirements bounds what one run retires or restores.
	MaxRetirements int
	// MaxUnexplained is how many channels a pass may find due that the pass before it should
	// have met, before it retires no more.
	MaxUnexplained int
	// Concurrency is how many records are worked on at a time.
	Concurrency int
	// TombstoneTTL is how long the record of a retired channel is kept.
	TombstoneTTL time.Duration
	// TaskLookupAfter is how long a task may be open before TaskRouter is asked for it, and
	// TaskLookups how often one run asks.
	TaskLookupAfter time.Duration
	TaskLookups     int
	// OpenTaskCheck asks TaskRouter for open tasks before anything final is done.
	OpenTaskCheck bool
}

// Request is what one run is asked to do, the JSON body of the call. The zero value is
// a run that begins a pass if none is under way.
type Request struct {
	// Tick is what the Scheduler says: begin a pass only if the last one is old enough.
	Tick   bool `json:"tick"`
	DryRun bool `json:"dryRun"`
	// Limit lowers MaxRetirements for this run; 0 leaves it.
	Limit int `json:"limit"`
}

// Ports are what a sweep reaches the world through.
type Ports struct {
	Records Records
	Memory  Memory
	Retirer Retirer
	Tasks   Tasks
	Now     func() time.Time
	NewRun  func(time.Time) string // names a run; the names of two runs must differ
}

// Sweeper runs sweeps.
type Sweeper struct {
	config Config
	Ports
}

// New returns a sweeper.
func New(c Config, p Ports) *Sweeper { return &Sweeper{config: c, Ports: p} }

// Run goes on with the pass over the ledger that is under way, or begins one, and works on
// what is due, until the ledger ends or the time is up. The report is complete up to the
// error, if there is one: then the ledger could not be read, and nothing is known of the
// rest. That single channels fail is in the report alone.
func (s *Sweeper) Run(ctx context.Context, request Request, log *slog.Logger) (*Report, error) {
	ctx, meter := twilio.WithMeter(ctx)
	r := s.newRun(ctx, request, log)
	err := r.do(ctx, meter)
	if err != nil {
		r.report.Outcome, r.report.Text = Broken, err.Error()
	}
	r.report.Ended, r.report.Calls = s.Now(), meter.Calls()
	r.remember(ctx)
	r.report.Calls = meter.Calls()
	r.report.finish()
	r.report.log(ctx, r.log)
	return r.report, err
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
