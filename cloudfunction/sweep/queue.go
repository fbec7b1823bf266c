package sweep

import (
	"cmp"
	"container/heap"
	"slices"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// candidate is a record that a sweep has to act on.
type candidate struct {
	entry    ledger.Entry
	decision channel.Decision
}

// rank is 0 for what must be put back, 1 for what is due, and 2 for what failed before:
// channels that keep failing stay the most overdue, and would take the places of all others.
func (c candidate) rank() int {
	switch {
	case c.decision.Action == channel.Restore:
		return 0
	case c.entry.Record.Failure == nil:
		return 1
	}
	return 2
}

// before orders candidates: by rank, then the most overdue.
func (c candidate) before(o candidate) int {
	return cmp.Or(
		cmp.Compare(c.rank(), o.rank()),
		c.decision.At.Compare(o.decision.At),
		cmp.Compare(c.entry.Record.SID, o.entry.Record.SID),
	)
}

// queue keeps the first candidates, at most limit, each channel once: a walk of a ledger
// that changes may meet a record twice.
type queue struct {
	limit   int
	heap    lastFirst
	held    map[string]bool
	dropped int
}

func newQueue(limit int) *queue { return &queue{limit: limit, held: map[string]bool{}} }

func (q *queue) add(c candidate) {
	if q.held[c.entry.Record.SID] {
		return
	}
	heap.Push(&q.heap, c)
	q.held[c.entry.Record.SID] = true
	if len(q.heap) > q.limit {
		last := heap.Pop(&q.heap).(candidate)
		delete(q.held, last.entry.Record.SID)
		q.dropped++
	}
}

func (q *queue) sorted() []candidate {
	return slices.SortedFunc(slices.Values(q.heap), candidate.before)
}

// lastFirst is a heap with the candidate to drop first at its top.
type lastFirst []candidate

func (h lastFirst) Len() int           { return len(h) }
func (h lastFirst) Less(i, j int) bool { return h[i].before(h[j]) > 0 }
func (h lastFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lastFirst) Push(x any)        { *h = append(*h, x.(candidate)) }
func (h *lastFirst) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
