package faketwilio

import "testing"

func TestNextMessage(t *testing.T) {
	t.Parallel()
	const customer, centre = "+15550000001", "+15550000002"
	tests := []struct {
		name, reason string
		retire       func(s *Server, c *client, service, ch string)
		fresh        bool
	}{
		{"kept", "a channel that nobody retired goes on", func(*Server, *client, string, string) {}, false},
		{"deactivated", "both attributes say so", func(_ *Server, c *client, service, ch string) {
			c.post("chat.twilio.com/v2/Services/"+service+"/Channels/"+ch, "Attributes", `{"long_lived":false,"status":"INACTIVE"}`)
		}, true},
		{"half deactivated", "one attribute alone does nothing", func(_ *Server, c *client, service, ch string) {
			c.post("chat.twilio.com/v2/Services/"+service+"/Channels/"+ch, "Attributes", `{"long_lived":false,"status":"ACTIVE"}`)
		}, false},
		{"closed", "a closed conversation takes no messages", func(_ *Server, c *client, service, ch string) {
			c.post("conversations.twilio.com/v1/Services/"+service+"/Conversations/"+ch, "State", "closed")
		}, true},
		{"resting", "an inactive conversation wakes up", func(_ *Server, c *client, service, ch string) {
			c.post("conversations.twilio.com/v1/Services/"+service+"/Conversations/"+ch, "State", "inactive")
		}, false},
		{"deleted", "there is nothing left to go on", func(_ *Server, c *client, service, ch string) {
			c.delete("chat.twilio.com/v2/Services/" + service + "/Channels/" + ch)
		}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t, Options{})
			service := s.NewChatService("flex")
			ch := s.NewChannel(service, `{"long_lived":true,"status":"ACTIVE"}`)
			s.Bind(ch, customer, centre)
			test.retire(s, c, service, ch)
			next, fresh := s.Receive(service, customer, centre, "hello again")
			if fresh != test.fresh || (next == ch) == test.fresh {
				t.Errorf("went to a new channel: %v, want %v: %s", fresh, test.fresh, test.reason)
			}
			if again, fresh := s.Receive(service, customer, centre, "still here"); fresh || again != next {
				t.Errorf("the message after it went elsewhere: %s", test.reason)
			}
			if got, _ := s.Conversation(next); got.State != "active" || got.Messages[len(got.Messages)-1].Body != "still here" {
				t.Errorf("channel %+v: %s", got, test.reason)
			}
			if test.name == "deactivated" { // what the old channel held is the new one's now
				c.delete("chat.twilio.com/v2/Services/" + service + "/Channels/" + ch)
				if _, fresh := s.Receive(service, customer, centre, "and again"); fresh {
					t.Error("deleting the old channel took the pair from the new one")
				}
			}
		})
	}
}
