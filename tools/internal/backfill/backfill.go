// Package backfill brings channels into the ledger that existed before flexsweep did: it
// walks the chat services and the conversations for those that live on, looks at their
// tasks in TaskRouter, and writes a record for each with an honest time of its last end.
//
// It only ever creates records. A channel of which the ledger has heard, be it while
// backfill is at work, is left to its events. So what is adopted need not be remembered
// elsewhere: a backfill that was interrupted is simply run again, and goes on.
package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// DefaultRate is how many records are made in a second. Sync wants new objects to come at
// less than 20 a second (https://www.twilio.com/docs/api/errors/54009), and the webhook
// makes some, too.
const DefaultRate = 15

// Options say what is looked through.
type Options struct {
	Apply         bool // else nothing is written
	Chat          bool // look through the chat services
	Conversations bool // and through the conversations
	States        []string
	// Since and Until bound the day on which a channel was created, both inclusive; zero
	// for no bound.
	Since, Until time.Time
	// SampleService is the Sync service (IS…) of Twilio's sample, "" for none.
	SampleService, SamplePrefix string
	Limit                       int     // adopt at most so many; 0 for all
	Rate                        float64 // records made in a second
	Tell                        func(Progress)
}

// Progress is how far a backfill has come.
type Progress struct {
	Doing string // what is being read, until the channels are
	Read  int    // of that
	Seen  int    // channels
	Done  int    // of them adopted, or found to be adopted
}

// errEnough ends the walk when the limit is reached.
var errEnough = errors.New("enough")

// run is one backfill at work.
type run struct {
	env     *operate.Environment
	options Options
	now     time.Time
	known   map[string]bool
	sample  map[string]inventory.SampleRecord
	tasks   *inventory.Tasks
	limiter *rate.Limiter
	group   errgroup.Group

	mu      sync.Mutex
	met     map[string]bool
	begun   int
	summary *Summary
}

// Run looks the environment through and, with Apply, adopts what it finds. The summary is
// complete up to the error, if there is one: then a list could not be read to its end.
// That single channels fail is in the summary alone.
func Run(ctx context.Context, env *operate.Environment, o Options) (*Summary, error) {
	ctx, calls := twilio.WithMeter(ctx)
	r := &run{
		env: env, options: o, now: env.Now(), known: map[string]bool{}, met: map[string]bool{},
		limiter: rate.NewLimiter(rate.Limit(o.Rate), max(1, int(o.Rate/10))),
		summary: newSummary(env.Name, o.Apply, env.Now()),
	}
	r.group.SetLimit(env.Config.Concurrency)
	err := r.prepare(ctx)
	if err == nil {
		err = r.walk(ctx)
		_ = r.group.Wait() // every error is in the summary
	}
	if errors.Is(err, errEnough) {
		r.summary.Limited, err = true, nil
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	for sid := range r.sample {
		if !r.met[sid] && !r.known[sid] {
			r.summary.SampleOnly++
		}
	}
	slices.SortFunc(r.summary.Items, func(a, b Item) int {
		return cmp.Or(a.LastEnd.Compare(b.LastEnd), cmp.Compare(a.Channel, b.Channel))
	})
	r.summary.Calls = calls.Calls()
	return r.summary, err
}

// prepare reads what is known: the ledger, the sample's records, the tasks. In this order,
// so that a task that begins meanwhile has its event find the channel unknown or known,
// and either is well.
func (r *run) prepare(ctx context.Context) error {
	err := r.env.Ledger.Walk(ctx, r.now, func(page ledger.Page) error {
		for _, entry := range page.Entries {
			r.known[entry.Record.SID] = true
		}
		r.tell(Progress{Doing: "reading the ledger", Read: len(r.known)})
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the ledger of %s: %w", r.env.Name, err)
	}
	if r.options.SampleService != "" {
		r.sample, r.summary.SampleUnreadable, err = inventory.ReadSample(ctx, r.env.Twilio, r.options.SampleService, r.options.SamplePrefix, func(n int) {
			r.tell(Progress{Doing: "reading the sample's records", Read: n})
		})
		if err != nil {
			return fmt.Errorf("read the sample's records in %s: %w", r.options.SampleService, err)
		}
		r.summary.SampleRecords = len(r.sample)
	}
	r.tasks, err = inventory.ReadTasks(ctx, r.env.Twilio, func(n int) { r.tell(Progress{Doing: "reading the tasks", Read: n}) })
	if err != nil {
		return fmt.Errorf("read the tasks of %s: %w", r.env.Name, err)
	}
	return nil
}

// walk lists the channels and begins with each that is to be adopted.
func (r *run) walk(ctx context.Context) error {
	for _, service := range r.env.Config.ChatServices {
		if r.options.Chat {
			if err := inventory.Chats(ctx, r.env.Twilio, service, r.each(ctx)); err != nil {
				return fmt.Errorf("look through chat service %s: %w", service, err)
			}
		}
		for _, state := range r.options.States {
			if !r.options.Conversations {
				break
			}
			filter := inventory.Filter{State: state, Since: r.options.Since, Until: r.options.Until}
			if err := inventory.Conversations(ctx, r.env.Twilio, service, filter, r.each(ctx)); err != nil {
				return fmt.Errorf("look through the %s conversations of %s: %w", state, service, err)
			}
		}
	}
	return nil
}

// each sorts a page of channels, and has those adopted that are worth it.
func (r *run) each(ctx context.Context) func([]inventory.Channel) error {
	return func(page []inventory.Channel) error {
		for _, ch := range page {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !r.wanted(ch) {
				continue
			}
			if r.options.Limit > 0 && r.begun == r.options.Limit {
				return errEnough
			}
			r.begun++
			r.group.Go(func() error {
				if item := r.adopt(ctx, ch); item.Did != Failed || ctx.Err() == nil {
					r.done(item) // what an interruption made fail is left to the next backfill
				}
				return nil
			})
		}
		return nil
	}
}

// wanted tells whether a channel is to be adopted, and counts why not.
func (r *run) wanted(ch inventory.Channel) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.met[ch.SID] {
		return false // listed twice: as a chat channel and as a conversation, or by a page that moved
	}
	elsewhere := ch.Backend == channel.Chat && !ch.Marked || ch.Backend == channel.Conversations && ch.Marked
	if elsewhere {
		if ch.Backend == channel.Chat {
			r.summary.NotLongLived++
		}
		return false // a private chat channel and a conversation are the same thing: the other list has it
	}
	r.met[ch.SID] = true
	r.summary.Seen[ch.Backend]++
	switch {
	case r.known[ch.SID]:
		r.summary.Known++
	case ch.Life == inventory.Retired:
		r.summary.Retired++
	case ch.Backend == channel.Chat && ch.Life != inventory.LongLived:
		r.summary.NotLongLived++
	case !r.options.Since.IsZero() && ch.Created.Before(r.options.Since), !r.options.Until.IsZero() && !ch.Created.Before(r.options.Until.AddDate(0, 0, 1)):
		r.summary.OutsideDates++
	default:
		return true
	}
	return false
}

func (r *run) done(item Item) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary.add(item)
	r.progress()
}

func (r *run) progress() {
	r.tell(Progress{Seen: len(r.met), Done: len(r.summary.Items)})
}

func (r *run) tell(p Progress) {
	if r.options.Tell != nil {
		r.options.Tell(p)
	}
}
