package faketwilio

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Two generations of tasks on one channel, one that only its interaction channel names, and two elsewhere.
func filtered(t *testing.T, options Options) (c *client, tasks string, wt map[string]string) {
	t.Helper()
	c, s := newClient(t, options)
	workspace := s.NewWorkspace("flex")
	wt = map[string]string{
		"legacy": s.NewTask(workspace, `{"channelSid":"CH1","n":7}`),
		"newer":  s.NewTask(workspace, `{"conversationSid":"CH1","flexInteractionChannelSid":"UO1"}`),
		"parked": s.NewTask(workspace, `{"flexInteractionChannelSid":"UO1","channelType":"web"}`),
		"other":  s.NewTask(workspace, `{"channelSid":"CH2","channelType":"web chat"}`),
		"voice":  s.NewTask(workspace, `{}`),
	}
	s.NewTask(s.NewWorkspace("other"), `{"channelSid":"CH1"}`)
	s.SetTask(wt["newer"], "wrapping")
	s.SetTask(wt["other"], "completed")
	return c, "taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks", wt
}

func TestTaskFilter(t *testing.T) {
	t.Parallel()
	const any3 = `conversationSid == "CH1" OR channelSid == "CH1" OR flexInteractionChannelSid == "UO1"`
	tests := []struct {
		name, reason, expression string
		statuses                 []string
		want                     []string // nil: refused
	}{
		{"three ways", "all that name the channel or its interaction channel", any3, nil, []string{"legacy", "newer", "parked"}},
		{"lower case", "the words have no case", `channelSid = "CH2" or channelSid = "CH1"`, nil, []string{"legacy", "other"}},
		{"unfinished", "statuses in one parameter", any3, []string{"pending,reserved,assigned,wrapping"}, []string{"legacy", "newer", "parked"}},
		{"repeated", "statuses in several", any3, []string{"reserved", "wrapping"}, []string{"newer"}},
		{"and", "both must hold", `channelSid=='CH1' AND n==7`, nil, []string{"legacy"}},
		{"and first", "AND binds closer", `channelType=="web" AND flexInteractionChannelSid=="UO1" OR channelSid=="CH2"`, nil, []string{"parked", "other"}},
		{"not indexed", "every task is looked at", `channelType=="web" OR channelSid=="CH1"`, nil, []string{"legacy", "parked"}},
		{"words in quotes", "a value may hold the words", `channelType == "web chat" OR channelType == "a OR b"`, nil, []string{"other"}},
		{"nothing", "an unknown channel", `channelSid == "CH9" OR conversationSid == "CH9"`, nil, []string{}},
		{"dangling", "a comparison must follow", `channelSid == "CH1" OR`, nil, nil},
		{"no connective", "the fake does not guess", `channelSid == "CH1" channelSid == "CH2"`, nil, nil},
		{"other operator", "the fake knows equality only", `channelSid HAS "CH1"`, nil, nil},
		{"unclosed", "a quotation mark has a partner", `channelSid == "CH1`, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, tasks, wt := filtered(t, Options{})
			query := url.Values{"EvaluateTaskAttributes": {test.expression}, "AssignmentStatus": test.statuses}
			if test.want == nil {
				c.get(tasks+"?"+query.Encode()).want(t, 400, 20001, test.reason)
				return
			}
			want := []string{}
			for _, name := range test.want {
				want = append(want, wt[name])
			}
			got, _ := c.walk(tasks+"?"+query.Encode(), "tasks", "sid")
			if diff := cmp.Diff(want, append([]string{}, got...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestUnverifiedTaskLists(t *testing.T) {
	t.Parallel()
	const query = "?EvaluateTaskAttributes=channelSid%3D%3D%22CH1%22"
	c, tasks, wt := filtered(t, Options{Unverified: Unverified{ListedAttributesNull: true, IgnoreTaskFilter: true}})
	rows := c.get(tasks + query).rows("tasks")
	if len(rows) != 5 {
		t.Errorf("%d tasks, want all 5: the filter is ignored", len(rows))
	}
	for _, row := range rows {
		if value, there := row["attributes"]; !there || value != nil {
			t.Errorf("attributes of a listed task are %v, want null", value)
		}
	}
	if got := c.get(tasks + "/" + wt["legacy"]).text("attributes"); got != `{"channelSid":"CH1","n":7}` {
		t.Errorf("attributes of a fetched task are %q", got)
	}
	c, tasks, _ = filtered(t, Options{Unverified: Unverified{RefuseTaskFilter: true}})
	c.get(tasks+query).want(t, 400, 20001, "the filter is refused")
	c.get(tasks).want(t, 200, 0, "without a filter there is nothing to refuse")
}
