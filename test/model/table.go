package main

import (
	"fmt"
)

// table is what has been learnt from executions: how the world answers, and how actors
// go on. Worlds and memories have numbers in it. Whatever an execution shows is compared
// with what is known: a difference means that equal states do not have equal futures, and
// ends the program.
type table struct {
	views    []view
	worlds   map[view]int
	memories map[memory]int
	answers  map[string]int
	people   map[string]int

	actions  map[at]action     // of the world
	goings   map[going]arrival // of an actor
	waits    map[knowing]wait
	executed int // schedules
}

// knowing is an actor and what it knows. That decides its next step.
type knowing struct {
	actor  int
	memory int
}

// at is such an actor in a world. That decides what its next step does.
type at struct {
	knowing
	world int
}

// action is what a step does to the world.
type action struct {
	world  int
	answer int
}

// What an actor can hear instead of an answer.
const (
	heardNothing = -1 // the answer was lost
	heardDeath   = -2 // it died
)

// going is an actor that hears something.
type going struct {
	knowing
	heard int
}

// arrival is where that takes it.
type arrival struct {
	memory       int
	acknowledged parcels // on the way
}

// wait is what an actor's next step is.
type wait struct {
	over   bool // none: it has ended
	fails  bool // it is a request, so it can fail
	writes bool
	looks  bool // it asks for the newest message
}

func newTable() *table {
	return &table{
		worlds: map[view]int{}, memories: map[memory]int{}, answers: map[string]int{}, people: map[string]int{},
		actions: map[at]action{}, goings: map[going]arrival{}, waits: map[knowing]wait{},
	}
}

// number returns the number of a thing, a new one if it has none.
func number[T comparable](numbers map[T]int, thing T) int {
	n, known := numbers[thing]
	if !known {
		n = len(numbers)
		numbers[thing] = n
	}
	return n
}

func (t *table) world(v view) int {
	n := number(t.worlds, v)
	if n == len(t.views) {
		t.views = append(t.views, v)
	}
	return n
}

// put notes something, compares it with what is known, and tells whether it is new.
func put[K, V comparable](known map[K]V, key K, value V) bool {
	old, found := known[key]
	if found && old != value {
		panic(fmt.Sprintf("model: the same state had two futures: at %v first %v, then %v", key, old, value))
	}
	known[key] = value
	return !found
}

// identities numbers the actors of a setting. Two settings of one story share what is
// learnt of an actor only if it leads the same life in both.
func (t *table) identities(s setting) []int {
	var list []int
	for i := range s.parcels {
		list = append(list, number(t.people, fmt.Sprintf("H%d of %d shared %t", i+1, len(s.parcels), s.shared)))
	}
	for i := range s.sweeps {
		list = append(list, number(t.people, fmt.Sprintf("S%d", i+1)))
	}
	return list
}

// execute executes a schedule and notes what it shows. Then it goes on as the search
// will, with the first choice at each place, as long as that shows something new.
func (t *table) execute(s setting, path []choice) {
	o := t.observe(s)
	defer o.cut()
	for _, c := range path {
		o.take(c)
	}
	for c, more := o.first(); more && o.take(c); c, more = o.first() {
	}
}

// observed is an execution that is noted in the table.
type observed struct {
	*execution
	*table
	who   []int
	world int
}

func (t *table) observe(s setting) *observed {
	t.executed++
	x := s.start(nil)
	o := &observed{execution: x, table: t, who: t.identities(s), world: t.world(x.world.view())}
	o.noteWaits()
	return o
}

// take makes a choice and tells whether it showed something new.
func (o *observed) take(c choice) bool {
	a := o.actors[c.actor]
	from := knowing{o.who[c.actor], number(o.memories, *a.memory)}
	step := o.execution.take(c)
	answer := number(o.answers, step.answer)
	isNew := false
	if c.effect != diesBefore {
		before := o.world
		o.world = o.table.world(o.execution.world.view())
		isNew = put(o.actions, at{from, before}, action{world: o.world, answer: answer})
	}
	arrived := arrival{number(o.memories, *a.memory), a.acknowledged}
	isNew = put(o.goings, going{from, hears(c.effect, answer)}, arrived) || isNew
	o.noteWaits()
	return isNew
}

// first returns the first choice that the search makes here, if there is one.
func (o *observed) first() (choice, bool) {
	for i, a := range o.actors {
		if a.next != nil {
			return choice{i, proceeds}, true
		}
	}
	return choice{}, false
}

func (o *observed) noteWaits() {
	for i, a := range o.actors {
		put(o.waits, knowing{o.who[i], number(o.memories, *a.memory)}, a.waits())
	}
}

// hears says what an actor hears of the answer to its step.
func hears(e effect, answer int) int {
	switch e {
	case lost:
		return heardNothing
	case diesBefore, diesAfter:
		return heardDeath
	}
	return answer
}
