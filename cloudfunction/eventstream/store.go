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
	cache   *lru.Cache[string, ledger.Entry]
}

func newStore(records Records) *store {
	cache, err := lru.New[string, ledger.Entry](cached)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &store{records: records, cache: cache}
}

// apply applies the events that the batch holds, and empties it. A channel that fails never
// keeps the others from being stored.
func (s *store) apply(ctx context.Context, b *batch, now time.Time) {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(parallel)
	for sid, events := range b.channels {
		group.Go(func() error {
			changed, conflicts, err := s.applyTo(ctx, sid, events, now)
			mu.Lock()
			defer mu.Unlock()
			b.summary.Conflicts += conflicts
			if err != nil {
				b.summary.Failed += len(events)
				if b.mayLog() {
					b.log.Error("events not stored: "+err.Error(), "channel", sid, "event", events[0].ID, "task", events[0].TaskSID)
				}
				return nil
			}
			b.summary.Applied += changed
			b.summary.Unchanged += len(events) - changed
			return nil
		})
	}
	_ = group.Wait() // every error is in the summary
	clear(b.channels)
	b.held = 0
}

// applyTo applies the events of one channel with one load and one save, or one save if
// the revision is remembered, or nothing if they are no news.
func (s *store) applyTo(ctx context.Context, sid string, events []channel.Event, now time.Time) (changed, conflicts int, err error) {
	entry, known := s.cache.Get(sid)
	for range tries {
		if !known {
			if entry, err = s.records.Load(ctx, sid); err != nil && !errors.Is(err, ledger.ErrNotFound) {
				return 0, conflicts, err
			}
		}
		next, changed := channel.ApplyAll(entry.Record, events)
		if changed == 0 {
			s.cache.Add(sid, entry)
			return 0, conflicts, nil
		}
		saved, err := s.save(ctx, entry, channel.Trim(next, now))
		if err == nil {
			s.cache.Add(sid, saved)
			return changed, conflicts, nil
		}
		s.cache.Remove(sid)
		if !errors.Is(err, ledger.ErrConflict) {
			return 0, conflicts, err
		}
		conflicts++
		entry, known = ledger.Entry{}, false
	}
	return 0, conflicts, fmt.Errorf("save record of %s: %w in each of %d tries", sid, ledger.ErrConflict, tries)
}

func (s *store) save(ctx context.Context, entry ledger.Entry, next channel.Record) (ledger.Entry, error) {
	if entry.Revision == "" {
		return s.records.Create(ctx, next)
	}
	ttl := ledger.KeepTTL
	if entry.Record.Status == channel.Retired && next.Status != channel.Retired {
		ttl = ledger.NoTTL // the tombstone is a record again
	}
	return s.records.Save(ctx, ledger.Entry{Record: next, Document: entry.Document, Revision: entry.Revision}, ttl)
}
