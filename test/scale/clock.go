package main

import (
	"container/heap"
	"time"
)

// clock is virtual time: it jumps from one event to the next, and never waits.
type clock struct {
	now    time.Duration // since the start
	events agenda
	last   int
}

// event is something that happens at a time. Of two at the same time the one that was
// planned first comes first, so that a run can be repeated.
type event struct {
	at     time.Duration
	number int
	do     func()
}

// at plans do for a time, or for now if that is over.
func (c *clock) at(t time.Duration, do func()) {
	c.last++
	heap.Push(&c.events, event{max(t, c.now), c.last, do})
}

func (c *clock) after(d time.Duration, do func()) { c.at(c.now+d, do) }

// run lets everything happen that is planned before the end.
func (c *clock) run(end time.Duration) {
	for len(c.events) > 0 && c.events[0].at < end {
		next := heap.Pop(&c.events).(event)
		c.now = next.at
		next.do()
	}
	c.now = end
}

type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].number < a[j].number
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(event)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	(*a)[last] = event{}
	*a = (*a)[:last]
	return e
}
