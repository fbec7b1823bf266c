package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

func newPlay(s *stage, stories []*story) *play {
	return &play{
		world: s.world, sweepURL: s.sweepURL, token: s.token, client: &http.Client{Timeout: time.Minute},
		stories: stories, lives: map[string]*life{},
	}
}

// verdict compares every channel with what it must be.
func (p *play) verdict(ctx context.Context) ([]faulted, report, error) {
	state, err := p.world.State(ctx)
	if err != nil {
		return nil, report{}, err
	}
	deliveries, err := p.world.Deliveries(ctx)
	if err != nil {
		return nil, report{}, err
	}
	r := report{Channels: len(p.lives)}
	r.Events, r.Deliveries = count(deliveries)
	shown := look(state)
	var faults []faulted
	for _, s := range p.stories {
		for _, l := range s.channels {
			f := shown[l.sid]
			if f.exists && l.isRetired(f) || l.deleted {
				r.Retired++
			} else {
				r.Kept++
			}
			if text := l.fault(f, days); text != "" {
				r.Wrong++
				faults = append(faults, faulted{l, text})
			}
		}
	}
	r.CallsPerEvent = float64(p.hook) / float64(r.Events)
	if n := p.sweeps.retired + p.sweeps.gone; n > 0 {
		r.CallsPerRetiredChannel = float64(p.sweeps.calls-p.sweeps.overhead) / float64(n)
	}
	return faults, r, nil
}

// count returns how many different events were delivered, and in how many requests.
func count(deliveries []faketwilio.Delivery) (events, requests int) {
	seen := map[string]bool{}
	for _, d := range deliveries {
		requests += len(d.Attempts)
		for _, id := range d.EventIDs {
			seen[id] = true
		}
	}
	return len(seen), requests
}

// look reads from the fake's state what the verdict needs.
func look(state faketwilio.State) map[string]found {
	units := map[string]string{}
	for _, unit := range state.Interactions {
		units[unit.Conversation] = unit.Status
	}
	shown := map[string]found{}
	for _, service := range state.ChatServices {
		for _, c := range service.Channels {
			shown[c.SID] = found{exists: true, attributes: c.Attributes, state: c.State, messages: len(c.Messages), unit: units[c.SID]}
		}
	}
	return shown
}

// tallies counts the channels of each use case.
func (p *play) tallies(faults []faulted) map[string]*tally {
	byCase := map[string]*tally{}
	for i := range useCases {
		byCase[useCases[i].name] = &tally{}
	}
	for _, s := range p.stories {
		t := byCase[s.useCase.name]
		for _, l := range s.channels {
			t.channels++
			if l.retired {
				t.retired++
			} else {
				t.kept++
			}
		}
	}
	for _, f := range faults {
		byCase[f.life.told.useCase.name].wrong++
	}
	return byCase
}

// show prints what happened and writes report.json.
func (p *play) show(w io.Writer, dir string, faults []faulted, r report) error {
	writeStories(w, p.stories)
	fmt.Fprintln(w)
	writeTable(w, p.stories, p.tallies(faults))
	fmt.Fprintf(w, "\n%d events in %d deliveries: %.2f requests to Twilio for each event (at most 2)\n", r.Events, r.Deliveries, r.CallsPerEvent)
	fmt.Fprintf(w, "%d sweeps: %.2f requests for each retired channel, and %.2f for each sweep to walk the ledger and remember\n",
		p.sweeps.runs, r.CallsPerRetiredChannel, float64(p.sweeps.overhead)/float64(p.sweeps.runs))
	for _, f := range faults {
		fmt.Fprintf(w, "WRONG: channel %s (%s): %s\n", f.life.sid, f.life.told.useCase.name, f.text)
		for _, line := range f.life.told.lines {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	path, err := writeReport(dir, r)
	if err != nil {
		return err
	}
	if r.Wrong > 0 {
		fmt.Fprintf(w, "\nVERDICT: %d of %d channels are wrong (%s)\n", r.Wrong, r.Channels, path)
		return nil
	}
	fmt.Fprintf(w, "\nVERDICT: all %d channels are as they must be: %d retired, %d kept, in %.1f s after %.1f s of setting up (%s)\n",
		r.Channels, r.Retired, r.Kept, r.WallSeconds, r.SetupSeconds, path)
	return nil
}
