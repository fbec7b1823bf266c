package faketwilio

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClockRunsTimersInOrder(t *testing.T) {
	t.Parallel()
	c := newClock(DefaultStart, false)
	var got []string
	note := func(name string) func() {
		return func() { got = append(got, name+" "+c.Now().Sub(DefaultStart).String()) }
	}
	c.AfterFunc(3*time.Minute, note("late"))
	c.AfterFunc(time.Minute, note("first"))
	c.AfterFunc(time.Minute, note("second"))
	c.AfterFunc(time.Minute, func() {
		note("third")()
		c.AfterFunc(time.Minute, note("set by a timer"))
		c.AfterFunc(0, note("at once"))
	})
	c.AfterFunc(time.Hour, note("not yet"))
	c.Advance(10 * time.Minute)
	want := []string{"first 1m0s", "second 1m0s", "third 1m0s", "at once 1m0s", "set by a timer 2m0s", "late 3m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timers (-want +got):\n%s", diff)
	}
	if now := c.Now().Sub(DefaultStart); now != 10*time.Minute {
		t.Errorf("the clock stands at %s, want the target", now)
	}
	if due, ok := c.Next(); !ok || !due.Equal(DefaultStart.Add(time.Hour)) {
		t.Errorf("next timer %s, want the one in an hour", due)
	}
}

func TestClockPassesWhileATimerRuns(t *testing.T) {
	t.Parallel()
	c := newClock(DefaultStart, false)
	var second time.Duration
	c.AfterFunc(time.Minute, func() { c.pass(5 * time.Minute) })
	c.AfterFunc(2*time.Minute, func() { second = c.Now().Sub(DefaultStart) })
	c.Advance(3 * time.Minute)
	if second != 6*time.Minute || c.Now().Sub(DefaultStart) != 6*time.Minute {
		t.Errorf("second timer at %s, clock at %s; want both at 6m: time does not run backwards", second, c.Now().Sub(DefaultStart))
	}
}

func TestClockSet(t *testing.T) {
	t.Parallel()
	c := newClock(DefaultStart, false)
	c.Set(DefaultStart.Add(time.Hour))
	if !c.Now().Equal(DefaultStart.Add(time.Hour)) {
		t.Errorf("the clock stands at %s", c.Now())
	}
	defer func() {
		if recover() == nil {
			t.Error("set back without a panic")
		}
	}()
	c.Set(DefaultStart)
}

func TestRealClock(t *testing.T) {
	t.Parallel()
	c := newClock(time.Now().Add(-48*time.Hour), true)
	defer c.close()
	ran := make(chan time.Time, 2)
	c.AfterFunc(time.Millisecond, func() { ran <- c.Now() })
	before := c.Now()
	if at := <-ran; at.Before(before) {
		t.Errorf("ran at %s, before %s", at, before)
	}
	c.AfterFunc(24*time.Hour, func() { ran <- c.Now() })
	c.Advance(24 * time.Hour)
	if at := <-ran; at.Sub(before) < 24*time.Hour {
		t.Errorf("ran after %s, want a day", at.Sub(before))
	}
}
