package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// limitsOn is a fake with Twilio's rate limits.
var limitsOn = faketwilio.Options{Limits: faketwilio.Limits{SyncWrites: true, SyncCreations: true, ChatActions: true}}

// probe measures one limit: it sends faster and faster, and stops at the first refusal.
type probe struct {
	name     string
	services int // requests go to them in turn
	send     func(r *run, documents []string, n int) answer
}

var probes = []probe{
	{"new documents in one service", 1, createDocument},
	{"new documents in two services at once", 2, createDocument},
	{"writes of one document", 1, func(r *run, documents []string, n int) answer {
		return r.ask(http.MethodPost, documents[0]+"/"+r.prefix, []string{"Data", strconv.Itoa(n)})
	}},
}

func createDocument(r *run, documents []string, n int) answer {
	return r.ask(http.MethodPost, documents[n%len(documents)], []string{"Ttl", "3600"})
}

// Steps of a probe: so many requests a second for so long, which is longer than the ten seconds over which Twilio says it counts.
// Each tick sends its share at once, since one request takes longer than the time between two.
var rates = []int{5, 10, 15, 20, 25, 30, 40, 50, 60}

const (
	stretch = 15 * time.Second
	tick    = 200 * time.Millisecond
)

// measured is what a probe found.
type measured struct {
	sustained, refusedAt int // requests a second; refusedAt 0: never refused
	sent                 int
	code                 int
	message              string // names the limiter, if Twilio does
}

func (m measured) String() string {
	if m.refusedAt == 0 {
		return fmt.Sprintf("%d a second are not refused (%d requests)", m.sustained, m.sent)
	}
	return fmt.Sprintf("%d a second pass, at %d a request is refused with %d: %s (%d requests)", m.sustained, m.refusedAt, m.code, m.message, m.sent)
}

// measure plays a probe and deletes what it made.
func (p probe) measure(ctx context.Context, t target) (out measured, err error) {
	r := &run{target: t, ctx: ctx, prefix: t.run + "-probe", normaliser: newNormaliser(), seen: map[string]bool{}}
	defer func() {
		if end, ours := recover().(stopped); ours {
			err = end.err
		}
		if left := r.clean(); err == nil {
			err = left
		}
	}()
	var documents []string
	for i := range p.services {
		documents = append(documents, syncServices+"/"+r.make("service", syncServices, "FriendlyName", r.prefix+"-"+strconv.Itoa(i))+"/Documents")
	}
	r.ask(http.MethodPost, documents[0], []string{"UniqueName", r.prefix})
	for _, rate := range rates {
		for range int(stretch / tick) {
			refused, err := p.batch(r, documents, out.sent, rate/int(time.Second/tick))
			if err != nil {
				return out, err
			}
			out.sent += rate / int(time.Second/tick)
			if refused != nil {
				code, _ := field(refused.body, "code").(float64)
				message, _ := field(refused.body, "message").(string)
				out.refusedAt, out.code, out.message = rate, int(code), r.normaliser.text(message)
				return out, nil
			}
		}
		out.sustained = rate
	}
	return out, nil
}

// batch sends n requests at once, and lets the rest of the tick pass. It returns one that was refused, if any was.
func (p probe) batch(r *run, documents []string, sent, n int) (*answer, error) {
	began := r.clock()
	var group errgroup.Group
	answers := make([]answer, n)
	for i := range n {
		group.Go(func() (err error) {
			defer func() {
				if end, ours := recover().(stopped); ours {
					err = end.err
				}
			}()
			answers[i] = p.send(r, documents, sent+i)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(answers, func(a answer) bool { return a.status == http.StatusTooManyRequests }); i >= 0 {
		return &answers[i], nil
	}
	if rest := tick - r.clock().Sub(began); rest > 0 {
		return nil, r.pass(r.ctx, rest)
	}
	return nil, nil
}
