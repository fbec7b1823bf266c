package conformance

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lifecycle is what Twilio's command line does to one kind of resource, in every product in the same words: it makes two, lists
// them page by page, reads and changes the first, removes it, and is told that it is not there any more.
type lifecycle struct {
	name    string
	topic   string                // of the commands, such as sync:v1:services
	within  func(cli) []string    // makes what the resource lives in, and returns the flags that name it; nil for nothing
	alone   bool                  // the SID alone names it, once it is made
	filter  []string              // flags of the list, next to within
	create  []string              // flags
	update  []string              // flags; none if it cannot be updated
	changed map[string]any        // what the first one looks like after the update
	stale   func(string) []string // flags of an update against an outdated revision, if the resource has one
	absent  int                   // Twilio's error code when it is removed
}

var lifecycles = []lifecycle{
	{
		name: "Sync document", topic: "sync:v1:services:documents", within: inSyncService,
		create: []string{"--data", `{"n":1,"text":"ä<&>"}`, "--ttl", "600"},
		update: []string{"--data", `{"n":2}`}, changed: map[string]any{"data": map[string]any{"n": 2.0}},
		stale:  func(revision string) []string { return []string{"--data", "{}", "--if-match", revision} },
		absent: 54100,
	},
	{
		name: "chat channel", topic: "chat:v2:services:channels", within: inChatService, filter: []string{"--type", "private"},
		create:  []string{"--type", "private", "--attributes", `{"long_lived":true}`},
		update:  []string{"--attributes", `{"long_lived":false,"status":"INACTIVE"}`},
		changed: map[string]any{"attributes": `{"long_lived":false,"status":"INACTIVE"}`},
		absent:  50300,
	},
	{
		name: "conversation", topic: "conversations:v1:services:conversations", within: inConversationService,
		create: []string{"--state", "active", "--timers.inactive", "PT1M"},
		update: []string{"--state", "closed"}, changed: map[string]any{"state": "closed"}, absent: 50350,
	},
	{
		name: "Flex Flow", topic: "flex:v1:flex-flows",
		create: []string{"--friendly-name", "flow", "--chat-service-sid", "IS00000000000000000000000000000000", "--channel-type", "sms"},
		update: []string{"--long-lived"}, changed: map[string]any{"longLived": true}, absent: 20404,
	},
	{
		name: "task", topic: "taskrouter:v1:workspaces:tasks", within: inWorkspace,
		create:  []string{"--attributes", `{"channelSid":"CH1"}`, "--priority", "3"},
		update:  []string{"--assignment-status", "canceled", "--reason", "no answer"},
		changed: map[string]any{"assignmentStatus": "canceled", "reason": "no answer"}, absent: 20404,
	},
	{
		name: "sink", topic: "events:v1:sinks",
		create: newSink,
		update: []string{"--description", "two"}, changed: map[string]any{"description": "two"}, absent: 20404,
	},
	{
		name: "subscription", topic: "events:v1:subscriptions", within: forSink, alone: true,
		create: []string{"--description", "one", "--types", `{"type":"com.twilio.taskrouter.task.completed"}`},
		update: []string{"--description", "two"}, changed: map[string]any{"description": "two"}, absent: 20404,
	},
}

// newSink are the flags of a webhook sink.
var newSink = []string{
	"--description", "one", "--sink-type", "webhook",
	"--sink-configuration", `{"destination":"https://hooks.example.com/events","method":"POST"}`,
}

func inSyncService(c cli) []string {
	return []string{"--service-sid", c.create("sync:v1:services", "--friendly-name", "s")}
}

func inChatService(c cli) []string {
	return []string{"--service-sid", c.create("chat:v2:services", "--friendly-name", "s")}
}

func inConversationService(c cli) []string {
	return []string{"--chat-service-sid", c.create("conversations:v1:services", "--friendly-name", "s")}
}

func inWorkspace(c cli) []string {
	return []string{"--workspace-sid", c.create("taskrouter:v1:workspaces", "--friendly-name", "w")}
}

func forSink(c cli) []string {
	return []string{"--sink-sid", c.create("events:v1:sinks", newSink...)}
}

// testCLI runs every lifecycle, each on a fake of its own.
func testCLI(t *testing.T, o Originals, said *tape) {
	t.Helper()
	t.Parallel()
	for _, l := range lifecycles {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.run(cli{t, filepath.Join(o.Modules(), ".bin", "twilio"), newStage(t, o, said)})
		})
	}
}

func (l lifecycle) run(c cli) {
	var place []string
	if l.within != nil {
		place = l.within(c)
	}
	first := c.call(l.topic+":create", slices.Concat(place, l.create)...)[0]
	sid := fmt.Sprint(first["sid"])
	want := []string{sid, c.create(l.topic, slices.Concat(place, l.create)...)}
	slices.Sort(want)
	listed := []string{}
	for _, row := range c.call(l.topic+":list", slices.Concat(place, l.filter, []string{"--page-size", "1"})...) {
		listed = append(listed, fmt.Sprint(row["sid"]))
	}
	slices.Sort(listed)
	if diff := cmp.Diff(want, listed); diff != "" {
		c.t.Errorf("list (-want +got):\n%s", diff)
	}

	named := append(place, "--sid", sid)
	if l.alone {
		named = []string{"--sid", sid}
	}
	after := c.call(l.topic+":update", slices.Concat(named, l.update)...)[0]
	for field, value := range l.changed {
		if diff := cmp.Diff(value, after[field]); diff != "" {
			c.t.Errorf("%s after the update (-want +got):\n%s", field, diff)
		}
	}
	if l.stale != nil {
		c.refused(54103, l.topic+":update", slices.Concat(named, l.stale(fmt.Sprint(first["revision"])))...)
	}
	c.call(l.topic+":remove", named...)
	c.refused(l.absent, l.topic+":fetch", named...)
}

// cli is Twilio's command line.
type cli struct {
	t       *testing.T
	program string
	stage
}

// call runs a command that must succeed, and returns the resources that it prints.
func (c cli) call(command string, flags ...string) []map[string]any {
	c.t.Helper()
	code, stdout, stderr := c.run(c.t, c.program, append([]string{"api:" + command, "-o", "json"}, flags...)...)
	if code != 0 {
		c.t.Fatalf("twilio api:%s %q ended with %d:\n%s%s", command, flags, code, stdout, stderr)
	}
	if strings.HasSuffix(command, ":remove") {
		return nil
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil || len(rows) == 0 {
		c.t.Fatalf("twilio api:%s %q printed %v:\n%s%s", command, flags, err, stdout, stderr)
	}
	return rows
}

// create makes a resource and returns its SID.
func (c cli) create(topic string, flags ...string) string {
	c.t.Helper()
	return fmt.Sprint(c.call(topic+":create", flags...)[0]["sid"])
}

// refused runs a command that Twilio must refuse with that code.
func (c cli) refused(want int, command string, flags ...string) {
	c.t.Helper()
	code, stdout, stderr := c.run(c.t, c.program, append([]string{"api:" + command, "-o", "json"}, flags...)...)
	var rows []struct {
		Code int `json:"code"`
	}
	if err := json.Unmarshal([]byte(stdout), &rows); err != nil || code == 0 || len(rows) != 1 || rows[0].Code != want {
		c.t.Errorf("twilio api:%s %q ended with %d, want Twilio's error %d:\n%s%s", command, flags, code, want, stdout, stderr)
	}
}
