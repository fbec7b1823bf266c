package main

import "time"

// Plan is one flexsweep, its settings and its load.
type Plan struct {
	Name   string
	Rate   float64 // channels a minute that are opened, and some time later are due
	Copies int     // flexsweeps that share the load, each with a Sync service of its own

	Latency time.Duration // of one request to Twilio, on average; an assumption

	// Settings, by the names of docs/settings.md and infra/README.md.
	Retention, TombstoneTTL          time.Duration
	MaxRetirements, SweepConcurrency int
	RequestsPerSecond                float64
	Schedule, SweepTimeout           time.Duration
	EventsConcurrency, EventsMax     int

	// Workers is how many instances Cloud Tasks may send due channels to; 0: one sweep.
	Workers int
}

// shipped is flexsweep as it comes, at a rate.
func shipped(rate float64) Plan {
	return Plan{
		Name: "as shipped", Rate: rate, Copies: 1, Latency: 100 * time.Millisecond,
		Retention: 48 * time.Hour, TombstoneTTL: 168 * time.Hour,
		MaxRetirements: 1000, SweepConcurrency: 8, RequestsPerSecond: 50,
		Schedule: 15 * time.Minute, SweepTimeout: 1500 * time.Second,
		EventsConcurrency: 40, EventsMax: 5,
	}
}

// changed is flexsweep with other settings: no tombstone is kept for longer than Twilio
// may repeat events, and a run may retire what it has time for.
func changed(rate float64) Plan {
	p := shipped(rate)
	p.Name, p.TombstoneTTL, p.MaxRetirements = "changed settings", 24*time.Hour, 10_000
	return p
}

// tasked is what would have to be built: due channels come from Cloud Tasks, and copies
// share the load. rate is that of all copies.
func tasked(rate float64, copies int) Plan {
	p := changed(rate / float64(copies))
	p.Name, p.Copies, p.Workers, p.EventsMax = "Cloud Tasks", copies, 3, 10
	return p
}

// What is assumed of tasks. Each is created, goes to wrap-up, is completed and removed: 4
// events on a channel of its own, so that everything is at its most.
const (
	handling = 5 * time.Minute // of a task, on average
	wrapUp   = time.Minute
	removal  = 5 * time.Minute // after the end
)

const (
	pageSize = 100 // records a list call
	// retireCalls: claim, newest message, interaction channel, conversation, settle, as
	// test/integration counts them.
	retireCalls = 5
	// margin is what a sweep keeps free before its timeout.
	margin = 20 * time.Second
)

// records is how many the ledger holds, open and retired.
func (p Plan) records() float64 {
	return p.Rate * (handling + wrapUp + p.Retention + p.TombstoneTTL + p.Schedule/2).Minutes()
}

// pages is how many list calls a walk makes, one after another.
func (p Plan) pages() int { return int(p.records()/pageSize) + 1 }
