package faketwilio

import (
	"regexp"
	"strconv"
	"time"
)

// Shortest state timers [docs conversations/states-timers].
const (
	minInactiveTimer = time.Minute
	minClosedTimer   = 10 * time.Minute
)

// stateTimers are a conversation's timers. Both count from the last activity; whether Twilio's do is not documented.
type stateTimers struct {
	inactive, closed         time.Duration // 0: none
	dateInactive, dateClosed time.Time
	generation               int // a timer that was set for another generation has been overtaken
}

func (t *stateTimers) cancel() {
	t.generation++
	t.dateInactive, t.dateClosed = time.Time{}, time.Time{}
}

// startTimers restarts the timers that the conversation's state calls for.
func (s *Server) startTimers(ch *channel, now time.Time) {
	t := &ch.timers
	t.cancel()
	generation := t.generation
	after := func(d time.Duration, state string) time.Time {
		s.clock.AfterFunc(d, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if t.generation == generation && ch.state != stateClosed {
				s.expireState(ch, state)
			}
		})
		return now.Add(d)
	}
	if ch.state == stateActive && t.inactive > 0 {
		t.dateInactive = after(t.inactive, stateInactive)
	}
	if ch.state != stateClosed && t.closed > 0 {
		t.dateClosed = after(t.closed, stateClosed)
	}
}

// expireState is what a timer does. The timer to closed goes on when the timer to inactive has fired.
func (s *Server) expireState(ch *channel, state string) {
	ch.updated = s.clock.Now()
	if state == stateInactive {
		ch.state = stateInactive
		ch.timers.dateInactive = time.Time{}
		return
	}
	s.setState(ch, stateClosed, ch.updated)
}

// readTimers reads Timers.Inactive and Timers.Closed. sent tells whether one of them was there.
func (c *call) readTimers(t *stateTimers) (sent bool, err error) {
	inactive, err := c.readTimer("Timers.Inactive", minInactiveTimer, &t.inactive)
	if err != nil {
		return false, err
	}
	closed, err := c.readTimer("Timers.Closed", minClosedTimer, &t.closed)
	return inactive || closed, err
}

// readTimer reads one timer; an empty value takes it away.
func (c *call) readTimer(name string, minimum time.Duration, into *time.Duration) (sent bool, err error) {
	text, sent := c.get(name)
	if !sent {
		return false, nil
	}
	if text == "" {
		*into = 0
		return true, nil
	}
	d, ok := parseISODuration(text)
	if !ok || (d != 0 && d < minimum) {
		return true, invalid("%s must be an ISO 8601 duration of at least %s", name, minimum)
	}
	*into = d
	return true, nil
}

var isoDuration = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// parseISODuration reads durations such as PT1M, P1DT12H or P2W. Months and years have no fixed length and are refused.
func parseISODuration(text string) (time.Duration, bool) {
	match := isoDuration.FindStringSubmatch(text)
	if match == nil || text == "P" || text[len(text)-1] == 'T' {
		return 0, false
	}
	var total time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if match[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(match[i+1], 10, 32)
		if err != nil {
			return 0, false
		}
		total += time.Duration(n) * unit
	}
	return total, true
}
