package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
)

// options are the command's flags.
type options struct {
	deep    bool
	only    string
	samples int
	report  string
	replay  string
}

func main() {
	var o options
	flag.BoolVar(&o.deep, "deep", false, "explore schedules with two failures too")
	flag.StringVar(&o.only, "only", "", "explore only the scenarios whose names match this regular expression")
	flag.IntVar(&o.samples, "samples", 25, "how many schedules of each scenario to draw at random and execute whole, to check the pruning")
	flag.StringVar(&o.report, "report", "build/model/report.json", "where to write the report")
	flag.StringVar(&o.replay, "replay", "", "execute the schedule of this `seed` and print its steps, instead of exploring")
	flag.Parse()
	debug.SetGCPercent(400) // executions make much garbage and keep little
	run := o.run
	if o.replay != "" {
		run = o.runReplay
	}
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "model:", err)
		os.Exit(1)
	}
}

// run explores, tries the mutants, and writes the report. An error says that an invariant
// was broken or that a mutant survived.
func (o options) run(out io.Writer) error {
	pattern, err := regexp.Compile(o.only)
	if err != nil {
		return fmt.Errorf("read -only: %w", err)
	}
	began := time.Now()
	s := &summary{Scenarios: []scored{}, Mutations: []mutation{}, Found: []violation{}}
	groups := o.groups(pattern)
	if len(groups) == 0 {
		return fmt.Errorf("no scenario matches %q", o.only)
	}
	o.exploreAll(out, groups, s)
	tryMutants(out, s)
	s.Seconds = time.Since(began).Seconds()
	fmt.Fprintf(out, "\n%d schedules, which stand for %d whole ones; %d distinct states; %d schedules executed; the longest has %d steps\n",
		s.Schedules, s.Whole, s.States, s.Executed, s.Longest)
	fmt.Fprintf(out, "%d violations; %d of %d mutants caught; %.0f s; %s\n", s.Broken, s.Caught, s.Mutants, s.Seconds, o.report)
	for _, v := range s.Found {
		printSchedule(out, v)
	}
	if err := s.write(o.report); err != nil {
		return err
	}
	switch {
	case s.Broken > 0:
		return fmt.Errorf("%d schedules break an invariant; replay one with -replay and its seed", s.Broken)
	case s.Caught < s.Mutants:
		return errors.New("a mutant survived: the checks cannot see what its guard is for")
	}
	return nil
}

// groups lists the scenarios to explore, those of one story on one backend together,
// since they share what is learnt.
func (o options) groups(pattern *regexp.Regexp) [][]scenario {
	var groups [][]scenario
	for _, sc := range scenarios(o.deep) {
		if !pattern.MatchString(sc.name()) {
			continue
		}
		if last := len(groups) - 1; last >= 0 && groups[last][0].story.name == sc.story.name && groups[last][0].backend == sc.backend {
			groups[last] = append(groups[last], sc)
		} else {
			groups = append(groups, []scenario{sc})
		}
	}
	return groups
}

// exploreAll explores the groups in parallel, and prints them in order.
func (o options) exploreAll(out io.Writer, groups [][]scenario, s *summary) {
	done := make([]chan []result, len(groups))
	for i := range done {
		done[i] = make(chan []result, 1)
	}
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	go func() {
		for i, group := range groups {
			workers.Go(func() error { done[i] <- exploreGroup(group, o.samples); return nil })
		}
	}()
	fmt.Fprintf(out, "%-44s %10s %18s %10s %9s\n", "story/backend/handlers x sweeps/failures", "schedules", "whole", "states", "executed")
	for i, group := range groups {
		for n, r := range <-done[i] {
			name := group[n].name()
			s.add(name, r)
			fmt.Fprintf(out, "%-44s %10d %18d %10d %9d\n", name, r.schedules, r.whole, r.states, r.executed)
		}
	}
}

func exploreGroup(group []scenario, samples int) []result {
	t := newTable()
	var results []result
	for _, sc := range group {
		e := explore(prepare(sc, nil), t, false)
		e.sample(samples, rand.New(rand.NewPCG(1, uint64(len(results)))))
		results = append(results, e.result)
	}
	return results
}

// tryMutants explores each mutant until it breaks an invariant.
func tryMutants(out io.Writer, s *summary) {
	fmt.Fprintln(out)
	for i := range mutants {
		m := mutants[i].try()
		s.addMutation(m)
		if m.Caught == nil {
			fmt.Fprintf(out, "mutant %-17s SURVIVED without %s\n", m.Name, m.Guard)
			continue
		}
		fmt.Fprintf(out, "mutant %-17s caught without %s:\n    %s\n    %s\n", m.Name, m.Guard, m.Caught.Text, m.Caught.Seed)
	}
}

func printSchedule(out io.Writer, v violation) {
	fmt.Fprintf(out, "\n%s\n  seed %s\n", v.Text, v.Seed)
	lines, _, err := replay(v.Seed)
	for _, line := range lines {
		fmt.Fprintln(out, "  "+line)
	}
	if err != nil {
		fmt.Fprintln(out, "  "+err.Error())
	}
}

func (o options) runReplay(out io.Writer) error {
	lines, broken, err := replay(o.replay)
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	if err != nil {
		return err
	}
	if broken == "" {
		broken = "nothing is broken"
	}
	fmt.Fprintln(out, broken)
	return nil
}
