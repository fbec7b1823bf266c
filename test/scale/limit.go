package main

import "time"

// bucket is a rate limit: so many a second, and burst at once after a rest. It counts in
// whole nanoseconds, so that every machine gets the same result.
type bucket struct {
	interval time.Duration // between two, sustained
	slack    time.Duration // how far ahead of that a burst may be
	next     time.Duration // when the next one is on time
}

func newBucket(perSecond float64, burst int) bucket {
	interval := time.Duration(float64(time.Second) / perSecond)
	return bucket{interval: interval, slack: time.Duration(burst-1) * interval}
}

// take is Twilio's side of a limit: it admits a request now, or refuses it (429).
func (b *bucket) take(now time.Duration) bool {
	if b.next-b.slack > now {
		return false
	}
	b.next = max(b.next, now) + b.interval
	return true
}

// turn is our side: it returns when the request may be sent. It gives no turn beyond the
// deadline, as rate.Limiter does not.
func (b *bucket) turn(now, deadline time.Duration) (at time.Duration, ok bool) {
	if at = max(now, b.next-b.slack); at > deadline {
		return 0, false
	}
	b.next = max(b.next, now) + b.interval
	return at, true
}
