package integration

import (
	"fmt"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

const (
	retention = world.Retention
	usable    = world.Usable
	retired   = world.Retired
	gone      = world.Gone
)

// newWorld makes a world. The reason is why the test exists; it is shown when it fails.
func newWorld(t *testing.T, reason string, own world.Settings) *world.World {
	t.Helper()
	return newWorldWith(t, reason, own, faketwilio.Options{Seed: 1})
}

func newWorldWith(t *testing.T, reason string, own world.Settings, options faketwilio.Options) *world.World {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("why this matters: %s", reason)
		}
	})
	w := world.New(t, own, options)
	w.AddChatService("Second Chat Service")
	return w
}

// want compares two comparable values.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}

// way is one way to retire: a backend and a disposition.
type way struct {
	name     string
	settings world.Settings
	begin    func(*world.World) *world.Thread
	end      world.State // of the channel
	final    bool        // cannot be undone
	// calls are the requests to Twilio for one retired channel, without those of the
	// run itself: claim, what the retirement takes, settle.
	calls  int
	reason string
}

// requests are those from a run's first due channel on: before something final the first one
// also asks for the account's workspaces.
func (w way) requests() int {
	if w.final {
		return w.calls + 1
	}
	return w.calls
}

var ways = []way{
	{
		name: "chat, deactivated", begin: (*world.World).NewChat, end: retired, calls: 5,
		reason: "look, claim, fetch, update, settle: the default for Programmable Chat",
	},
	{
		name: "chat, deleted", settings: world.Settings{"CHAT_DISPOSITION": "delete"}, begin: (*world.World).NewChat, end: gone, final: true, calls: 5,
		reason: "claim, open tasks, newest message, delete, settle: who must not keep histories",
	},
	{
		name: "conversation, closed with its interaction", begin: (*world.World).NewConversation, end: retired, final: true, calls: 7,
		reason: "claim, open tasks, newest message, interaction, close its channel, close conversation, settle: the default for Flex Conversations",
	},
	{
		name: "conversation, closed without an interaction", begin: (*world.World).NewPlainConversation, end: retired, final: true, calls: 5,
		reason: "agent-initiated tasks do not name their interaction",
	},
	{
		name: "conversation, deleted", settings: world.Settings{"CONVERSATIONS_DISPOSITION": "delete"}, begin: (*world.World).NewConversation, end: gone,
		final: true, calls: 7, reason: "claim, open tasks, newest message, interaction, close its channel, delete, settle",
	},
}
