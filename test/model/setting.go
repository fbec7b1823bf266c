package main

import (
	"fmt"
	"net/http"
	"time"
)

// setting is a scenario made ready: the world as it is when a schedule begins, and the
// signed deliveries.
type setting struct {
	scenario
	mutant  *mutant
	image   image
	parcels [][]parcel // by handler
	known   []report   // delivered before the schedules begin
}

// prepare lets the scenario's past happen, with the code that ships.
func prepare(s scenario, m *mutant) setting {
	early := time.Duration(0)
	for _, p := range s.before {
		early = max(early, p.deadFor)
	}
	ready := setting{scenario: s, mutant: m}
	w := newWorld(image{backend: s.backend, attributes: liveAttributes}, early)
	whole := parts{world: w, transport: w.Transport()}
	for _, p := range s.before {
		switch {
		case p.dies > 0:
			mortal := &mortal{next: w.Transport(), left: p.dies}
			_, _ = parts{world: w, transport: mortal}.sweep(actorTag{}, "S0") // it dies, whatever it says
			w.Clock().Set(w.start)
		case p.finishes:
			if _, err := whole.sweep(actorTag{}, "S0"); err != nil {
				panic("model: sweep of the past: " + err.Error())
			}
		default:
			ready.known = append(ready.known, p.reports...)
			if status := w.pack(delivery{reports: p.reports}).send(actorTag{}, whole.handler(nil)); status != http.StatusOK {
				panic(fmt.Sprintf("model: delivery of the past: HTTP %d", status))
			}
		}
	}
	w.Clock().Set(w.start)
	ready.image = w.image()
	bit := parcels(1)
	for _, deliveries := range s.handlers {
		var packed []parcel
		for _, d := range deliveries {
			p := w.pack(d)
			p.bit, bit = bit, bit<<1
			packed = append(packed, p)
		}
		ready.parcels = append(ready.parcels, packed)
	}
	return ready
}

// mortal is the transport of a sweep that dies after so many requests took effect.
type mortal struct {
	next http.RoundTripper
	left int
}

func (m *mortal) RoundTrip(request *http.Request) (*http.Response, error) {
	if m.left == 0 {
		return nil, errDead
	}
	m.left--
	response, err := m.next.RoundTrip(request)
	if m.left == 0 && err == nil {
		_ = response.Body.Close() // in memory
		return nil, errDead
	}
	return response, err
}

// reports lists what the parcels of the set tell.
func (s setting) reports(set parcels) []report {
	var list []report
	for _, packed := range s.parcels {
		for _, p := range packed {
			if set&p.bit != 0 {
				list = append(list, p.reports...)
			}
		}
	}
	return list
}
