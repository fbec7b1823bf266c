package main

import "time"

// month is what prices are for.
const month = 30 * 24 * time.Hour

// item is a thing that is paid for. Prices are assumptions: list prices in US dollars as
// they were found, without free quotas and discounts.
type item struct {
	name, unit string
	price      float64 // of one unit; below 0: no list price was found
	source     string
	quantity   func(Result) float64 // a month, of one copy
}

var items = []item{
	{"events", "1,000 events of Event Streams", 0.04, "Twilio's page on Event Streams, 100,000 to 100 million a month",
		func(r Result) float64 { return monthly(r.Events, r.Webhook) / 1e3 }},
	{"calls", "1,000 requests to Twilio, most of them to Sync", -1, "none found; your contract",
		func(r Result) float64 {
			return (monthly(r.WebhookCalls, r.Webhook) + monthly(r.SweepCalls, r.Sweeps)) / 1e3
		}},
	{"requests", "million requests to Cloud Run", 0.40, "Google's list, tier 1",
		func(r Result) float64 {
			return (monthly(r.Requests, r.Webhook) + monthly(r.Runs+r.Tasks, r.Sweeps)) / 1e6
		}},
	{"cpu", "1,000 vCPU-seconds of Cloud Run", 0.024, "Google's list, tier 1, paid while a request is served", kiloseconds},
	{"memory", "1,000 GiB-seconds of Cloud Run", 0.0025, "the same; an instance has 256 MiB",
		func(r Result) float64 { return kiloseconds(r) / 4 }},
	{"logs", "GiB of logs", 0.50, "Google's list; a line is taken to be 1 KiB",
		func(r Result) float64 {
			return (monthly(r.Requests, r.Webhook) + monthly(r.Retired+r.Runs, r.Sweeps)) / (1 << 20)
		}},
	{"tasks", "million operations of Cloud Tasks", 0.40, "Google's list; two for each task",
		func(r Result) float64 { return 2 * monthly(r.Tasks, r.Sweeps) / 1e6 }},
}

// kiloseconds is how long instances of one CPU serve something.
func kiloseconds(r Result) float64 {
	return (monthly(r.WebhookSeconds, r.Webhook) + monthly(r.SweepSeconds, r.Sweeps)) / 1e3
}

// monthly scales what came in a simulated time to a month.
func monthly[N int | float64](count N, simulated time.Duration) float64 {
	return float64(count) * float64(month) / float64(simulated)
}

// cost is what all copies cost a month, without what has no price.
func cost(p Plan, r Result) float64 {
	sum := 0.
	for _, i := range items {
		sum += max(0, i.price) * i.quantity(r) * float64(p.Copies)
	}
	return sum
}
