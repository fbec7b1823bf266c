package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// summary is what is written to the report.
type summary struct {
	Schedules int         `json:"schedules"`       // that the search went through
	Whole     uint64      `json:"whole_schedules"` // that these stand for
	States    int         `json:"states"`
	Executed  int         `json:"executed"` // schedules that were really executed
	Longest   int         `json:"longest_steps"`
	Seconds   float64     `json:"seconds"`
	Broken    int         `json:"violations"` // schedules that broke an invariant
	Mutants   int         `json:"mutants"`
	Caught    int         `json:"mutants_caught"`
	Scenarios []scored    `json:"scenarios"`
	Mutations []mutation  `json:"mutations"`
	Found     []violation `json:"found"` // the simplest of each scenario
}

// scored is one scenario's part of the report.
type scored struct {
	Name      string `json:"name"`
	Schedules int    `json:"schedules"`
	Whole     uint64 `json:"whole_schedules"`
	States    int    `json:"states"`
	Executed  int    `json:"executed"`
	Longest   int    `json:"longest_steps"`
	Broken    int    `json:"violations"`
}

// mutation is what became of one mutant.
type mutation struct {
	Name   string     `json:"name"`
	Guard  string     `json:"guard"`
	Caught *violation `json:"caught"` // null: it survived
}

func (s *summary) add(name string, r result) {
	s.Schedules += r.schedules
	s.Whole = sum(s.Whole, r.whole)
	s.States += r.states
	s.Executed += r.executed
	s.Longest = max(s.Longest, r.longest)
	s.Broken += r.violating
	s.Scenarios = append(s.Scenarios, scored{name, r.schedules, r.whole, r.states, r.executed, r.longest, r.violating})
	if r.violation != nil {
		s.Found = append(s.Found, *r.violation)
	}
}

func (s *summary) addMutation(m mutation) {
	s.Mutants++
	if m.Caught != nil {
		s.Caught++
	}
	s.Mutations = append(s.Mutations, m)
}

// write writes the report, with its folder.
func (s *summary) write(path string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
