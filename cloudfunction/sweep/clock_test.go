package sweep_test

import (
	"sync/atomic"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// clock is one on which each change of a channel takes a while, and nothing else does.
type clock struct{ elapsed atomic.Int64 }

// newClock gives the room a clock.
func newClock(r *room, each time.Duration) *clock {
	var c clock
	r.now = func() time.Time { return noon.Add(c.passed()) }
	r.retirer.each = func(string, channel.Record) { c.elapsed.Add(int64(each)) }
	return &c
}

func (c *clock) passed() time.Duration { return time.Duration(c.elapsed.Load()) }

// add lets time pass between two runs.
func (c *clock) add(d time.Duration) { c.elapsed.Add(int64(d)) }
