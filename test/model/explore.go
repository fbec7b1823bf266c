package main

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// most is how many actors a scenario can have.
const most = 4

// state is all that the future of a schedule depends on.
type state struct {
	world        int
	faults       int // failures that may still happen
	acknowledged parcels
	actors       [most]local
}

// local is what a state has of one actor.
type local struct {
	memory int
	over   bool
	watch  watch
}

// result is what came of exploring one scenario.
type result struct {
	schedules int    // that the search went through, each to its end or into a known state
	whole     uint64 // whole schedules that they stand for
	states    int
	longest   int // steps
	executed  int // schedules
	violating int // of the schedules
	violation *violation
}

// explorer searches one setting.
type explorer struct {
	setting
	*table
	checker checker
	who     []int
	path    []choice
	counted map[state]uint64 // whole schedules from here on
	first   bool             // stop at the first violation
	result  result
}

// explore searches every schedule of the setting with what the table knows, and executes
// what it does not know yet. It goes on after a violation, and keeps the simplest, unless
// first is set.
func explore(s setting, t *table, first bool) *explorer {
	e := &explorer{setting: s, table: t, who: t.identities(s), counted: map[state]uint64{}, first: first}
	e.checker = newChecker(s, t)
	before := t.executed
	t.execute(s, nil)
	e.result.whole = e.visit(e.initial())
	e.result.states, e.result.executed = len(e.counted), t.executed-before
	return e
}

func (e *explorer) initial() state {
	s := state{faults: e.faults, world: e.table.world(newWorld(e.image, 0).view())}
	for i := range e.who {
		s.actors[i] = local{memory: number(e.memories, memory{})}
	}
	return s
}

// visit explores everything from the state on. It returns the number of whole schedules,
// without those that break an invariant.
func (e *explorer) visit(s state) uint64 {
	if whole, known := e.counted[s]; known {
		e.result.schedules++
		return whole
	}
	e.counted[s] = 0 // no schedule comes back to a state
	choices := e.choices(s)
	if len(choices) == 0 {
		e.result.schedules++
		e.result.longest = max(e.result.longest, len(e.path))
		if broken := e.checker.rest(s, e.path); broken != "" {
			e.violated(broken)
			return 0
		}
		e.counted[s] = 1
		return 1
	}
	var whole uint64
	for _, c := range choices {
		if e.first && e.result.violation != nil {
			return 0
		}
		e.path = append(e.path, c)
		next, broken := e.next(s, c)
		if broken == "" {
			whole = sum(whole, e.visit(next))
		} else {
			e.result.schedules++
			e.violated(broken)
		}
		e.path = e.path[:len(e.path)-1]
	}
	e.counted[s] = whole
	return whole
}

// choices lists what can happen next, in a fixed order; nothing once all have ended.
func (e *explorer) choices(s state) []choice {
	var list, failures []choice
	for i, who := range e.who {
		if s.actors[i].over {
			continue
		}
		list = append(list, choice{i, proceeds})
		wait := e.waits[knowing{who, s.actors[i].memory}]
		if s.faults == 0 || !wait.fails {
			continue
		}
		if !e.shared { // the death of a shared instance would be that of several actors
			failures = append(failures, choice{i, diesBefore})
		}
		if wait.writes { // of a request that only reads, a lost answer is one more try
			failures = append(failures, choice{i, lost})
			if !e.shared {
				failures = append(failures, choice{i, diesAfter})
			}
		}
	}
	return append(list, failures...)
}

// next returns the state after a choice, which e.path ends with, and what that breaks.
func (e *explorer) next(s state, c choice) (state, string) {
	before := s
	from := knowing{e.who[c.actor], s.actors[c.actor].memory}
	act, arrived, known := e.look(from, s.world, c.effect)
	if !known {
		e.execute(e.setting, e.path)
		act, arrived, _ = e.look(from, s.world, c.effect)
	}
	if c.effect != proceeds {
		s.faults--
	}
	s.world = act.world
	s.acknowledged |= arrived.acknowledged
	e.remember(&s, c.actor, arrived.memory)
	return e.checker.step(before, s, c, e.waits[from], arrived.acknowledged)
}

// look looks a step up.
func (e *explorer) look(from knowing, world int, f effect) (action, arrival, bool) {
	act, known := action{world: world}, true
	if f != diesBefore {
		act, known = e.actions[at{from, world}]
	}
	arrived, found := e.goings[going{from, hears(f, act.answer)}]
	return act, arrived, known && found
}

// remember puts what an actor knows now into the state; what handlers of one instance
// know, they know together.
func (e *explorer) remember(s *state, actor, memory int) {
	for i, who := range e.who {
		if i != actor && (!e.shared || i >= len(e.parcels) || actor >= len(e.parcels)) {
			continue
		}
		if e.waits[knowing{who, memory}].over {
			s.actors[i] = local{over: true}
			continue
		}
		s.actors[i].memory = memory
	}
}

func (e *explorer) violated(text string) {
	e.result.violating++
	v := violation{Seed: seed(e.scenario, e.mutant, e.path), Text: text, path: slices.Clone(e.path)}
	if e.result.violation == nil || v.simpler(*e.result.violation) {
		e.result.violation = &v
	}
}

// sample executes schedules drawn at random from start to end, and so compares the table
// with what really happens.
func (e *explorer) sample(n int, random *rand.Rand) {
	for range n {
		e.path = e.path[:0]
		for s := e.initial(); ; {
			choices := e.choices(s)
			if len(choices) == 0 {
				break
			}
			e.path = append(e.path, choices[random.IntN(len(choices))])
			next, broken := e.next(s, e.path[len(e.path)-1])
			if broken != "" {
				break
			}
			s = next
		}
		e.execute(e.setting, e.path)
		e.result.executed++
	}
}

// sum panics rather than wrap around.
func sum(a, b uint64) uint64 {
	total, carry := bits.Add64(a, b, 0)
	if carry != 0 {
		panic("model: more schedules than can be counted")
	}
	return total
}
