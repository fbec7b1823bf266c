package ui

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Counter says how far something has come, if it takes longer than a second: on a
// terminal in one live line, elsewhere in a line every ten seconds.
type Counter struct {
	out  io.Writer
	live bool
	now  func() time.Time

	mu    sync.Mutex
	next  time.Time
	shown bool
}

// NewCounter writes to out; live is for terminals only.
func NewCounter(out io.Writer, live bool, now func() time.Time) *Counter {
	return &Counter{out: out, live: live, now: now, next: now().Add(time.Second)}
}

// Show says it, if it is time to.
func (c *Counter) Show(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Before(c.next) {
		return
	}
	text := fmt.Sprintf(format, args...)
	if !c.live {
		c.next = now.Add(10 * time.Second)
		fmt.Fprintf(c.out, "  … %s\n", text)
		return
	}
	c.next, c.shown = now.Add(100*time.Millisecond), true
	fmt.Fprint(c.out, "\r\x1b[K"+fit("  "+text, Width(c.out)))
}

// Close removes the live line.
func (c *Counter) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shown {
		fmt.Fprint(c.out, "\r\x1b[K")
		c.shown = false
	}
}
