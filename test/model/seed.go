package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A seed names a scenario, the mutant if there is one, and the choices of a schedule, two
// characters each: late-reply/chat/1x1/1@lease:1.1.0.1X

// seed returns the seed of a schedule.
func seed(s scenario, m *mutant, path []choice) string {
	var text strings.Builder
	text.WriteString(s.name())
	if m != nil {
		text.WriteString("@" + m.name)
	}
	text.WriteByte(':')
	for _, c := range path {
		fmt.Fprintf(&text, "%d%c", c.actor, c.effect)
	}
	return text.String()
}

// readSeed returns what a seed names.
func readSeed(text string) (s scenario, m *mutant, path []choice, err error) {
	name, choices, found := strings.Cut(text, ":")
	if !found || len(choices)%2 != 0 {
		return s, nil, nil, errors.New("read seed: it must look like late-reply/chat/1x1/1:0.1X")
	}
	name, mutantName, mutated := strings.Cut(name, "@")
	if s, found = find(name); !found {
		return s, nil, nil, fmt.Errorf("read seed: there is no scenario %q", name)
	}
	if mutated {
		i := slices.IndexFunc(mutants, func(m mutant) bool { return m.name == mutantName })
		if i < 0 {
			return s, nil, nil, fmt.Errorf("read seed: there is no mutant %q", mutantName)
		}
		m = &mutants[i]
	}
	for i := 0; i < len(choices); i += 2 {
		path = append(path, choice{actor: int(choices[i] - '0'), effect: effect(choices[i+1])})
	}
	return s, m, path, nil
}

// replay executes the schedule of a seed and writes it down. broken is the violation that
// it comes to, or "".
func replay(text string) (lines []string, broken string, err error) {
	s, m, path, err := readSeed(text)
	if err != nil {
		return nil, "", err
	}
	ready := prepare(s, m)
	e := &explorer{setting: ready, table: newTable()}
	e.who, e.checker = e.identities(ready), newChecker(ready, e.table)
	e.execute(ready, nil)
	t := &trace{}
	x := ready.start(t)
	defer x.cut()
	now := e.initial()
	for i, c := range path {
		if !slices.Contains(e.choices(now), c) {
			return t.lines, "", fmt.Errorf("replay seed: at step %d there is no choice %d%c", i+1, c.actor, c.effect)
		}
		e.path = path[:i+1]
		x.take(c)
		if now, broken = e.next(now, c); broken != "" {
			return t.lines, broken, nil
		}
	}
	if len(e.choices(now)) == 0 {
		broken = x.rest(now.acknowledged)
	}
	return t.lines, broken, nil
}
