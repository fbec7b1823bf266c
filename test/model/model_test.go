package main

import (
	"flag"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var seedFlag = flag.String("seed", "", "with -run TestSeed: execute the schedule of this seed, and print its steps")

func TestSeed(t *testing.T) {
	t.Parallel()
	if *seedFlag == "" {
		t.Skip("no -seed")
	}
	lines, broken, err := replay(*seedFlag)
	for _, line := range lines {
		t.Log(line)
	}
	if err != nil {
		t.Fatal(err)
	}
	if broken != "" {
		t.Fatal(broken)
	}
}

// TestSchedules explores a portion of what the command explores, one story on each
// backend among it.
func TestSchedules(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"duplicate/chat/2x2/1", "first-contact/interaction/2x1/1", "first-contact/chat/2x1-shared/0",
		"late-reply/chat/1x1/1", "late-reply/conversations/1x1/1", "transfer/interaction/1x1/1", "canceled/conversations/1x1/1",
		"late-news/chat/1x1/1", "interrupted/chat/1x1/1", "reopened-after/chat/1x1/1", "customer-writes/interaction/1x1/1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, found := find(name)
			if !found {
				t.Fatal("no such scenario")
			}
			e := explore(prepare(s, nil), newTable(), false)
			e.sample(5, rand.New(rand.NewPCG(1, 2)))
			if e.result.violation != nil {
				t.Fatalf("%+v", *e.result.violation)
			}
			if e.result.schedules < 50 || e.result.whole < uint64(e.result.schedules) {
				t.Errorf("explored %+v: too little to mean anything", e.result)
			}
		})
	}
}

// TestMutants: the checks find what each guard is for, and the seed shows it again.
func TestMutants(t *testing.T) {
	t.Parallel()
	for i := range mutants {
		m := &mutants[i]
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			caught := m.try().Caught
			if caught == nil {
				t.Fatalf("nothing breaks without %s", m.guard)
			}
			lines, broken, err := replay(caught.Seed)
			if err != nil {
				t.Fatal(err)
			}
			if broken != caught.Text {
				t.Errorf("the seed %s breaks %q, want %q", caught.Seed, broken, caught.Text)
			}
			if len(lines) < 2*len(caught.path) {
				t.Errorf("the replay of %d steps has only %d lines", len(caught.path), len(lines))
			}
		})
	}
}

// TestPruning executes every schedule of small scenarios from start to end, without
// pruning and without the table, and compares what the search says: how many whole
// schedules there are, and which worlds they end in.
func TestPruning(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"duplicate/chat/1x1/1", "duplicate/interaction/1x1/1", "first-contact/chat/1x1/1", "interrupted/conversations/1x1/1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := find(name)
			ready := prepare(s, nil)
			e := explore(ready, newTable(), false)
			searched := map[view]bool{}
			for at := range e.checker.rests {
				searched[e.views[at.world]] = true
			}
			whole, executed := ready.executeAll()
			if e.result.whole != whole {
				t.Errorf("the search stands for %d whole schedules, there are %d", e.result.whole, whole)
			}
			if diff := cmp.Diff(executed, searched, cmp.AllowUnexported(view{})); diff != "" {
				t.Errorf("worlds at the end (-executed +searched):\n%s", diff)
			}
		})
	}
}

// executeAll executes every whole schedule, and returns their number and the worlds that
// they end in.
func (s setting) executeAll() (whole uint64, worlds map[view]bool) {
	worlds = map[view]bool{}
	type branch struct {
		choices []choice
		at      int
	}
	var path []branch
	for {
		x := s.start(nil)
		faults := s.faults
		take := func(c choice) {
			if c.effect != proceeds {
				faults--
			}
			x.take(c)
		}
		for _, b := range path {
			take(b.choices[b.at])
		}
		for choices := x.possible(faults); len(choices) > 0; choices = x.possible(faults) {
			path = append(path, branch{choices: choices})
			take(choices[0])
		}
		whole++
		worlds[x.world.view()] = true
		for len(path) > 0 && path[len(path)-1].at == len(path[len(path)-1].choices)-1 {
			path = path[:len(path)-1]
		}
		if len(path) == 0 {
			return whole, worlds
		}
		path[len(path)-1].at++
	}
}

// possible lists what can happen next in an execution with so many failures left.
func (x *execution) possible(faults int) []choice {
	var list []choice
	for i, a := range x.actors {
		if a.next == nil {
			continue
		}
		list = append(list, choice{i, proceeds})
		if faults == 0 || a.next.request == nil {
			continue
		}
		list = append(list, choice{i, diesBefore})
		if a.next.request.Method == "POST" {
			list = append(list, choice{i, lost}, choice{i, diesAfter})
		}
	}
	return list
}

func TestMutantsScenariosHold(t *testing.T) {
	t.Parallel()
	shipped := map[string]bool{}
	for _, s := range scenarios(false) {
		shipped[s.name()] = true
	}
	for _, m := range mutants {
		if !shipped[m.scenario] {
			t.Errorf("mutant %s is tried in %q, which the default run does not explore whole: its violation would prove nothing", m.name, m.scenario)
		}
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	report := filepath.Join(t.TempDir(), "model", "report.json")
	o := options{only: "^duplicate/chat/1x1/", samples: 1, report: report}
	if err := o.run(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"duplicate/chat/1x1/1", "0 violations", "mutants caught"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, &out)
		}
	}
	o.only = "nothing-of-that-name"
	if err := o.run(io.Discard); err == nil {
		t.Error("a run that explores nothing must not pass")
	}
}

func TestReadSeedRefuses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, seed, reason string }{
		{"empty", "", "it names nothing"},
		{"odd", "late-reply/chat/1x1/1:0.1", "a choice has two characters"},
		{"scenario", "no-such/chat/1x1/1:0.", "there is no such scenario"},
		{"mutant", "late-reply/chat/1x1/1@no-such:0.", "there is no such mutant"},
		{"actor", "late-reply/chat/1x1/1:7.", "there is no such actor"},
		{"effect", "late-reply/chat/1x1/1:0!", "there is no such effect"},
		{"failures", "late-reply/chat/1x1/1:0x0x", "a schedule has one failure"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := replay(row.seed); err == nil {
				t.Errorf("replayed, although %s", row.reason)
			}
		})
	}
}
