package main

import (
	"time"
)

// This file says what must be, with no code of channel: the fold of the reports, and when
// a channel is due.

// rank orders the phases of a task. An unknown phase is before all of them.
var rank = map[string]int{"open": 1, "wrapping": 2, "ended": 3}

// phaseOf says how far an event takes its task.
func phaseOf(kind string) string {
	switch kind {
	case created:
		return "open"
	case wrapup:
		return "wrapping"
	}
	return "ended"
}

// expected is what a record must know after the reports, in whatever order they came: of
// each task the furthest phase, its earliest time, and of two ends at one time the
// outcome that comes first in the alphabet.
func expected(reports []report) map[string]task {
	tasks := map[string]task{}
	for _, r := range reports {
		told := task{Phase: phaseOf(r.kind), Time: scheduleStart.Add(-r.ago)}
		if told.Phase == "ended" {
			told.Outcome = r.kind
		}
		if known, found := tasks[taskSID(r.task)]; !found || told.over(known) {
			tasks[taskSID(r.task)] = told
		}
	}
	return tasks
}

func (t task) over(known task) bool {
	if rank[t.Phase] != rank[known.Phase] {
		return rank[t.Phase] > rank[known.Phase]
	}
	if !t.Time.Equal(known.Time) {
		return t.Time.Before(known.Time)
	}
	return t.Outcome < known.Outcome
}

// verdict says what must become of a channel.
type verdict string

const (
	mustKeep   verdict = "keep"   // a task is open, or the retention is not over
	mustRetire verdict = "retire" // due
)

// judge says what must become of a channel with these tasks at now.
func judge(tasks map[string]task, now time.Time) verdict {
	var last time.Time
	for _, t := range tasks {
		if t.Phase != "ended" {
			return mustKeep
		}
		if t.Time.After(last) {
			last = t.Time
		}
	}
	if last.IsZero() || now.Before(last.Add(retention)) {
		return mustKeep
	}
	return mustRetire
}
