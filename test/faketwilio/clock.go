package faketwilio

import (
	"container/heap"
	"sync"
	"time"
)

// Clock is the server's time, with timers that run in the order in which they are due (and, at one instant, in which they were
// set). A frozen clock moves only by Advance and Set; a running one also follows the real time.
type Clock struct {
	running sync.Mutex // held while timers run: one at a time
	mu      sync.Mutex
	now     time.Time     // frozen: the time
	offset  time.Duration // real: distance from the real time
	real    bool
	timers  timerHeap
	seq     uint64
	wake    chan struct{} // real: tells the runner that the first timer changed
	stop    chan struct{}
}

// timer is one function to call at one time.
type timer struct {
	due  time.Time
	seq  uint64
	call func()
}

// newClock starts a clock at start. A real clock has a goroutine that lives until Close.
func newClock(start time.Time, real bool) *Clock {
	c := &Clock{now: start.UTC(), real: real, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	if real {
		c.offset = time.Until(start)
		go c.run()
	}
	return c
}

// Now returns the time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

func (c *Clock) nowLocked() time.Time {
	if c.real {
		return time.Now().Add(c.offset).UTC()
	}
	return c.now
}

// AfterFunc calls f once d has passed. f runs with no lock held; it may set further timers, but must not turn the clock.
func (c *Clock) AfterFunc(d time.Duration, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	heap.Push(&c.timers, timer{due: c.nowLocked().Add(d), seq: c.seq, call: f})
	if c.real {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// Advance moves the clock by d, stepping from timer to timer: each runs at its own time and is awaited before the next. It ends
// at the target, or later if a timer let more time pass.
func (c *Clock) Advance(d time.Duration) {
	c.running.Lock()
	defer c.running.Unlock()
	c.mu.Lock()
	target := c.nowLocked().Add(d)
	c.mu.Unlock()
	c.runUntil(target)
	c.moveTo(target)
}

// Set moves the clock forward to t. It panics if t has passed already: Twilio's time does not run backwards.
func (c *Clock) Set(t time.Time) {
	if d := t.Sub(c.Now()); d >= 0 {
		c.Advance(d)
		return
	}
	panic("faketwilio: clock set back to " + t.Format(time.RFC3339))
}

// Next returns when the next timer is due, and false if there is none.
func (c *Clock) Next() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return time.Time{}, false
	}
	return c.timers[0].due, true
}

// pass lets d go by without running timers: for time that a request spends while others wait for it.
func (c *Clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.offset += d
}

// moveTo sets the time to t unless it is later already.
func (c *Clock) moveTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.nowLocked(); t.After(now) {
		c.offset += t.Sub(now)
		c.now = t
	}
}

// runUntil runs the timers that are due at t or before. The caller holds c.running.
func (c *Clock) runUntil(t time.Time) {
	for {
		c.mu.Lock()
		if len(c.timers) == 0 || c.timers[0].due.After(t) {
			c.mu.Unlock()
			return
		}
		next := heap.Pop(&c.timers).(timer)
		c.mu.Unlock()
		c.moveTo(next.due)
		next.call()
	}
}

// run serves a real clock: it sleeps until the first timer is due, or one is set, or the clock is closed.
func (c *Clock) run() {
	for {
		wait := time.Hour
		if due, ok := c.Next(); ok {
			wait = due.Sub(c.Now())
		}
		sleep := time.NewTimer(max(wait, 0))
		select {
		case <-c.stop:
			sleep.Stop()
			return
		case <-c.wake:
		case <-sleep.C:
			c.running.Lock()
			c.runUntil(c.Now())
			c.running.Unlock()
		}
		sleep.Stop()
	}
}

// close ends the goroutine of a real clock.
func (c *Clock) close() { close(c.stop) }

// timerHeap orders timers by due time, then by the order in which they were set.
type timerHeap []timer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
func (h timerHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)   { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = timer{}
	*h = old[:len(old)-1]
	return last
}
