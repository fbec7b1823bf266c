package main

import "time"

// Result is what one simulation came to.
type Result struct {
	Webhook, Sweeps time.Duration // simulated

	Unopened       int // channels beyond what a chat service may open
	Events         int // sent by Event Streams
	Requests       int // deliveries that reached an instance
	Waiting        int // events that wait for their repetition at the end
	Lost           int // events that Twilio gave up
	Refused        int // requests that Twilio answered with 429
	Conflicts      int // saves that met another instance's
	WebhookCalls   int // requests to Twilio
	Instances      int
	WebhookSeconds float64         // of instances that served something
	Answers        []time.Duration // to deliveries, sorted

	Runs, Broken int // sweeps that ended, and those of them that did not get through the ledger
	SweepCalls   int // requests to Twilio
	Retired      int
	Walk, Run    time.Duration // of the longest
	Cycles       time.Duration // from the first sweep to the one after the last that ended
	SweepSeconds float64       // of sweeps or workers
	Tasks, Queue int           // of Cloud Tasks: in all, and waiting at most
}

// RetiredPerMinute counts whole runs only.
func (r Result) RetiredPerMinute() float64 {
	if r.Cycles == 0 {
		return 0
	}
	return float64(r.Retired) / r.Cycles.Minutes()
}

// Answer is the time within which so many in a hundred deliveries were answered.
func (r Result) Answer(percent int) time.Duration {
	if len(r.Answers) == 0 {
		return 0
	}
	return r.Answers[(len(r.Answers)-1)*percent/100]
}
