package faketwilio

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChatChannelUpdate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		form         []string
		status, code int
		attributes   string
	}{
		{"attributes", "replaced as a whole and kept byte for byte", []string{"Attributes", `{"b": 1.50, "a":2}`}, 200, 0, `{"b": 1.50, "a":2}`},
		{"other fields", "attributes stay if they are not sent", []string{"FriendlyName", "x"}, 200, 0, `{"long_lived":true}`},
		{"no JSON", "attributes are JSON", []string{"Attributes", "{"}, 400, 20001, `{"long_lived":true}`},
		{"too long", "attributes have a limit", []string{"Attributes", `"` + strings.Repeat("x", 32<<10) + `"`}, 400, 50303, `{"long_lived":true}`},
		{"SID as a name", "not as a unique name", []string{"UniqueName", "CH" + strings.Repeat("0", 32)}, 400, 50306, `{"long_lived":true}`},
		{"taken name", "unique", []string{"UniqueName", "other"}, 409, 50307, `{"long_lived":true}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t, Options{})
			service := s.NewChatService("chat")
			channels := "chat.twilio.com/v2/Services/" + service + "/Channels"
			c.post(channels, "UniqueName", "other", "Type", "private")
			ch := s.NewChannel(service, `{"long_lived":true}`)
			c.post(channels+"/"+ch, test.form...).want(t, test.status, test.code, test.reason)
			got, _ := s.Channel(ch)
			if diff := cmp.Diff(test.attributes, got.Attributes); diff != "" {
				t.Errorf("attributes (-want +got): %s\n%s", test.reason, diff)
			}
		})
	}
}

func TestChatChannels(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	service, other := s.NewChatService("chat"), s.NewChatService("other")
	channels := "chat.twilio.com/v2/Services/" + service + "/Channels"
	c.post(channels, "UniqueName", "a").want(t, 201, 0, "a public channel")
	private := s.NewChannel(service, "{}")
	if got, _ := c.walk(channels, "channels", "unique_name"); !cmp.Equal(got, []string{"a"}) {
		t.Errorf("listed %v: without Type a list shows public channels", got)
	}
	if got, _ := c.walk(channels+"?Type=public&Type=private", "channels", "sid"); len(got) != 2 {
		t.Errorf("listed %v: Type can be repeated", got)
	}
	c.get("chat.twilio.com/v2/Services/"+other+"/Channels/"+private).want(t, 404, 50300, "the channel of another service")
	c.get("conversations.twilio.com/v1/Services/"+service+"/Conversations/"+private).want(t, 200, 0, "a private channel is a conversation")
	c.get("conversations.twilio.com/v1/Services/"+service+"/Conversations/a").want(t, 404, 50350, "a public channel is none")
	c.delete(channels+"/a").want(t, 204, 0, "deleted")
	c.get(channels+"/a").want(t, 404, 50300, "gone")
	c.delete(channels+"/a").want(t, 404, 50300, "gone")
}

func TestChatMessages(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	service := s.NewChatService("chat")
	ch := s.NewChannel(service, "{}")
	channel := "chat.twilio.com/v2/Services/" + service + "/Channels/" + ch
	for _, body := range []string{"one", "two", "three"} {
		c.post(channel+"/Messages", "From", "ann", "Body", body).want(t, 201, 0, "said")
	}
	newest := c.get(channel + "/Messages?Order=desc&PageSize=1").rows("messages")
	if len(newest) != 1 || newest[0]["body"] != "three" || newest[0]["index"] != 2.0 {
		t.Errorf("newest message %v, want the third", newest)
	}
	got, pages := c.walk(channel+"/Messages?Order=desc&PageSize=2", "messages", "body")
	if diff := cmp.Diff([]string{"three", "two", "one"}, got); diff != "" || pages != 2 {
		t.Errorf("newest first in %d pages (-want +got):\n%s", pages, diff)
	}
	got, _ = c.walk(channel+"/Messages", "messages", "body")
	if diff := cmp.Diff([]string{"one", "two", "three"}, got); diff != "" {
		t.Errorf("oldest first (-want +got):\n%s", diff)
	}
	c.get(channel+"/Messages?Order=up").want(t, 400, 20001, "no such order")
	last := c.get(channel)
	if last.body["messages_count"] != 3.0 || !strings.HasSuffix(last.text("links.last_message"), newest[0]["sid"].(string)) {
		t.Errorf("the channel counts its messages and points to the last: %s", last.raw)
	}
	message := channel + "/Messages/" + newest[0]["sid"].(string)
	if got := c.post(message, "Body", "four"); got.text("body") != "four" || got.body["was_edited"] != true {
		t.Errorf("edited: %s", got.raw)
	}
	c.delete(message).want(t, 204, 0, "deleted")
	c.get(message).want(t, 404, 20404, "gone")
}

func TestChatServices(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	services := "chat.twilio.com/v2/Services"
	c.post(services).want(t, 400, 20001, "FriendlyName is required")
	made := c.post(services, "FriendlyName", "one")
	made.want(t, 201, 0, "created")
	one := services + "/" + made.text("sid")
	if got := c.post(one, "PostWebhookUrl", "https://example.com/"); got.text("post_webhook_url") != "https://example.com/" {
		t.Errorf("settings are kept: %s", got.raw)
	}
	ch := s.NewChannel(made.text("sid"), "{}")
	c.get("conversations.twilio.com/v1/Services/"+made.text("sid")).want(t, 200, 0, "the same service in the other API")
	c.delete(one).want(t, 204, 0, "deleted")
	c.get(one).want(t, 404, 20404, "gone")
	c.get("conversations.twilio.com/v1/Services/"+made.text("sid")).want(t, 404, 20404, "gone for the other API, too")
	if _, there := s.Channel(ch); there {
		t.Error("a channel outlived its service")
	}
}

func TestChatLimits(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{Limits: Limits{ChatActions: true}})
	service := s.NewChatService("chat")
	channel := "chat.twilio.com/v2/Services/" + service + "/Channels/" + s.NewChannel(service, "{}")
	accepted := 0
	for c.post(channel, "FriendlyName", "x").status == 200 {
		accepted++
	}
	if accepted != 300 {
		t.Errorf("%d updates at once, want 30 a second over a window of 10 s", accepted)
	}
	c.post(channel, "FriendlyName", "x").want(t, 429, 20429, "over the limit")
	c.get(channel).want(t, 200, 0, "reading is not limited")
}
