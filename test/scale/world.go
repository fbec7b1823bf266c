package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// The limits of Twilio that the simulation enforces, per second. Sync tolerates bursts
// for ten seconds; of the other two no burst is documented.
const (
	syncCreations = 20     // new documents of a service (https://www.twilio.com/docs/api/errors/54009)
	syncWrites    = 20     // to one document (https://www.twilio.com/docs/sync/limits)
	syncRequests  = 20_000 // of a subaccount (same page)
	chatLifecycle = 30     // channels created or deleted in a service (Twilio's changelog, 2020-03-31)
	chatUpdates   = 30     // of one channel (same)
	syncBurst     = 10     // seconds
)

// world is Twilio, Google and one part of a flexsweep in virtual time.
type world struct {
	clock
	plan   Plan
	random *rand.Rand

	creations, requests, lifecycle bucket

	instances []*instance // of EventStreams
	got       *Result
}

// Simulate runs the webhook of one flexsweep (one of the copies) for a time, and its
// sweeps for another. The two share no limit that they come near, so each has its own
// world, and the one that needs hours to show something does not cost the other's.
func Simulate(p Plan, webhook, sweeps time.Duration, seed uint64) Result {
	got := Result{Webhook: webhook, Sweeps: sweeps}
	w := newWorld(p, &got, seed)
	w.customers()
	w.run(webhook)
	w.closeWebhook()
	w = newWorld(p, &got, seed+1)
	if p.Workers > 0 {
		w.tasks()
	} else {
		w.at(0, w.sweep)
	}
	w.run(sweeps)
	return got
}

func newWorld(p Plan, got *Result, seed uint64) *world {
	return &world{
		plan: p, random: rand.New(rand.NewPCG(seed, 0)), got: got,
		creations: newBucket(syncCreations, syncCreations*syncBurst),
		requests:  newBucket(syncRequests, syncRequests),
		lifecycle: newBucket(chatLifecycle, chatLifecycle),
	}
}

// client is what makes requests for one instance: under one rate, some attempts each.
type client struct {
	turns    bucket
	attempts int
	calls    *int // counts them
}

func (w *world) newClient(attempts int, calls *int) *client {
	rate := w.plan.RequestsPerSecond
	return &client{turns: newBucket(rate, max(1, int(rate/10))), attempts: attempts, calls: calls}
}

// call makes a request, against a limit of Twilio's beside that of all requests, or nil.
// It waits for its turn and repeats what is refused, as cloudfunction/twilio does.
// done hears whether it was admitted before the deadline.
func (w *world) call(c *client, limit *bucket, deadline time.Duration, done func(ok bool)) {
	w.attempt(c, limit, deadline, 1, done)
}

func (w *world) attempt(c *client, limit *bucket, deadline time.Duration, n int, done func(bool)) {
	turn, ok := c.turns.turn(w.now, deadline)
	if !ok {
		done(false)
		return
	}
	w.at(min(turn+w.latency(), deadline), func() {
		*c.calls++
		switch admitted := w.requests.take(w.now) && (limit == nil || limit.take(w.now)); {
		case w.now >= deadline:
			done(false)
		case admitted:
			done(true)
		default:
			w.got.Refused++
			if n == c.attempts {
				done(false)
				return
			}
			w.after(w.jitter(min(200*time.Millisecond<<(n-1), 5*time.Second)), func() { w.attempt(c, limit, deadline, n+1, done) })
		}
	})
}

func (w *world) latency() time.Duration { return w.plan.Latency/2 + w.jitter(w.plan.Latency) }

// jitter is any time up to a ceiling.
func (w *world) jitter(ceiling time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(ceiling) + 1))
}

// interval is the time to the next of many independent things that happen at the rate.
func (w *world) interval() time.Duration {
	return time.Duration(w.random.ExpFloat64() / w.plan.Rate * float64(time.Minute))
}

const never = time.Duration(math.MaxInt64)
