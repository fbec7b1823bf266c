package integration

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/world"
)

// hourly lets hours pass, with a sweep at the end of each, and returns the hour whose
// sweep retired the thread; 0 if none did.
func hourly(c *world.Thread, hours int) (retiredAt int) {
	c.T.Helper()
	for hour := 1; hour <= hours; hour++ {
		c.Pass(time.Hour)
		c.Sweep()
		if retiredAt == 0 && c.State() != usable {
			retiredAt = hour
		}
	}
	return retiredAt
}

func TestUseCases(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run("1 never answered/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t,
				"an agent starts an outbound SMS, the customer never answers, the agent closes the task; 2 days later the channel is retired", way.settings)
			c := way.begin(w)
			task := c.NewTask()
			w.Fake.Say(c.SID, "agent", "Hello, about your order…")
			w.Pass(20 * time.Minute)
			task.Complete()
			want(t, "hour of retirement", hourly(c, 72), 48)
			c.MustBe(way.end, "in the end")
			want(t, "status of the record", c.Record().Status, channel.Retired)
		})
		t.Run("2 answered late/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "the customer answers before the time is up: the clock starts anew with the end of the next task", way.settings)
			c := way.begin(w)
			c.NewTask().Complete()
			want(t, "retired after the first task, in the hour", hourly(c, 40), 0)
			w.Fake.Say(c.SID, "customer", "Sorry, only saw this now")
			late := c.NewTask()
			want(t, "retired during the next task, in the hour", hourly(c, 30), 0)
			late.Complete()
			want(t, "hours from the end of the next task to retirement", hourly(c, 72), 48)
			c.MustBe(way.end, "in the end")
		})
	}
}

func TestUseCase3RetiredChannelIsReplaced(t *testing.T) {
	t.Parallel()
	t.Run("chat keeps its history", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t,
			"a retired channel is long_lived=false, status=INACTIVE with its history readable; the next message makes a new task on a new channel", nil)
		old := w.NewChat()
		old.NewTask().Complete()
		w.Fake.Say(old.SID, "customer", "Thank you")
		w.Pass(retention)
		want(t, "retired", w.Sweep().Retired, 1)
		old.MustHave(world.AttributesRetired, "after retirement")
		kept, _ := w.Fake.Channel(old.SID)
		want(t, "messages that are still there", len(kept.Messages), 1)

		next := w.NewChat() // what Flex does, since the old channel is not long-lived any more
		task := next.NewTask()
		w.Sweep()
		next.MustBe(usable, "while its task is open")
		task.Complete()
		want(t, "hours to the next retirement", hourly(next, 72), 48)
		old.MustHave(world.AttributesRetired, "after everything")
	})
	t.Run("deleted if so configured", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "or, if so configured, the channel is deleted outright, and its history with it",
			world.Settings{"CHAT_DISPOSITION": "delete", "CONVERSATIONS_DISPOSITION": "delete"})
		chat, conversation := w.NewChat(), w.NewConversation()
		chat.NewTask().Complete()
		conversation.NewTask().Complete()
		w.Pass(retention)
		want(t, "retired", w.Sweep().Retired, 2)
		chat.MustBe(gone, "after the sweep")
		conversation.MustBe(gone, "after the sweep")
	})
	t.Run("the tombstone goes by itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "the ledger must not grow for ever: a retired record expires after TOMBSTONE_TTL", world.Settings{"TOMBSTONE_TTL": "24h"})
		c := w.NewChat()
		c.NewTask().Complete()
		w.Pass(retention)
		w.Sweep()
		w.Pass(24*time.Hour - time.Second)
		want(t, "records a second before", w.Sweep().Walked, 1)
		w.Pass(2 * time.Second)
		want(t, "records afterwards", w.Sweep().Walked, 0)
		c.MustBe(retired, "after its record has gone")
	})
	t.Run("a tombstone that is in use again stays", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "a task on a retired channel makes its tombstone a record again, even if no sweep comes to see it before it would have gone",
			world.Settings{"TOMBSTONE_TTL": "24h"})
		c := w.NewChat()
		c.NewTask().Complete()
		w.Pass(retention)
		w.Sweep()
		c.NewTask()
		w.Pass(25 * time.Hour)
		want(t, "restored", w.Sweep().Restored, 1)
		c.MustHave(world.AttributesBefore, "after the sweep")
	})
	t.Run("a late task on a retired channel", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "if a task does come on a deactivated channel it is in use again, whatever the ledger thought: "+
			"put it back, and never let its tombstone expire", nil)
		c := w.NewChat()
		c.NewTask().Complete()
		w.Pass(retention)
		w.Sweep()
		c.MustBe(retired, "after the first sweep")
		task := c.NewTask()
		report := w.Sweep()
		want(t, "restored", report.Restored, 1)
		c.MustHave(world.AttributesBefore, "after the task came")
		task.Complete()
		w.Pass(retention)
		want(t, "retired again", w.Sweep().Retired, 1)
		c.MustHave(world.AttributesRetired, "in the end")
	})
}

func TestRetentionPerChannelType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a web chat is worthless after an hour, a WhatsApp thread is not", world.Settings{"RETENTION_BY_CHANNEL_TYPE": "web=1h,whatsapp=24h"})
	hours := map[string]int{"web": 1, "whatsapp": 24, "sms": 48}
	threads := map[string]*world.Thread{}
	for kind := range hours {
		threads[kind] = w.NewConversation()
		threads[kind].Kind = kind
		threads[kind].NewTask().Complete()
	}
	for hour := 1; hour <= 49; hour++ {
		w.Pass(time.Hour)
		w.Sweep()
		for kind, c := range threads {
			want(t, kind+" is retired", c.State() == retired, hour >= hours[kind])
		}
	}
}
