package faketwilio

import "sort"

// collection keeps values in the order in which they were added, each under a sequence number that is never used again. A page
// costs the page's length and a binary search, whatever the collection's size, and stays right while values come and go.
type collection[T any] struct {
	entries []entry[T]
	last    uint64
	dead    int
}

type entry[T any] struct {
	seq   uint64
	value T
	live  bool
}

// add appends a value and returns its sequence number.
func (c *collection[T]) add(value T) uint64 {
	c.last++
	c.entries = append(c.entries, entry[T]{seq: c.last, value: value, live: true})
	return c.last
}

// remove forgets the value with that sequence number.
func (c *collection[T]) remove(seq uint64) {
	i := c.search(seq)
	if i == len(c.entries) || c.entries[i].seq != seq || !c.entries[i].live {
		return
	}
	c.entries[i] = entry[T]{seq: seq}
	c.dead++
	// Sweeping the dead away only when they are the majority keeps removal cheap on average.
	if c.dead > 32 && c.dead > len(c.entries)/2 {
		c.compact()
	}
}

func (c *collection[T]) compact() {
	kept := make([]entry[T], 0, len(c.entries)-c.dead)
	for _, e := range c.entries {
		if e.live {
			kept = append(kept, e)
		}
	}
	c.entries, c.dead = kept, 0
}

// len returns the number of values.
func (c *collection[T]) len() int { return len(c.entries) - c.dead }

// search returns the index of the first entry with a sequence number of seq or more.
func (c *collection[T]) search(seq uint64) int {
	return sort.Search(len(c.entries), func(i int) bool { return c.entries[i].seq >= seq })
}

// all calls f with each value, oldest first, until f returns false.
func (c *collection[T]) all(f func(T) bool) {
	for _, e := range c.entries {
		if e.live && !f(e.value) {
			return
		}
	}
}

// found is one value of a page, with its place.
type found[T any] struct {
	seq   uint64
	value T
}

// take returns up to n values that keep accepts, next to the place from: after it (newer) or, if backwards, before it. from 0
// means the very beginning, or the very end if backwards.
func (c *collection[T]) take(from uint64, backwards bool, n int, keep func(T) bool) []found[T] {
	step, i := 1, 0
	switch {
	case backwards && from == 0:
		step, i = -1, len(c.entries)-1
	case backwards:
		step, i = -1, c.search(from)-1
	case from > 0:
		i = c.search(from + 1)
	}
	var page []found[T]
	for ; i >= 0 && i < len(c.entries) && len(page) < n; i += step {
		if e := c.entries[i]; e.live && (keep == nil || keep(e.value)) {
			page = append(page, found[T]{e.seq, e.value})
		}
	}
	return page
}
