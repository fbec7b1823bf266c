package main

import (
	"math"
	"time"
)

// limit is one thing that may not be exceeded, as a share that a plan uses of it.
type limit struct {
	what   string
	twilio bool // Twilio's, or else a setting of ours
	share  func(Plan) float64
}

// Of one channel's four events the first costs two calls, the next two one, and the last
// none, while each meets the instance that the one before it met. test/integration counts
// them on the real code.
const webhookCalls = 4

// limits in the order of the page.
var limits = []limit{
	{"Sync: new documents, 20 a second in a service", true, func(p Plan) float64 { return p.Rate / 60 / syncCreations }},
	{"Chat service: channels opened, 30 a second", true, func(p Plan) float64 { return p.Rate / 60 / chatLifecycle }},
	{"the same, opened and deleted (disposition `delete`)", true, func(p Plan) float64 { return 2 * p.Rate / 60 / chatLifecycle }},
	{"Sync: requests, 20,000 a second in a subaccount", true, func(p Plan) float64 {
		return (p.Rate/60*(webhookCalls+retireCalls) + float64(p.pages())/p.Schedule.Seconds()) / syncRequests
	}},
	{"Sync: writes to one document, 20 a second", true, func(Plan) float64 { return 2. / syncWrites }},
	{"Chat or conversation: updates of one channel, 30 a second", true, func(Plan) float64 { return 1. / chatUpdates }},
	{"a walk within a sweep's time", false, func(p Plan) float64 { return p.walk().Seconds() / (p.SweepTimeout - margin).Seconds() }},
	{"`MAX_RETIREMENTS_PER_RUN`, a run on each tick", false, func(p Plan) float64 { return p.Rate * p.Schedule.Minutes() / float64(p.MaxRetirements) }},
	{"the sweep's request rate", false, func(p Plan) float64 { return p.Rate / 60 * p.work().Seconds() }},
	{"the webhook's request rate, all instances", false, func(p Plan) float64 {
		return p.Rate / 60 * webhookCalls / (p.RequestsPerSecond * float64(p.EventsMax))
	}},
}

// walk is how long it takes to read the ledger: each page waits for the one before it.
func (p Plan) walk() time.Duration {
	return time.Duration(p.pages()) * max(p.Latency, time.Duration(float64(time.Second)/p.RequestsPerSecond))
}

// work is the time that a sweep spends on one channel of many.
func (p Plan) work() time.Duration {
	byRate := time.Duration(retireCalls * float64(time.Second) / p.RequestsPerSecond)
	return max(byRate, retireCalls*p.Latency/time.Duration(p.SweepConcurrency))
}

// holds tells whether single sweeps retire what becomes due, run after run.
func (p Plan) holds() bool {
	share := p.Rate / 60 * p.work().Seconds() // of the time is work
	if share >= 1 {
		return false
	}
	every := p.Schedule.Seconds()
	run := p.walk().Seconds() + share*every
	if run > every { // then one follows the other
		run = p.walk().Seconds() / (1 - share)
		every = run
	}
	return run <= (p.SweepTimeout-margin).Seconds() && p.Rate*every/60 <= float64(p.MaxRetirements)
}

// most returns the highest rate, in channels a minute, up to which ok holds; infinite if
// it holds at any.
func most(p Plan, ok func(Plan) bool) float64 {
	low, high := 0., 1e6
	if p.Rate = high; ok(p) {
		return math.Inf(1)
	}
	for high-low > 0.01 {
		p.Rate = (low + high) / 2
		if ok(p) {
			low = p.Rate
		} else {
			high = p.Rate
		}
	}
	return low
}
