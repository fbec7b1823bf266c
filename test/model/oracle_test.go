package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExpected(t *testing.T) {
	t.Parallel()
	at := func(ago time.Duration) time.Time { return scheduleStart.Add(-ago) }
	for _, row := range []struct {
		name, reason string
		reports      []report
		want         map[string]task
	}{
		{"none", "nothing was told", nil, map[string]task{}},
		{"forward", "the furthest phase wins", []report{{1, created, 2 * time.Hour}, {1, completed, time.Hour}},
			map[string]task{taskSID(1): {"ended", at(time.Hour), "completed"}}},
		{"backward", "also if it was told first", []report{{1, wrapup, time.Hour}, {1, created, 2 * time.Hour}},
			map[string]task{taskSID(1): {"wrapping", at(time.Hour), ""}}},
		{"earlier", "of two ends the earlier counts", []report{{1, deleted, time.Hour}, {1, canceled, 2 * time.Hour}},
			map[string]task{taskSID(1): {"ended", at(2 * time.Hour), "canceled"}}},
		{"alphabet", "of two ends at one time the first in the alphabet", []report{{1, deleted, time.Hour}, {1, canceled, time.Hour}},
			map[string]task{taskSID(1): {"ended", at(time.Hour), "canceled"}}},
		{"two tasks", "tasks do not touch each other", []report{{1, completed, time.Hour}, {2, created, 0}},
			map[string]task{taskSID(1): {"ended", at(time.Hour), "completed"}, taskSID(2): {"open", at(0), ""}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, expected(row.reports)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

// The two documents of a world at rest.
const (
	trackingDocument = `{"tasks":{"WT00000000000000000000000000000001":{"phase":"open","time":"2026-01-06T08:00:00Z"}},"status":"tracking"}`
	retiredDocument  = `{"tasks":{"WT00000000000000000000000000000001":{"phase":"ended","time":"2026-01-06T08:00:00Z"` +
		`,"outcome":"completed"}},"status":"retired"}`
)

// TestAtRest: each thing that can be wrong with a world at rest is seen.
func TestAtRest(t *testing.T) {
	t.Parallel()
	open := []report{{1, created, 0}}
	ended := []report{{1, completed, 0}}
	for _, row := range []struct {
		name, reason string
		view         view
		reports      []report
		want         string // part of the verdict; "" for none
	}{
		{"kept", "an open task, a live channel", view{attributes: liveAttributes, document: trackingDocument}, open, ""},
		{"retired", "due and retired", view{attributes: retiredAttributes, document: retiredDocument}, ended, ""},
		{"closed", "due and closed", view{attributes: liveAttributes, state: "closed", document: retiredDocument}, ended, ""},
		{"stays retired", "a task is open on a retired channel", view{attributes: retiredAttributes, document: trackingDocument}, open, "stays retired"},
		{"not retired", "due and still live", view{attributes: liveAttributes, document: retiredDocument}, ended, "not retired"},
		{"attribute", "a foreign attribute is gone", view{attributes: `{"long_lived":true,"status":"ACTIVE"}`, document: trackingDocument}, open, "attribute"},
		{"ledger", "the ledger knows less than was told", view{attributes: liveAttributes, document: trackingDocument}, ended, "ledger"},
		{"record behind", "the channel is retired, the record does not know",
			view{attributes: retiredAttributes, document: strings.Replace(retiredDocument, `"retired"`, `"retiring"`, 1)}, ended, "still retiring"},
		{"closed for good", "a conversation was closed under an open task, and the record does not know",
			view{attributes: liveAttributes, state: "closed", document: trackingDocument}, open, "for good"},
		{"evidence", "all is well, but the claim is still there",
			view{attributes: liveAttributes, document: strings.TrimSuffix(trackingDocument, "}") + `,"claim":{"run":"S1"}}`}, open, "says otherwise"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := atRest(row.view, expected(row.reports), scheduleStart.Add(2*retention))
			if (got == "") != (row.want == "") || !strings.Contains(got, row.want) {
				t.Errorf("%s: verdict %q, want %q", row.reason, got, row.want)
			}
		})
	}
}

// TestJudgeChange: each thing that can be wrong with one write is seen.
func TestJudgeChange(t *testing.T) {
	t.Parallel()
	live := func(document string) view { return view{attributes: liveAttributes, document: document} }
	task := func(phase, at, rest string) string {
		return `{"tasks":{"WT1":{"phase":"` + phase + `","time":"` + at + `"}},` + rest + `}`
	}
	const longAgo, now = "2026-01-06T05:00:00Z", "2026-01-06T08:00:00Z"
	claim := `"status":"retiring","claim":{"run":"S1"}`
	for _, row := range []struct {
		name, reason  string
		before, after view
		want          facts // with broken as a part of what it says
	}{
		{"claim", "a due record is claimed", live(task("ended", longAgo, `"status":"tracking"`)), live(task("ended", longAgo, claim)), facts{claims: true}},
		{"early claim", "the retention is not over", live(task("ended", now, `"status":"tracking"`)), live(task("ended", now, claim)),
			facts{claims: true, broken: "must keep"}},
		{"claim while open", "a task is open", live(task("open", longAgo, `"status":"tracking"`)), live(task("open", longAgo, claim)),
			facts{claims: true, broken: "must keep"}},
		{"forgotten", "a write lost a task", live(task("open", now, `"status":"tracking"`)), live(`{"tasks":{},"status":"tracking"}`),
			facts{broken: "overwrote"}},
		{"backward", "a write took a task back", live(task("ended", now, `"status":"tracking"`)), live(task("open", now, `"status":"tracking"`)),
			facts{broken: "overwrote"}},
		{"retires", "the channel is retired", live(""), view{attributes: retiredAttributes}, facts{retires: true}},
		{"restores", "the channel is put back", view{attributes: retiredAttributes}, live(""), facts{restores: true}},
		{"attribute", "an attribute is gone", live(""), view{attributes: "{}"}, facts{broken: "attribute"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := judgeChange("S1", row.before, row.after)
			if (got.broken == "") != (row.want.broken == "") || !strings.Contains(got.broken, row.want.broken) {
				t.Errorf("%s: broken %q, want %q", row.reason, got.broken, row.want.broken)
			}
			got.broken = row.want.broken
			if got != row.want {
				t.Errorf("%s: %+v, want %+v", row.reason, got, row.want)
			}
		})
	}
}

// TestTouch: a channel is changed only by who holds the claim, and closed only in quiet.
func TestTouch(t *testing.T) {
	t.Parallel()
	c := checker{}
	for _, row := range []struct {
		name, reason string
		watch        watch
		broken       bool
	}{
		{"claimed", "it holds the claim", watch{claims: true}, false},
		{"unclaimed", "it holds none", watch{}, true},
		{"warned", "somebody was writing", watch{claims: true, warned: true}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := c.touch(0, row.watch); (got != "") != row.broken {
				t.Errorf("%s: %q", row.reason, got)
			}
		})
	}
}
