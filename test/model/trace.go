package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// trace writes a schedule down, step by step. A nil trace writes nothing.
type trace struct {
	lines []string
}

func (t *trace) add(format string, args ...any) {
	if t != nil {
		t.lines = append(t.lines, fmt.Sprintf(format, args...))
	}
}

var effectTexts = map[effect]string{
	proceeds: "", lost: "   [its answer is lost]", diesBefore: "   [it dies before this]", diesAfter: "   [it dies after this]",
}

func (t *trace) step(a *actor, s *step, e effect) {
	if t != nil {
		t.add("%2d. %s %s%s", len(t.lines)/2+1, a.name, s, effectTexts[e])
	}
}

func (t *trace) answer(s *step) {
	if t != nil {
		t.add("      → %s", describeAnswer(s.answer))
	}
}

func (t *trace) clean(run string, after time.Duration, report *sweep.Report, v view) {
	if t == nil {
		return
	}
	var did []string
	for _, item := range report.Items {
		did = append(did, string(item.Did))
	}
	t.add("%s later the clean sweep %s did: [%s]", after, run, strings.Join(did, ", "))
	t.add("      the channel: %s, %s; its record: %s", v.state, v.attributes, v.record())
}

// violation is a broken invariant and the schedule that breaks it.
type violation struct {
	Seed string `json:"seed"` // replays it
	Text string `json:"text"`
	path []choice
}

// simpler tells whether a person follows v more easily than o: fewer failures, then fewer
// changes of actor, then fewer steps.
func (v violation) simpler(o violation) bool {
	a, b := v.weight(), o.weight()
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func (v violation) weight() [3]int {
	w := [3]int{2: len(v.path)}
	for i, c := range v.path {
		if c.effect != proceeds {
			w[0]++
		}
		if i > 0 && c.actor != v.path[i-1].actor {
			w[1]++
		}
	}
	return w
}
