package faketwilio

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// conversations makes a service and returns the address of its conversations.
func conversations(t *testing.T, options Options) (*client, *Server, string, string) {
	t.Helper()
	c, s := newClient(t, options)
	service := s.NewChatService("flex")
	return c, s, service, "conversations.twilio.com/v1/Services/" + service + "/Conversations"
}

func TestConversationStates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		before       string
		form         []string
		status, code int
		after        string
	}{
		{"rest", "active to inactive", "active", []string{"State", "inactive"}, 200, 0, "inactive"},
		{"wake", "inactive to active", "inactive", []string{"State", "active"}, 200, 0, "active"},
		{"close", "active to closed", "active", []string{"State", "closed"}, 200, 0, "closed"},
		{"close resting", "inactive to closed", "inactive", []string{"State", "closed"}, 200, 0, "closed"},
		{"reopen", "closed is final", "closed", []string{"State", "active"}, 400, 50377, "closed"},
		{"close twice", "any update of a closed conversation is an error", "closed", []string{"State", "closed"}, 400, 50377, "closed"},
		{"write on a closed one", "any update", "closed", []string{"Attributes", "{}"}, 400, 50377, "closed"},
		{"unknown", "there are three states to ask for", "active", []string{"State", "paused"}, 400, 20001, "active"},
		{"initializing", "a state that only Twilio sets", "active", []string{"State", "initializing"}, 400, 20001, "active"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s, service, address := conversations(t, Options{})
			ch := s.NewConversation(service, "{}")
			if test.before != "active" {
				c.post(address+"/"+ch, "State", test.before).want(t, 200, 0, "set-up")
			}
			c.post(address+"/"+ch, test.form...).want(t, test.status, test.code, test.reason)
			if got, _ := s.Conversation(ch); got.State != test.after {
				t.Errorf("state %s, want %s: %s", got.State, test.after, test.reason)
			}
		})
	}
}

func TestClosedStatusIsConfigurable(t *testing.T) {
	t.Parallel()
	c, s, service, address := conversations(t, Options{Unverified: Unverified{ClosedStatus: 403}})
	ch := s.NewConversation(service, "{}")
	c.post(address+"/"+ch, "State", "closed").want(t, 200, 0, "closed")
	c.post(address+"/"+ch, "State", "closed").want(t, 403, 50377, "no source tells the status")
}

func TestCreateConversation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		form         []string
		status, code int
	}{
		{"nothing", "no parameter is required", nil, 201, 0},
		{"inactive", "born asleep", []string{"State", "inactive"}, 201, 0},
		{"closed", "cannot be born closed", []string{"State", "closed"}, 400, 50384},
		{"timers", "timers need a state", []string{"Timers.Closed", "PT10M"}, 400, 50382},
		{"timers and state", "so it works", []string{"Timers.Closed", "PT10M", "State", "active"}, 201, 0},
		{"short inactive timer", "at least a minute", []string{"Timers.Inactive", "PT59S", "State", "active"}, 400, 20001},
		{"short closed timer", "at least ten minutes", []string{"Timers.Closed", "PT9M59S", "State", "active"}, 400, 20001},
		{"no duration", "ISO 8601", []string{"Timers.Closed", "10m", "State", "active"}, 400, 20001},
		{"SID as a name", "no unique name", []string{"UniqueName", "CH" + strings.Repeat("0", 32)}, 400, 50390},
		{"taken name", "unique", []string{"UniqueName", "taken"}, 409, 50353},
		{"attributes too long", "16 KiB", []string{"Attributes", `"` + strings.Repeat("x", 16<<10) + `"`}, 400, 20001},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, _, address := conversations(t, Options{})
			c.post(address, "UniqueName", "taken")
			c.post(address, test.form...).want(t, test.status, test.code, test.reason)
		})
	}
}

func TestTimers(t *testing.T) {
	t.Parallel()
	c, s, _, address := conversations(t, Options{})
	made := c.post(address, "State", "active", "Timers.Inactive", "PT1H", "Timers.Closed", "P1D")
	ch := made.text("sid")
	if made.text("timers.date_inactive") != "2026-01-05T09:00:00Z" || made.text("timers.date_closed") != "2026-01-06T08:00:00Z" {
		t.Errorf("timers: %s", made.raw)
	}
	state := func() string {
		got, _ := s.Conversation(ch)
		return got.State
	}
	s.Clock().Advance(59 * time.Minute)
	s.Say(ch, "ann", "still here")
	s.Clock().Advance(59 * time.Minute)
	if state() != "active" {
		t.Errorf("state %s: a message starts the timers anew", state())
	}
	s.Clock().Advance(time.Minute)
	if state() != "inactive" {
		t.Errorf("state %s, want inactive an hour after the message", state())
	}
	s.Say(ch, "ann", "again")
	if state() != "active" {
		t.Errorf("state %s: a message wakes an inactive conversation", state())
	}
	s.Clock().Advance(24 * time.Hour)
	if state() != "closed" {
		t.Errorf("state %s, want closed a day after the last message", state())
	}
	if got := c.get(address + "/" + ch); len(got.body["timers"].(map[string]any)) != 0 {
		t.Errorf("a closed conversation has no timers: %s", got.raw)
	}
}

func TestDefaultTimers(t *testing.T) {
	t.Parallel()
	c, s, service, address := conversations(t, Options{})
	configuration := "conversations.twilio.com/v1/Configuration"
	c.post(configuration, "DefaultClosedTimer", "PT1M").want(t, 400, 20001, "shorter than the minimum")
	got := c.post(configuration, "DefaultClosedTimer", "PT10M")
	if got.text("default_closed_timer") != "PT10M" || got.text("default_chat_service_sid") != service {
		t.Errorf("configuration: %s", got.raw)
	}
	ch := c.post(address).text("sid")
	s.Clock().Advance(10 * time.Minute)
	if got, _ := s.Conversation(ch); got.State != "closed" {
		t.Errorf("state %s: new conversations get the account's timers", got.State)
	}
}

func TestMessagesAndClosing(t *testing.T) {
	t.Parallel()
	c, s, service, address := conversations(t, Options{})
	ch := s.NewConversation(service, "{}")
	c.post(address+"/"+ch+"/Messages", "Author", "ann", "Body", "hello").want(t, 201, 0, "said")
	c.post(address+"/"+ch, "State", "closed")
	c.post(address+"/"+ch+"/Messages", "Body", "too late").want(t, 400, 50377, "nobody hears it")
	if got, _ := c.walk(address+"/"+ch+"/Messages?Order=desc", "messages", "body"); !cmp.Equal(got, []string{"hello"}) {
		t.Errorf("messages %v: the history of a closed conversation stays", got)
	}
	c.get("conversations.twilio.com/v1/Conversations/"+ch).want(t, 200, 0, "the default service is the first one")
	c.delete(address+"/"+ch).want(t, 204, 0, "a closed conversation can be deleted")
	c.get(address+"/"+ch).want(t, 404, 50350, "gone")
}

func TestParticipantLimits(t *testing.T) {
	t.Parallel()
	c, s, service, address := conversations(t, Options{})
	var chs []string
	join := func(ch string, form ...string) answered {
		t.Helper()
		return c.post(address+"/"+ch+"/Participants", form...)
	}
	for range maxOpenPerIdentity {
		ch := s.NewConversation(service, "{}")
		chs = append(chs, ch)
		join(ch, "Identity", "bot").want(t, 201, 0, "within the limit")
	}
	last := s.NewConversation(service, "{}")
	join(last, "Identity", "bot").want(t, 403, 50214, "1,000 open conversations are the limit")
	join(last, "Identity", "person").want(t, 201, 0, "of each identity")
	c.post(address+"/"+chs[0], "State", "closed")
	join(last, "Identity", "bot").want(t, 201, 0, "closed ones do not count")

	pair := []string{"MessagingBinding.Address", "+15550000001", "MessagingBinding.ProxyAddress", "+15550000002"}
	made := join(chs[1], pair...)
	made.want(t, 201, 0, "an address pair")
	join(chs[2], pair...).want(t, 409, 50416, "a pair belongs to one open conversation")
	c.delete(address+"/"+chs[1]+"/Participants/"+made.text("sid")).want(t, 204, 0, "left")
	join(chs[2], pair...).want(t, 201, 0, "free again")
	c.delete(address + "/" + chs[2])
	join(chs[3], pair...).want(t, 201, 0, "a deleted conversation frees its pairs")
	join(chs[4]).want(t, 400, 20001, "nobody")
	got, _ := c.walk(address+"/"+last+"/Participants", "participants", "identity")
	if diff := cmp.Diff([]string{"person", "bot"}, got); diff != "" {
		t.Errorf("participants (-want +got):\n%s", diff)
	}
}

func TestListConversations(t *testing.T) {
	t.Parallel()
	c, s, service, address := conversations(t, Options{})
	var chs []string
	for range 4 {
		chs = append(chs, s.NewConversation(service, "{}"))
		s.Clock().Advance(24 * time.Hour)
	}
	c.post(address+"/"+chs[1], "State", "closed")
	tests := []struct {
		name, reason, query string
		want                []string
	}{
		{"all", "in order of creation", "?PageSize=2", chs},
		{"state", "filter by state", "?PageSize=2&State=active", []string{chs[0], chs[2], chs[3]}},
		{"since", "by creation, newest first", "?PageSize=2&StartDate=2026-01-06T00:00:00Z", []string{chs[3], chs[2], chs[1]}},
		{"until", "by creation, newest first", "?PageSize=1&EndDate=2026-01-06T23:59:59Z", []string{chs[1], chs[0]}},
		{"both", "filters add up", "?StartDate=2026-01-06&EndDate=2026-01-07T23:59:59Z&State=active", []string{chs[2]}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inner := &client{t, s}
			got, _ := inner.walk(address+test.query, "conversations", "sid")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestParseISODuration(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"PT1M", time.Minute, true}, {"P1DT12H", 36 * time.Hour, true}, {"P2W", 14 * 24 * time.Hour, true},
		{"PT1H30M5S", time.Hour + 30*time.Minute + 5*time.Second, true}, {"PT0S", 0, true},
		{"P", 0, false}, {"PT", 0, false}, {"P1DT", 0, false}, {"P1M", 0, false}, {"1h", 0, false}, {"", 0, false},
		{"PT99999999999H", 0, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q", test.text), func(t *testing.T) {
			t.Parallel()
			if got, ok := parseISODuration(test.text); got != test.want || ok != test.ok {
				t.Errorf("parsed %s, %v, want %s, %v", got, ok, test.want, test.ok)
			}
		})
	}
}
