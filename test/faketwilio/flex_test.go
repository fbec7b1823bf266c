package faketwilio

import (
	"testing"
	"time"
)

func TestInteractionChannelUpdate(t *testing.T) {
	t.Parallel()
	const routingClosed = `{"status":"closed"}`
	tests := []struct {
		name, reason               string
		form                       []string
		keep                       bool
		status                     int
		channel, conversation, job string
	}{
		{"close", "open tasks go to wrapping, and Flex closes the conversation", []string{"Status", "closed"}, false, 200, "closed", "closed", "wrapping"},
		{"close with routing", "the tasks end", []string{"Status", "closed", "Routing", routingClosed}, false, 200, "closed", "closed", "completed"},
		{"close, conversation kept", "whether Flex closes it at once is not documented", []string{"Status", "closed"}, true, 200, "closed", "active", "wrapping"},
		{"rest", "needs closed routing", []string{"Status", "inactive", "Routing", routingClosed}, false, 200, "inactive", "active", "completed"},
		{"rest alone", "without it, it is refused", []string{"Status", "inactive"}, false, 400, "active", "active", "assigned"},
		{"no status", "Status is required", nil, false, 400, "active", "active", "assigned"},
		{"unknown status", "only two can be asked for", []string{"Status", "active"}, false, 400, "active", "active", "assigned"},
		{"broken routing", "Routing is JSON", []string{"Status", "closed", "Routing", "{"}, false, 400, "active", "active", "assigned"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t, Options{Unverified: Unverified{KeepConversation: test.keep}})
			ch := s.NewConversation(s.NewChatService("flex"), "{}")
			kd, uo := s.NewInteraction(ch, "sms")
			wt := s.NewTask(s.NewWorkspace("flex"), `{"conversationSid":"`+ch+`"}`)
			s.SetTask(wt, "assigned")
			c.post("flex-api.twilio.com/v1/Interactions/"+kd+"/Channels/"+uo, test.form...).want(t, test.status, 0, test.reason)
			channel, _ := s.InteractionChannel(kd, uo)
			conversation, _ := s.Conversation(ch)
			job, _ := s.Task(wt)
			if channel.Status != test.channel || conversation.State != test.conversation || job.Status != test.job {
				t.Errorf("channel %s, conversation %s, task %s; want %s, %s, %s: %s", channel.Status, conversation.State, job.Status,
					test.channel, test.conversation, test.job, test.reason)
			}
		})
	}
}

func TestUnverifiedClose(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason  string
		unverified    Unverified
		first, second int
	}{
		{"default", "closing twice is a success", Unverified{}, 200, 200},
		{"refused", "whatever its state", Unverified{CloseChannelStatus: 422}, 422, 422},
		{"refused the second time", "closed is closed", Unverified{CloseAgainStatus: 409}, 200, 409},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t, Options{Unverified: test.unverified})
			kd, uo := s.NewInteraction(s.NewConversation(s.NewChatService("flex"), "{}"), "sms")
			address := "flex-api.twilio.com/v1/Interactions/" + kd + "/Channels/" + uo
			c.post(address, "Status", "closed").want(t, test.first, 0, test.reason)
			c.post(address, "Status", "closed").want(t, test.second, 0, test.reason)
			c.get(address).want(t, 200, 0, "reading is not refused")
		})
	}
}

func TestInteractionChannelExpires(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	ch := s.NewConversation(s.NewChatService("flex"), "{}")
	kd, uo := s.NewInteraction(ch, "sms")
	address := "flex-api.twilio.com/v1/Interactions/" + kd + "/Channels/" + uo
	s.Clock().Advance(179 * 24 * time.Hour)
	s.Say(ch, "ann", "hello")
	c.get(address).want(t, 200, 0, "180 days are not over")
	s.Clock().Advance(24 * time.Hour)
	c.get(address).want(t, 404, 20404, "activity on the conversation does not count")
	c.post(address, "Status", "closed").want(t, 404, 20404, "gone")
}

func TestCreateInteraction(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	workspace := s.NewWorkspace("flex")
	interactions := "flex-api.twilio.com/v1/Interactions"
	c.post(interactions).want(t, 400, 20001, "Channel is required")
	c.post(interactions, "Channel", `{"type":"fax"}`).want(t, 400, 20001, "no such type")
	made := c.post(interactions, "Channel", `{"type":"sms","initiated_by":"agent"}`,
		"Routing", `{"properties":{"workspace_sid":"`+workspace+`","attributes":{"direction":"outbound"}}}`)
	made.want(t, 200, 0, "accepted")
	kd, uo := made.text("sid"), made.text("channel.sid")
	c.get(interactions+"/"+kd+"/Channels/"+uo).want(t, 200, 0, "the channel is there")
	if uos, _ := c.walk(interactions+"/"+kd+"/Channels", "channels", "sid"); len(uos) != 1 || uos[0] != uo {
		t.Errorf("channels %v, want %s", uos, uo)
	}
	channel, _ := s.InteractionChannel(kd, uo)
	tasks := c.get("taskrouter.twilio.com/v1/Workspaces/" + workspace + "/Tasks?EvaluateTaskAttributes=conversationSid==%22" +
		channel.Conversation + "%22").rows("tasks")
	if len(tasks) != 1 {
		t.Fatalf("%d tasks for the new conversation, want 1", len(tasks))
	}
	c.get(interactions+"/KDnone").want(t, 404, 20404, "no such interaction")
}

func TestMessageWakesInteraction(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	ch := s.NewConversation(s.NewChatService("flex"), "{}")
	kd, uo := s.NewInteraction(ch, "sms")
	c.post("flex-api.twilio.com/v1/Interactions/"+kd+"/Channels/"+uo, "Status", "inactive", "Routing", `{"status":"closed"}`)
	s.Say(ch, "customer", "one more thing")
	if got, _ := s.InteractionChannel(kd, uo); got.Status != "active" {
		t.Errorf("status %s: a reply re-activates a channel that was left", got.Status)
	}
}

func TestFlexFlows(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	flows := "flex-api.twilio.com/v1/FlexFlows"
	c.post(flows, "FriendlyName", "x").want(t, 400, 20001, "more is required")
	made := c.post(flows, "FriendlyName", "sms", "ChatServiceSid", s.NewChatService("flex"), "ChannelType", "sms", "LongLived", "true",
		"Integration.Timeout", "86400", "Integration.CreationOnMessage", "true")
	made.want(t, 201, 0, "created")
	flow := flows + "/" + made.text("sid")
	got := c.post(flow, "JanitorEnabled", "true")
	integration, _ := got.body["integration"].(map[string]any)
	if got.body["long_lived"] != true || got.body["janitor_enabled"] != true || integration["timeout"] != 86400.0 ||
		integration["creation_on_message"] != true {
		t.Errorf("flow: %s", got.raw)
	}
	c.post(flow, "ChannelType", "fax").want(t, 400, 20001, "no such type")
	if got, _ := c.walk(flows+"?FriendlyName=sms", "flex_flows", "sid"); len(got) != 1 {
		t.Errorf("listed %v, want one flow", got)
	}
	c.delete(flow).want(t, 204, 0, "deleted")
	c.get(flow).want(t, 404, 20404, "gone")
}
