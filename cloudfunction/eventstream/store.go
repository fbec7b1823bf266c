package eventstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

const (
	// cached is how many records an instance remembers, at about a kilobyte each.
	cached = 10_000
	// cacheAge is how long it does. A document may go and another of its name come, whose
	// revisions begin anew; the shortest life of a document is a day.
	cacheAge = time.Hour
	// parallel is how many channels of one delivery are written at a time.
	parallel = 16
	// tries bounds the saves of one record that meet another revision each time.
	tries = 10
)

// Records is what the webhook needs of the ledger.
type Records interface {
	Load(ctx context.Context, channelSID string) (ledger.Entry, error)
	Create(ctx context.Context, r channel.Record) (ledger.Entry, error)
	Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error)
}

var _ Records = (*ledger.Ledger)(nil)

// store applies events to records. It remembers the revisions that it wrote, which
// spares the load: a remembered one that is stale costs a refused save and a load, never
// an event.
type store struct {
	records Records
	cache   *lru.Cache[string, memory]
}

// memory is a record as it was at a time.
type memory struct {
	entry ledger.Entry
	at    time.Time
}

func newStore(records Records) *store {
	cache, err := lru.New[string, memory](cached)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &store{records: records, cache: cache}
}

func (s *store) recall(sid string, now time.Time) (ledger.Entry, bool) {
	m, known := s.cache.Get(sid)
	if !known || now.Sub(m.at) >= cacheAge {
		return ledger.Entry{}, false
	}
	return m.entry, true
}

// apply applies the events that the batch holds, and empties it. A channel that fails never
// keeps the others from being stored.
func (s *store) apply(ctx context.Context, b *batch, now time.Time) {
	var mu sync.Mutex
	one := func(sid string, events []channel.Event) {
		done, err := s.applyTo(ctx, sid, events, now)
		mu.Lock()
		defer mu.Unlock()
		b.applied(sid, events, done, err)
	}
	if len(b.channels) == 1 { // as nearly always: a goroutine costs more than the rest
		for sid, events := range b.channels {
			one(sid, events)
		}
	} else {
		var group errgroup.Group
		group.SetLimit(parallel)
		for sid, events := range b.channels {
			group.Go(func() error { one(sid, events); return nil })
		}
		_ = group.Wait() // every error is in the summary
	}
	clear(b.channels)
	b.held = 0
}

// result is what came of the events of one channel.
type result struct {
	changed   int             // events that were news
	stale     []channel.Event // that were too old to be
	conflicts int
}

// applyTo applies the events of one channel with one load and one save, or one save if
// the revision is remembered, or nothing if they are no news.
func (s *store) applyTo(ctx context.Context, sid string, events []channel.Event, now time.Time) (done result, err error) {
	entry, known := s.recall(sid, now)
	for range tries {
		if !known {
			if entry, err = s.records.Load(ctx, sid); err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return done, err
			}
		}
		fresh, stale := current(entry, events, now)
		next, changed := channel.ApplyAll(entry.Record, fresh)
		done.changed, done.stale = changed, stale
		revived := revives(entry, next)
		if changed == 0 && !revived || len(fresh) == 0 {
			if entry.Revision != "" {
				s.cache.Add(sid, memory{entry, now})
			}
			return done, nil
		}
		saved, err := s.save(ctx, entry, channel.Trim(next, now), revived)
		if err == nil {
			s.cache.Add(sid, memory{saved, now})
			return done, nil
		}
		s.cache.Remove(sid)
		if !errors.Is(err, ledger.ErrConflict) {
			return done, err
		}
		done.conflicts++
		entry, known = ledger.Entry{}, false
	}
	return done, fmt.Errorf("save record of %s: %w in each of %d tries", sid, ledger.ErrConflict, tries)
}

// revives reports whether the document must lose its time to live: a tombstone becomes a
// record again, or it was meant to, and Twilio's answer said that it still expires.
func revives(entry ledger.Entry, next channel.Record) bool {
	return next.Status != channel.Retired && (entry.Record.Status == channel.Retired || !entry.Expires.IsZero())
}

func (s *store) save(ctx context.Context, entry ledger.Entry, next channel.Record, revived bool) (ledger.Entry, error) {
	if entry.Revision == "" {
		return s.records.Create(ctx, next)
	}
	ttl := ledger.KeepTTL
	if revived {
		ttl = ledger.NoTTL
	}
	entry.Record = next
	return s.records.Save(ctx, entry, ttl)
}
