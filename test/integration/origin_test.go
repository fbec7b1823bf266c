package integration

import (
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/world"
)

// Which events count is a matter of settings. A wrong one must be seen, and must not lose in
// silence what is ours.
func TestWhoseEventsCount(t *testing.T) {
	t.Parallel()
	elsewhere := "WS" + strings.Repeat("e", 32)
	for _, row := range []struct {
		name, reason string
		own          func(w *world.World) world.Settings
		account      string // of the event, if not ours
		outcome      string
		records      int
		line         string // of the log
	}{
		{"any workspace", "no list means all", func(*world.World) world.Settings { return nil }, "", "delivered", 1, "delivery"},
		{"a listed workspace", "it is on the list", func(w *world.World) world.Settings {
			return world.Settings{"WORKSPACE_SIDS": elsewhere + "," + w.Workspace}
		}, "", "delivered", 1, "delivery"},
		{"an unlisted workspace", "its channels are somebody else's, and a wrong list is seen", func(*world.World) world.Settings {
			return world.Settings{"WORKSPACE_SIDS": elsewhere}
		}, "", "delivered", 0, "foreign event"},
		{"another account", "the signature says whose token it was, not whose event it is", func(*world.World) world.Settings { return nil },
			"AC" + strings.Repeat("e", 32), "delivered", 0, "foreign event"},
		{"another network", "the list may be out of date, so Twilio is asked to try again", func(*world.World) world.Settings {
			return world.Settings{"SOURCE_RANGES": "203.0.113.0/24"}
		}, "", "pending", 0, "request refused"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			for name, value := range row.own(w) {
				w.Settings[name] = value
			}
			w.RestartWebhook()
			payload := map[string]any{
				"workspace_sid": w.Workspace, "task_sid": "WT" + strings.Repeat("a", 32), "task_attributes": `{"channelSid":"CH` + strings.Repeat("a", 32) + `"}`,
			}
			if row.account != "" {
				payload["account_sid"] = row.account
			}
			w.Fake.Event("com.twilio.taskrouter.task.created", w.Fake.Clock().Now(), payload)
			w.Fake.Clock().Advance(0)
			want(t, "outcome", w.Fake.Deliveries()[0].Outcome, row.outcome)
			want(t, "records", len(w.Records()), row.records)
			w.Logs.Last(t, row.line)
		})
	}
}
