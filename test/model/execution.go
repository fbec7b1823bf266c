package main

import (
	"fmt"
	"net/http"
)

// choice is what a schedule does at one place: which actor goes on, and how.
type choice struct {
	actor  int
	effect effect
}

// execution is one schedule that is really executed: a fresh world, and a goroutine for
// each actor.
type execution struct {
	setting
	world  *world
	actors []*actor
	trace  *trace // nil: none is wanted
}

// start begins a schedule: every actor runs to its first step.
func (s setting) start(t *trace) *execution {
	x := &execution{setting: s, world: newWorld(s.image, 0), trace: t}
	shared := new(memory)
	var instance http.Handler
	if s.shared {
		instance = x.parts(gate{}).handler(nil)
	}
	for i, parcels := range s.parcels {
		a := x.actor(fmt.Sprintf("H%d", i+1))
		if s.shared {
			a.memory = shared
		}
		x.run(a, func() { x.receive(a, instance, parcels) })
	}
	for i := range s.sweeps {
		a := x.actor(fmt.Sprintf("S%d", i+1))
		x.run(a, func() { _, _ = x.parts(gate{}).sweep(actorTag{a}, a.name) }) // its report is not what is checked
	}
	return x
}

func (x *execution) parts(transport http.RoundTripper) parts {
	return parts{world: x.world, transport: transport, mutant: x.mutant}
}

func (x *execution) actor(name string) *actor {
	a := &actor{
		name: name, memory: new(memory), world: x.world.Transport(),
		parked: make(chan *step), resume: make(chan effect),
	}
	a.live()
	x.actors = append(x.actors, a)
	return a
}

// run starts the actor and waits until it has come to its first step.
func (x *execution) run(a *actor, body func()) {
	go func() {
		body()
		a.cancel()
		a.parked <- nil
	}()
	a.next = <-a.parked
}

// refusals bounds how often one delivery may be refused: a schedule has one failure, and
// every refusal needs one.
const refusals = 4

// receive is the life of a handler: its deliveries one after another, each repeated until
// it is acknowledged, on a new instance if the old one died. Instance is nil unless it is
// shared.
func (x *execution) receive(a *actor, instance http.Handler, parcels []parcel) {
	handler := instance
	for i, p := range parcels {
		if p.message && !x.write(a) {
			continue
		}
		if handler == nil || x.mutant.or().webhookRecords != nil {
			handler = x.parts(gate{}).handler(p.reports)
		}
		for refused := 0; refused < refusals; {
			status := p.send(actorTag{a}, handler)
			switch {
			case a.ended:
				return
			case a.dead:
				a.live()
				*a.memory = memory{}
				a.memory.learn("begins anew", fmt.Sprint(i))
				handler = x.parts(gate{}).handler(p.reports)
				continue
			case status != http.StatusOK:
				refused++
				continue
			}
			a.acknowledged |= p.bit
			break
		}
	}
}

// write lets the customer write. It returns whether the message makes a task on this
// channel: on a retired one it opens another.
func (x *execution) write(a *actor) bool {
	const task = "the message makes a task"
	answer, ok := a.act("a customer writes", func() string {
		if x.world.view().retired() {
			return "the message opens another channel"
		}
		x.world.Say(x.world.channel, "customer", "hello")
		return task
	})
	return ok && answer == task
}

// take makes one choice and waits until the actor has come to its next step. It returns
// the step that was taken.
func (x *execution) take(c choice) *step {
	a := x.actors[c.actor]
	s := a.next
	a.acknowledged = 0
	x.trace.step(a, s, c.effect)
	a.resume <- c.effect
	a.next = <-a.parked
	x.trace.answer(s)
	return s
}

// cut ends the schedule here.
func (x *execution) cut() {
	for _, a := range x.actors {
		for a.next != nil {
			a.resume <- ends
			a.next = <-a.parked
		}
	}
}
