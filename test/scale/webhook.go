package main

import (
	"slices"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// phase is how far a task is known to have come; only a later one is news.
type phase int8

const (
	unknown phase = iota
	open
	wrapping
	ended
)

// record is one document in Sync. Its revision counts the writes; 0: there is none yet.
type record struct {
	revision int
	phase    phase
	writes   bucket
}

// known is what an instance remembers of a record.
type known struct {
	revision int
	phase    phase
}

// instance is one of EventStreams, as cloudfunction/eventstream and Cloud Run make it.
type instance struct {
	client  *client
	cache   *lru.Cache[*record, known]
	serving int
	since   time.Duration // serving without a break
}

const (
	cached     = 10_000                  // records that an instance remembers
	tries      = 10                      // saves of one event that meet another revision
	answerTime = 4500 * time.Millisecond // for one delivery
	// busy is the share of its concurrency at which Cloud Run is taken to start another
	// instance, at once.
	busy = 0.6
	// Twilio repeats for four hours; its first and longest pause are not documented.
	firstRepeat, longestRepeat, repeats = time.Second, 10 * time.Minute, 4 * time.Hour
)

// customers open channels from before the start on, so that the simulation begins in the
// middle of the day: what happened before is taken to have gone well.
func (w *world) customers() {
	before := 2*handling + wrapUp + removal
	var next func(at time.Duration)
	next = func(at time.Duration) {
		w.task(at - before)
		at += w.interval()
		w.at(at-before, func() { next(at) })
	}
	next(w.interval())
}

// task sends the events of one task on a new channel.
func (w *world) task(opened time.Duration) {
	r := &record{writes: newBucket(syncWrites, syncWrites*syncBurst)}
	wrapped := opened + handling/2 + w.jitter(handling)
	if opened >= 0 && !w.lifecycle.take(w.now) {
		w.got.Unopened++
	}
	for _, e := range []struct {
		at time.Duration
		phase
	}{{opened, open}, {wrapped, wrapping}, {wrapped + wrapUp, ended}, {wrapped + wrapUp + removal, ended}} {
		if e.at < 0 {
			r.phase = e.phase
			r.revision = int(e.phase)
			continue
		}
		w.at(e.at, func() {
			w.got.Events++
			w.deliver(r, e.phase, w.now, firstRepeat)
		})
	}
}

// deliver is one attempt of Twilio's to deliver an event.
func (w *world) deliver(r *record, p phase, created, pause time.Duration) {
	again := func() {
		if w.now-created > repeats {
			w.got.Lost++
			return
		}
		w.got.Waiting++
		w.after(pause/2+w.jitter(pause/2), func() {
			w.got.Waiting--
			w.deliver(r, p, created, min(2*pause, longestRepeat))
		})
	}
	i := w.instance()
	if i == nil {
		again()
		return
	}
	received := w.now
	w.got.Requests++
	if i.serving++; i.serving == 1 {
		i.since = w.now
	}
	w.apply(i, r, p, w.now+answerTime, tries, func(ok bool) {
		if i.serving--; i.serving == 0 {
			w.got.WebhookSeconds += (w.now - i.since).Seconds()
		}
		w.got.Answers = append(w.got.Answers, w.now-received)
		if !ok {
			again()
		}
	})
}

// instance picks one that has room, and starts another if all are busy. Nil: none has.
func (w *world) instance() *instance {
	serving := 0
	var free []*instance
	for _, i := range w.instances {
		serving += i.serving
		if i.serving < w.plan.EventsConcurrency {
			free = append(free, i)
		}
	}
	if float64(serving) >= busy*float64(w.plan.EventsConcurrency*len(w.instances)) && len(w.instances) < w.plan.EventsMax {
		cache, err := lru.New[*record, known](cached)
		if err != nil {
			panic(err) // only for a size below 1
		}
		i := &instance{client: w.newClient(3, &w.got.WebhookCalls), cache: cache}
		w.instances = append(w.instances, i)
		return i
	}
	if len(free) == 0 {
		return nil // Cloud Run answers 429
	}
	return free[w.random.IntN(len(free))]
}

// apply loads, applies and saves, again if another instance was faster.
func (w *world) apply(i *instance, r *record, p phase, deadline time.Duration, left int, done func(bool)) {
	if k, ok := i.cache.Get(r); ok {
		w.save(i, r, k, p, deadline, left, done)
		return
	}
	w.call(i.client, nil, deadline, func(ok bool) {
		if !ok {
			done(false)
			return
		}
		w.save(i, r, known{r.revision, r.phase}, p, deadline, left, done)
	})
}

func (w *world) save(i *instance, r *record, k known, p phase, deadline time.Duration, left int, done func(bool)) {
	if p <= k.phase {
		i.cache.Add(r, k)
		done(true)
		return
	}
	limit := &r.writes
	if k.revision == 0 {
		limit = &w.creations
	}
	w.call(i.client, limit, deadline, func(ok bool) {
		switch {
		case ok && r.revision == k.revision:
			r.revision, r.phase = r.revision+1, p
			i.cache.Add(r, known{r.revision, p})
			done(true)
		case ok && left > 1:
			w.got.Conflicts++
			i.cache.Remove(r)
			w.apply(i, r, p, deadline, left-1, done)
		default:
			i.cache.Remove(r)
			done(false)
		}
	})
}

// closeWebhook counts what is still under way at the end.
func (w *world) closeWebhook() {
	slices.Sort(w.got.Answers)
	w.got.Instances = len(w.instances)
	for _, i := range w.instances {
		if i.serving > 0 {
			w.got.WebhookSeconds += (w.now - i.since).Seconds()
		}
	}
}
