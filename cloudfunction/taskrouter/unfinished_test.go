package taskrouter_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
)

// question is the address that asks a workspace for the unfinished tasks of the first channel.
func question(workspace, more string) string {
	expression := `conversationSid == "` + sid("CH", 1) + `" OR channelSid == "` + sid("CH", 1) + `"` + more
	return root + "/" + workspace + "/Tasks?AssignmentStatus=pending&AssignmentStatus=reserved&AssignmentStatus=assigned&AssignmentStatus=wrapping" +
		"&EvaluateTaskAttributes=" + url.QueryEscape(expression) + "&PageSize=50"
}

// tasks is the answer that lists them.
func tasks(list ...string) string {
	return `200 {"tasks":[` + strings.Join(list, ",") + `],"meta":{}}`
}

// listed is one task of a list; attributes are JSON.
func listed(n int, status, created, attributes string) string {
	return fmt.Sprintf(`{"sid":%q,"assignment_status":%q,"date_created":%s,"attributes":%s}`, sid("WT", n), status, created, attributes)
}

func TestUnfinished(t *testing.T) {
	t.Parallel()
	const when = `"2026-03-01T11:00:00Z"`
	ask := question(ws1, "")
	names := fmt.Sprintf("%q", `{"conversationSid":"`+sid("CH", 1)+`"}`)
	other := fmt.Sprintf("%q", `{"conversationSid":"`+sid("CH", 2)+`"}`)
	interaction := fmt.Sprintf("%q", `{"flexInteractionChannelSid":"`+sid("UO", 1)+`"}`)
	withInteraction := record()
	withInteraction.Interaction = &channel.Interaction{SID: sid("KD", 1), ChannelSID: sid("UO", 1)}
	more := ` OR flexInteractionChannelSid == "` + sid("UO", 1) + `"`
	open := func(n int, workspace string, begun time.Time) channel.Event {
		return channel.Event{ChannelSID: sid("CH", 1), Backend: channel.Conversations, TaskSID: sid("WT", n), Workspace: workspace, Phase: channel.Open, Time: begun}
	}
	hour := noon.Add(-time.Hour)
	const unreadable = "TaskRouter's answer does not fit the question"
	for name, row := range map[string]struct {
		reason     string
		record     channel.Record
		workspaces []string
		exchanges  []exchange
		want       []channel.Event
		err        string
	}{
		"none":                     {"nothing is open", record(), []string{ws1}, []exchange{{ask, tasks()}}, nil, ""},
		"one":                      {"it opens a task on the channel", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, names))}}, []channel.Event{open(1, ws1, hour)}, ""},
		"each unfinished state":    {"none of them is an end", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, names), listed(2, "reserved", when, names), listed(3, "assigned", when, names), listed(4, "wrapping", when, names))}}, []channel.Event{open(1, ws1, hour), open(2, ws1, hour), open(3, ws1, hour), open(4, ws1, hour)}, ""},
		"ended ones":               {"Twilio need not have filtered by the state", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "completed", when, names), listed(2, "canceled", when, names), listed(3, "reserved", when, names))}}, []channel.Event{open(3, ws1, hour)}, ""},
		"a state of its own":       {"what is not known to have ended has not", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "parked", when, names))}}, []channel.Event{open(1, ws1, hour)}, ""},
		"no attributes":            {"they may be left out of lists, and may name it", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, "null"))}}, []channel.Event{open(1, ws1, hour)}, ""},
		"no time":                  {"it is open now", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", "null", names))}}, []channel.Event{open(1, ws1, noon)}, ""},
		"a time to come":           {"clocks differ: it is open now", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", `"2026-03-01T12:00:01Z"`, names))}}, []channel.Event{open(1, ws1, noon)}, ""},
		"by the interaction":       {"a task may name that alone", withInteraction, []string{ws1}, []exchange{{question(ws1, more), tasks(listed(1, "pending", when, interaction))}}, []channel.Event{open(1, ws1, hour)}, ""},
		"another interaction":      {"the question was not understood", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, interaction))}}, nil, unreadable},
		"two workspaces":           {"one request for each", record(), []string{ws1, ws2}, []exchange{{ask, tasks(listed(1, "pending", when, names))}, {question(ws2, ""), tasks(listed(2, "pending", when, names))}}, []channel.Event{open(1, ws1, hour), open(2, ws2, hour)}, ""},
		"none is listed":           {"all of the account", record(), nil, []exchange{{listing, workspaces(ws1, ws2)}, {ask, tasks()}, {question(ws2, ""), tasks()}}, nil, ""},
		"the account has none":     {"then nobody was asked", record(), nil, []exchange{{listing, workspaces()}}, nil, "list tasks: " + unreadable + ": no workspace is known"},
		"a listing of another":     {"what is no SID gets into no path", record(), nil, []exchange{{listing, workspaces("WS1/..", sid("CH", 1), ws1)}, {ask, tasks()}}, nil, ""},
		"a listing without":        {"then nobody was asked", record(), nil, []exchange{{listing, "200 {}"}}, nil, unreadable},
		"more than a page of them": {"one that was not asked may have it", record(), nil, []exchange{{listing, `200 {"workspaces":[{"sid":"` + ws1 + `"}],"meta":{"next_page_url":"` + root + `?Page=1"}}`}}, nil, "list those that matter in WORKSPACE_SIDS"},
		"the listing is refused":   {"a wrong key says nothing", record(), nil, []exchange{{listing, refusal(401)}}, nil, "list workspaces: HTTP 401"},
		"another channel's":        {"the question was not understood: everything is listed", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, names), listed(2, "pending", when, other))}}, nil, unreadable},
		"another's, ended":         {"the question was not understood: everything is listed", record(), []string{ws1}, []exchange{{ask, tasks(listed(2, "completed", when, other))}}, nil, unreadable},
		"empty attributes":         {"the question was not understood", record(), []string{ws1}, []exchange{{ask, tasks(listed(1, "pending", when, `""`))}}, nil, unreadable},
		"a task that is none":      {"it would get into the ledger", record(), []string{ws1}, []exchange{{ask, tasks(`{"sid":"x","assignment_status":"pending"}`)}}, nil, unreadable},
		"no list":                  {"no answer is not none", record(), []string{ws1}, []exchange{{ask, "200 {}"}}, nil, unreadable},
		"a list that is null":      {"no answer is not none", record(), []string{ws1}, []exchange{{ask, `200 {"tasks":null}`}}, nil, unreadable},
		"no JSON":                  {"no answer is not none", record(), []string{ws1}, []exchange{{ask, "200 <html>"}}, nil, "list tasks: read the answer"},
		"refused":                  {"the expression may not be understood", record(), []string{ws1}, []exchange{{ask, refusal(400)}}, nil, "list tasks: HTTP 400"},
		"unauthorized":             {"a wrong key says nothing", record(), []string{ws1}, []exchange{{ask, refusal(401)}}, nil, "list tasks: HTTP 401"},
		"forbidden":                {"a wrong key says nothing", record(), []string{ws1}, []exchange{{ask, refusal(403)}}, nil, "list tasks: HTTP 403"},
		"the workspace is gone":    {"a wrong list says nothing", record(), []string{ws1}, []exchange{{ask, refusal(404)}}, nil, "list tasks: HTTP 404"},
		"the second one is down":   {"half an answer is none", record(), []string{ws1, ws2}, []exchange{{ask, tasks(listed(1, "pending", when, names))}, {question(ws2, ""), refusal(500)}}, nil, "list tasks: HTTP 500"},
		"the second one misjudges": {"half an answer is none", record(), []string{ws1, ws2}, []exchange{{ask, tasks(listed(1, "pending", when, names))}, {question(ws2, ""), tasks(listed(2, "pending", when, other))}}, nil, unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := asker(s, still, row.workspaces...).Unfinished(t.Context(), row.record)
			contains(t, row.reason, err, row.err)
			if isUnreadable := strings.Contains(row.err, unreadable) || strings.Contains(row.err, "WORKSPACE"); errors.Is(err, taskrouter.ErrUnreadable) != isUnreadable {
				t.Errorf("%s: unreadable %t, but %v", row.reason, isUnreadable, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			s.check(t)
		})
	}
}
