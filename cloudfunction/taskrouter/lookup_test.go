package taskrouter_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
)

// fetched is the answer that shows a task.
func fetched(n int, status, updated string) string {
	return fmt.Sprintf(`200 {"sid":%q,"assignment_status":%q,"date_updated":%s,"attributes":"{}"}`, sid("WT", n), status, updated)
}

func TestLookUp(t *testing.T) {
	t.Parallel()
	const when = `"2026-03-01T11:00:00Z"`
	const unreadable = "TaskRouter's answer does not fit the question"
	gone := refusal(404)
	there := fmt.Sprintf(`200 {"sid":%q}`, ws1)
	first, second := taskAt(ws1, 1), taskAt(ws2, 1)
	known, unknown := record(ws1), record("")
	over := func(outcome string, at time.Time) channel.Event {
		return channel.Event{ChannelSID: sid("CH", 1), Backend: channel.Conversations, TaskSID: sid("WT", 1), Phase: channel.Ended, Outcome: outcome, Time: at}
	}
	hour := noon.Add(-time.Hour)
	for name, row := range map[string]struct {
		reason     string
		record     channel.Record
		workspaces []string
		exchanges  []exchange
		want       channel.Event
		err        string
	}{
		"completed":               {"its end was never heard", known, nil, []exchange{{first, fetched(1, "completed", when)}}, over("completed", hour), ""},
		"canceled":                {"its end was never heard", known, nil, []exchange{{first, fetched(1, "canceled", when)}}, over("canceled", hour), ""},
		"ended, no time":          {"it counts from now", known, nil, []exchange{{first, fetched(1, "completed", "null")}}, over("completed", noon), ""},
		"ended in time to come":   {"clocks differ: it counts from now", known, nil, []exchange{{first, fetched(1, "completed", `"2026-03-01T12:00:01Z"`)}}, over("completed", noon), ""},
		"ended just now":          {"the moment itself can be", known, nil, []exchange{{first, fetched(1, "completed", `"2026-03-01T12:00:00Z"`)}}, over("completed", noon), ""},
		"pending":                 {"it has not ended", known, nil, []exchange{{first, fetched(1, "pending", when)}}, channel.Event{}, "the task has not ended"},
		"reserved":                {"it has not ended", known, nil, []exchange{{first, fetched(1, "reserved", when)}}, channel.Event{}, "the task has not ended"},
		"assigned":                {"it has not ended", known, nil, []exchange{{first, fetched(1, "assigned", when)}}, channel.Event{}, "the task has not ended"},
		"wrapping":                {"it has not ended", known, nil, []exchange{{first, fetched(1, "wrapping", when)}}, channel.Event{}, "the task has not ended"},
		"a state of its own":      {"what is not known to have ended has not", known, nil, []exchange{{first, fetched(1, "parked", when)}}, channel.Event{}, "the task has not ended"},
		"gone":                    {"Twilio deletes ended tasks: it ended, nobody knows when", known, nil, []exchange{{first, gone}, {root + "/" + ws1, there}}, over(taskrouter.OutcomeUnknown, noon), ""},
		"gone with its workspace": {"a wrong account must not look like an end", known, nil, []exchange{{first, gone}, {root + "/" + ws1, gone}}, channel.Event{}, "fetch workspace: HTTP 404"},
		"gone, who is asking?":    {"a wrong key must not look like an end", known, nil, []exchange{{first, gone}, {root + "/" + ws1, refusal(401)}}, channel.Event{}, "fetch workspace: HTTP 401"},
		"gone, and nobody at home": {
			"an outage must not look like an end", known, nil,
			[]exchange{{first, gone}, {root + "/" + ws1, refusal(500)}}, channel.Event{}, "fetch workspace: HTTP 500",
		},
		"gone, no workspace": {
			"an answer that cannot be read is none", known, nil,
			[]exchange{{first, gone}, {root + "/" + ws1, "200 <html>"}}, channel.Event{}, "fetch workspace: read the answer",
		},
		"gone, another workspace": {
			"it may be anybody's answer", known, nil,
			[]exchange{{first, gone}, {root + "/" + ws1, fmt.Sprintf(`200 {"sid":%q}`, ws2)}}, channel.Event{}, "fetch workspace: " + unreadable,
		},
		"unauthorized":           {"no end", known, nil, []exchange{{first, refusal(401)}}, channel.Event{}, "fetch task: HTTP 401"},
		"forbidden":              {"no end", known, nil, []exchange{{first, refusal(403)}}, channel.Event{}, "fetch task: HTTP 403"},
		"down":                   {"no end", known, nil, []exchange{{first, refusal(503)}}, channel.Event{}, "fetch task: HTTP 503"},
		"another task":           {"it may be anybody's answer", known, nil, []exchange{{first, fetched(2, "completed", when)}}, channel.Event{}, "fetch task: " + unreadable},
		"nothing":                {"no answer is no end", known, nil, []exchange{{first, "200 {}"}}, channel.Event{}, "fetch task: " + unreadable},
		"its workspace is known": {"the list does not count then", known, []string{ws2}, []exchange{{first, fetched(1, "completed", when)}}, over("completed", hour), ""},
		"unknown, listed":        {"the list says where to look", unknown, []string{ws2}, []exchange{{second, fetched(1, "completed", when)}}, over("completed", hour), ""},
		"unknown, in the second": {"one after the other", unknown, []string{ws1, ws2}, []exchange{{first, gone}, {root + "/" + ws1, there}, {second, fetched(1, "assigned", when)}}, channel.Event{}, "the task has not ended"},
		"unknown, in none":       {"no workspace has it, and all are there", unknown, []string{ws1, ws2}, []exchange{{first, gone}, {root + "/" + ws1, there}, {second, gone}, {root + "/" + ws2, fmt.Sprintf(`200 {"sid":%q}`, ws2)}}, over(taskrouter.OutcomeUnknown, noon), ""},
		"unknown, none listed":   {"all of the account", unknown, nil, []exchange{{listing, workspaces(ws1)}, {first, fetched(1, "completed", when)}}, over("completed", hour), ""},
		"unknown, none there":    {"then nobody was asked", unknown, nil, []exchange{{listing, workspaces()}}, channel.Event{}, "fetch task: " + unreadable + ": no workspace is known"},
		"unknown, not answered":  {"a wrong key says nothing", unknown, nil, []exchange{{listing, refusal(403)}}, channel.Event{}, "list workspaces: HTTP 403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := asker(s, still, row.workspaces...).LookUp(t.Context(), row.record, sid("WT", 1))
			contains(t, row.reason, err, row.err)
			for sentinel, text := range map[error]string{taskrouter.ErrUnreadable: unreadable, taskrouter.ErrUnfinished: "the task has not ended"} {
				if is := strings.Contains(row.err, text); errors.Is(err, sentinel) != is {
					t.Errorf("%s: %v: %t, but got %v", row.reason, sentinel, is, err)
				}
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			s.check(t)
		})
	}
}

// The account's workspaces are listed once in ten minutes, and a failure is not remembered.
func TestListingIsRemembered(t *testing.T) {
	t.Parallel()
	now := noon
	one, two := question(ws1, ""), question(ws2, "")
	s := &script{exchanges: []exchange{
		{listing, refusal(500)}, {listing, workspaces(ws1)}, {one, tasks()}, {one, tasks()}, {listing, workspaces(ws2)}, {two, tasks()},
	}}
	a := asker(s, func() time.Time { return now })
	ask := func(reason string, fails bool) {
		t.Helper()
		if _, err := a.Unfinished(t.Context(), record()); (err != nil) != fails {
			t.Errorf("%s: %v", reason, err)
		}
	}
	ask("the listing fails", true)
	ask("it is asked for again", false)
	now = noon.Add(10*time.Minute - 1)
	ask("it is good for ten minutes", false)
	now = noon.Add(10 * time.Minute)
	ask("then it is asked for again", false)
	s.check(t)
}

// An account without workspaces is asked once, too.
func TestEmptyListingIsRemembered(t *testing.T) {
	t.Parallel()
	s := &script{exchanges: []exchange{{listing, workspaces()}}}
	a := asker(s, still)
	for range 2 {
		if _, err := a.Unfinished(t.Context(), record()); !errors.Is(err, taskrouter.ErrUnreadable) {
			t.Errorf("got %v", err)
		}
	}
	s.check(t)
}

func TestAskersShareTheListing(t *testing.T) {
	t.Parallel()
	s := &script{exchanges: []exchange{{listing, workspaces(ws1)}}}
	for range 8 {
		s.exchanges = append(s.exchanges, exchange{question(ws1, ""), tasks()})
	}
	a := asker(s, still)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := a.Unfinished(t.Context(), record()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	s.check(t)
}
