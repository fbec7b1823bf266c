package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// levels are the loads of the page, in retired channels a minute.
var levels = []float64{1, 100, 10_000}

// scenario is a plan and for how long its webhook and its sweeps are simulated.
type scenario struct {
	plan            Plan
	webhook, sweeps time.Duration
}

// copies share 10,000 channels a minute so that each stays below 20 new documents a second.
const copies = 10

func scenarios(latency time.Duration) []scenario {
	all := []scenario{
		{shipped(1), 6 * time.Hour, 24 * time.Hour},
		{shipped(100), time.Hour, 4 * time.Hour},
		{changed(100), time.Hour, 4 * time.Hour},
		{shipped(10_000), 2 * time.Minute, time.Hour},
		{tasked(10_000, copies), 10 * time.Minute, 10 * time.Minute},
	}
	for n := range all {
		all[n].plan.Latency = latency
	}
	return all
}

// tables returns everything that is generated, as Markdown.
func tables(latency time.Duration) string {
	var b strings.Builder
	all := scenarios(latency)
	var results []Result
	for _, s := range all {
		results = append(results, Simulate(s.plan, s.webhook, s.sweeps, 1))
	}
	fmt.Fprintf(&b, "### Share of each limit that is used, as shipped\n\n")
	limitTable(&b, latency)
	fmt.Fprintf(&b, "\n### What one sweep can do, in channels a minute\n\n")
	sweepTable(&b)
	fmt.Fprintf(&b, "\n### Simulated, one copy\n\n")
	simulated(&b, all, results)
	fmt.Fprintf(&b, "\n### A month, all copies\n\n")
	costTable(&b, all, results)
	return b.String()
}

func row(b *strings.Builder, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func head(b *strings.Builder, cells ...string) {
	row(b, cells...)
	fmt.Fprintf(b, "|%s\n", strings.Repeat("---|", len(cells)))
}

func limitTable(b *strings.Builder, latency time.Duration) {
	head(b, "limit", "holds up to, a minute", "at 1", "at 100", "at 10,000")
	for _, l := range limits {
		p := shipped(1)
		p.Latency = latency
		most := most(p, func(p Plan) bool { return l.share(p) <= 1 })
		cells := []string{l.what, "any"}
		if !l.twilio {
			cells[0] = "ours: " + l.what
		}
		if !math.IsInf(most, 1) {
			cells[1] = number(most)
		}
		for _, level := range levels {
			p.Rate = level
			cell := number(100*l.share(p)) + " %"
			if l.share(p) > 1 {
				cell = "**" + cell + "**"
			}
			cells = append(cells, cell)
		}
		row(b, cells...)
	}
}

func sweepTable(b *strings.Builder) {
	head(b, "latency of a request", "as shipped", "changed settings")
	for _, latency := range []time.Duration{50, 100, 200} {
		cells := []string{fmt.Sprintf("%d ms", latency)}
		for _, p := range []Plan{shipped(1), changed(1)} {
			p.Latency = latency * time.Millisecond
			cells = append(cells, number(most(p, Plan.holds)))
		}
		row(b, cells...)
	}
}

// column is one line of the simulations' table.
type column struct {
	name string
	cell func(Plan, Result) string
}

var columns = []column{
	{"channels a minute, × copies", func(p Plan, _ Result) string { return fmt.Sprintf("%s × %d", number(p.Rate), p.Copies) }},
	{"webhook: instances", func(p Plan, r Result) string { return fmt.Sprintf("%d of %d", r.Instances, p.EventsMax) }},
	{"requests to Twilio, for each event", func(_ Plan, r Result) string {
		return number(float64(r.WebhookCalls) / float64(r.Events))
	}},
	{"half answered within, 99 in 100", func(_ Plan, r Result) string {
		return fmt.Sprintf("%.2g s, %.2g s", r.Answer(50).Seconds(), r.Answer(99).Seconds())
	}},
	{"refused by Twilio (429), a minute", func(_ Plan, r Result) string { return number(float64(r.Refused) / r.Webhook.Minutes()) }},
	{"channels beyond 30 opened a second, a minute", func(_ Plan, r Result) string {
		return number(float64(r.Unopened) / r.Webhook.Minutes())
	}},
	{"events waiting at the end, of 100", func(_ Plan, r Result) string { return number(100 * float64(r.Waiting) / float64(r.Events)) }},
	{"sweep: records", func(p Plan, _ Result) string { return number(p.records()) }},
	{"walk, whole run", func(p Plan, r Result) string {
		switch {
		case p.Workers > 0:
			return "no walk"
		case r.Walk == 0:
			return "never through"
		}
		return fmt.Sprintf("%.0f s, %.0f s", r.Walk.Seconds(), r.Run.Seconds())
	}},
	{"retired a minute", func(p Plan, r Result) string {
		cell := number(r.RetiredPerMinute())
		if r.RetiredPerMinute() < 0.95*p.Rate {
			cell = "**" + cell + "**"
		}
		return cell
	}},
}

func simulated(b *strings.Builder, all []scenario, results []Result) {
	names := []string{""}
	for _, s := range all {
		names = append(names, s.plan.Name)
	}
	head(b, names...)
	for _, c := range columns {
		cells := []string{c.name}
		for n := range all {
			cells = append(cells, c.cell(all[n].plan, results[n]))
		}
		row(b, cells...)
	}
}

// costTable has the plans that work at each level.
func costTable(b *strings.Builder, all []scenario, results []Result) {
	working := []int{0, 2, 4}
	cells := []string{"name", "unit", "price, assumed", "from"}
	sums := []string{"", "**all that has a price**", "", ""}
	for n, i := range working {
		cells = append(cells, "at "+number(levels[n]))
		sums = append(sums, "**$"+number(cost(all[i].plan, results[i]))+"**")
	}
	head(b, cells...)
	for _, item := range items {
		cells := []string{"`" + item.name + "`", item.unit, "**yours**", item.source}
		if item.price >= 0 {
			cells[2] = fmt.Sprintf("$%g", item.price)
		}
		for _, i := range working {
			cells = append(cells, number(item.quantity(results[i])*float64(all[i].plan.Copies)))
		}
		row(b, cells...)
	}
	row(b, sums...)
}

// number is x with two digits that count: nothing here is known any better.
func number(x float64) string {
	if x == 0 {
		return "0"
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	text := strconv.FormatFloat(math.Round(x/unit)*unit, 'f', int(max(0, -math.Round(math.Log10(unit)))), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	for n := strings.IndexAny(text+".", ".") - 3; n > 0; n -= 3 {
		text = text[:n] + "," + text[n:]
	}
	return text
}
