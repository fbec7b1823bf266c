package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// plan is what a run will do, found out by playing it against the fake.
type plan struct {
	played, skipped int
	requests        map[string]int // by product
	made            map[string]int // by product and kind
	deliveries      int
}

// planned plays the battery as a run would, against a fake.
func planned(ctx context.Context, slow, receiver bool) (plan, error) {
	p := plan{requests: map[string]int{}, made: map[string]int{}}
	to, fake := newFake(faketwilio.Options{})
	to.slow = slow
	if !receiver {
		to.receiver = nil
	}
	fake.Journal().Observe(func(e faketwilio.Exchange) {
		p.requests[e.Product]++
		kind := e.Path[strings.LastIndex(e.Path, "/")+1:]
		made := e.Method == http.MethodPost && e.Status < 300 && !sidPattern.MatchString(kind) && kind[0] >= 'A' && kind[0] <= 'Z'
		if made && kind != "Test" && kind != "Validate" && strings.Contains(e.Response, `"sid":"`) {
			p.made[e.Product+" "+kind]++
		}
	})
	records, err := playAll(ctx, to, battery(), nil)
	for _, r := range records {
		if r.Skipped != "" {
			p.skipped++
			continue
		}
		p.played++
	}
	p.deliveries = len(fake.Deliveries())
	return p, err
}

// print says it.
func (p plan) print(w io.Writer) {
	fmt.Fprintf(w, "A run plays %d cases twice and leaves %d out. It sends these requests, and deletes what it makes:\n", p.played, p.skipped)
	for _, product := range sortedKeys(p.requests) {
		fmt.Fprintf(w, "  %4d  to %s\n", p.requests[product], product)
	}
	for _, kind := range sortedKeys(p.made) {
		fmt.Fprintf(w, "  %4d  new: %s\n", p.made[kind], kind)
	}
	fmt.Fprintf(w, "Twilio may bill the requests to Sync, the conversations, the tasks and about %d events by the prices of your contract;\n"+
		"no telephone number is used and no message leaves Twilio.\n", p.deliveries)
}
