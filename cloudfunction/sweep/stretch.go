package sweep

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// stretchPages is how many pages are read before what is due in them is worked on, the most
// overdue first.
const stretchPages = 10

// stretch is a part of the ledger.
type stretch struct {
	before, after ledger.Place
	pages         int
	live          int
	tombstones    int
	oldestOpen    time.Time
	candidates    []candidate
	lookUps       []lookUp
	faulty        []ledger.Faulty
	kept          map[channel.Reason]int
	err           error
}

// candidate is a record that a sweep has to act on.
type candidate struct {
	entry    ledger.Entry
	decision channel.Decision
}

// rank orders what is to be done: what must be put back, then what is due, then what failed
// before, in the same order. Channels that keep failing stay the most overdue, and would
// take the places of all others.
func (c candidate) rank() int {
	rank := 0
	if c.decision.Action == channel.Retire {
		rank = 1
	}
	if c.failing() {
		rank += 2
	}
	return rank
}

func (c candidate) failing() bool { return c.entry.Record.Failure != nil }

// compare orders candidates: by rank, then the most overdue.
func (c candidate) compare(o candidate) int {
	return cmp.Or(
		cmp.Compare(c.rank(), o.rank()),
		c.decision.At.Compare(o.decision.At),
		cmp.Compare(c.entry.Record.SID, o.entry.Record.SID),
	)
}

// due returns the candidates that are to be retired.
func (s stretch) due() []candidate {
	return slices.DeleteFunc(slices.Clone(s.candidates), func(c candidate) bool { return c.decision.Action != channel.Retire })
}

// read reads the ledger from a place on, one stretch ahead of whoever takes them. It ends
// behind the last one, with the first error, or with the context.
func (r *run) read(ctx context.Context, from ledger.Place) <-chan stretch {
	stretches := make(chan stretch)
	go func() {
		defer close(stretches)
		for {
			s := r.readStretch(ctx, from)
			select {
			case stretches <- s:
			case <-ctx.Done():
				return
			}
			if s.err != nil || s.after == "" {
				return
			}
			from = s.after
		}
	}()
	return stretches
}

func (r *run) readStretch(ctx context.Context, from ledger.Place) stretch {
	s := stretch{before: from, after: from, kept: map[channel.Reason]int{}}
	seen := map[string]bool{}
	now := r.Now()
	for s.pages < stretchPages {
		page, err := r.Records.ReadPage(ctx, s.after, now)
		if err != nil {
			s.err = err
			return s
		}
		s.pages, s.after = s.pages+1, page.Next
		s.faulty = append(s.faulty, page.Faulty...)
		for _, entry := range page.Entries {
			if !seen[entry.Record.SID] { // a ledger that changes may show a record twice
				seen[entry.Record.SID] = true
				s.add(entry, r.config, now)
			}
		}
		if s.after == "" {
			break
		}
	}
	slices.SortFunc(s.candidates, candidate.compare)
	return s
}

func (s *stretch) add(entry ledger.Entry, c Config, now time.Time) {
	record := entry.Record
	decision := channel.Decide(record, c.Policy, now)
	if decision.Action == channel.Keep {
		s.kept[decision.Reason]++
	} else {
		s.candidates = append(s.candidates, candidate{entry, decision})
	}
	if record.Status == channel.Retired {
		s.tombstones++
		return
	}
	s.live++
	if since, open := record.OldestOpen(); open && (s.oldestOpen.IsZero() || since.Before(s.oldestOpen)) {
		s.oldestOpen = since
	}
	if decision.Action == channel.Keep && decision.Reason == channel.ReasonOpenTask {
		for _, task := range record.ToLookUp(c.TaskLookupAfter, now) {
			s.lookUps = append(s.lookUps, lookUp{entry, task})
		}
	}
}
