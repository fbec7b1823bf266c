package main

import (
	"net/http"
	"net/url"
	"time"
)

const workspaces = "taskrouter.twilio.com/v1/Workspaces"

var taskRouterCases = []parityCase{
	{name: "taskrouter-workspace", about: "a workspace's life, and lists of a thousand", play: playWorkspace},
	{name: "taskrouter-task", about: "a task's life, versions and If-Match, what is answered after the end", play: playTask},
	{name: "taskrouter-filter", about: "EvaluateTaskAttributes, AssignmentStatus, and whether listed tasks have their attributes", play: playFilter},
	{name: "taskrouter-deletion", about: "how long an ended task can be fetched", slow: true, play: playDeletion},
}

// tasks makes a workspace and returns where its tasks are.
func (r *run) tasks() string {
	return workspaces + "/" + r.make("workspace", workspaces, "FriendlyName", r.name("workspace"), "Template", "FIFO") + "/Tasks"
}

func playWorkspace(r *run) {
	sid := r.make("create", workspaces, "FriendlyName", r.name("workspace"), "Template", "FIFO")
	r.call("fetch", http.MethodGet, workspaces+"/"+sid, nil)
	r.call("list of 1000", http.MethodGet, workspaces+"?PageSize=1000&FriendlyName="+url.QueryEscape(r.name("workspace")), nil)
	r.call("list of 1001", http.MethodGet, workspaces+"?PageSize=1001", nil)
	r.call("delete", http.MethodDelete, workspaces+"/"+sid, nil)
	r.call("fetch gone", http.MethodGet, workspaces+"/"+sid, nil)
}

func playTask(r *run) {
	tasks := r.tasks()
	made := r.call("create", http.MethodPost, tasks, []string{"Attributes", `{"b": 1.50, "a":[ ]}`, "Timeout", "3600"})
	sid := r.sid(made)
	task := tasks + "/" + sid
	r.call("fetch", http.MethodGet, task, nil)
	r.call("update if stale", http.MethodPost, task, []string{"Priority", "2"}, "If-Match: 7")
	r.call("complete pending", http.MethodPost, task, []string{"AssignmentStatus", "completed"})
	r.call("cancel", http.MethodPost, task, []string{"AssignmentStatus", "canceled", "Reason", r.value("reason")})
	ended := r.call("fetch ended", http.MethodGet, task, nil)
	r.must(ended.status == http.StatusOK && field(ended.body, "assignment_status") == "canceled" || ended.status == http.StatusNotFound,
		"a task that was canceled says so, or is gone")
	r.call("cancel again", http.MethodPost, task, []string{"AssignmentStatus", "canceled"})
	r.call("delete", http.MethodDelete, task, nil)
	gone := r.call("fetch gone", http.MethodGet, task, nil)
	r.must(gone.status == http.StatusNotFound, "a task that was deleted is answered 404")
}

func playFilter(r *run) {
	tasks := r.tasks()
	sids := map[string]string{"conversationSid": "CH", "channelSid": "CH", "flexInteractionChannelSid": "UO"}
	var expression string
	for _, name := range sortedKeys(sids) {
		value := sids[name] + "0123456789abcdef0123456789abcde" + map[string]string{"a": "0", "b": "1"}[r.variant]
		r.call("task by "+name, http.MethodPost, tasks, []string{"Attributes", `{"` + name + `":"` + value + `"}`})
		if expression != "" {
			expression += " OR "
		}
		expression += name + ` == "` + value + `"`
	}
	r.call("task of none", http.MethodPost, tasks, []string{"Attributes", `{}`})
	ask := func(step, expression, statuses string) answer {
		query := url.Values{"EvaluateTaskAttributes": {expression}, "AssignmentStatus": {statuses}}
		return r.call(step, http.MethodGet, tasks+"?"+query.Encode(), nil)
	}
	all := ask("three comparisons", expression, "pending,reserved,assigned,wrapping")
	rows, _ := field(all.body, "tasks").([]any)
	r.must(len(rows) == 3, "tasks are found by what their attributes name")
	ask("nobody", `channelSid == "CH00000000000000000000000000000000"`, "pending")
	ask("other statuses", expression, "completed,canceled")
	ask("no expression", "channelSid HAS", "pending")
	r.call("no such status", http.MethodGet, tasks+"?AssignmentStatus=nonsense", nil)
}

func playDeletion(r *run) {
	tasks := r.tasks()
	made := r.call("create", http.MethodPost, tasks, []string{"Attributes", "{}"})
	sid := r.sid(made)
	r.call("cancel", http.MethodPost, tasks+"/"+sid, []string{"AssignmentStatus", "canceled"})
	r.wait(10 * time.Minute)
	r.call("fetch", http.MethodGet, tasks+"/"+sid, nil)
	r.call("list", http.MethodGet, tasks, nil)
}
