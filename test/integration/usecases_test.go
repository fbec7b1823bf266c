package integration

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// hourly lets hours pass, with a sweep at the end of each, and returns the hour whose
// sweep retired the thread; 0 if none did.
func (c *thread) hourly(hours int) (retiredAt int) {
	c.t.Helper()
	for hour := 1; hour <= hours; hour++ {
		c.pass(time.Hour)
		c.sweep()
		if retiredAt == 0 && c.state() != usable {
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
			w := newWorld(t, "an agent starts an outbound SMS, the customer never answers, the agent closes the task; 2 days later the channel is retired", way.settings)
			c := way.begin(w)
			task := c.task()
			w.fake.Say(c.sid, "agent", "Hello, about your order…")
			w.pass(20 * time.Minute)
			task.work()
			want(t, "hour of retirement", c.hourly(72), 48)
			c.mustBe(way.end, "in the end")
			want(t, "status of the record", c.record().Status, channel.Retired)
		})
		t.Run("2 answered late/"+way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "the customer answers before the time is up: the clock starts anew with the end of the next task", way.settings)
			c := way.begin(w)
			c.task().work()
			want(t, "retired after the first task, in the hour", c.hourly(40), 0)
			w.fake.Say(c.sid, "customer", "Sorry, only saw this now")
			late := c.task()
			want(t, "retired during the next task, in the hour", c.hourly(30), 0)
			late.work()
			want(t, "hours from the end of the next task to retirement", c.hourly(72), 48)
			c.mustBe(way.end, "in the end")
		})
	}
}

func TestUseCase3RetiredChannelIsReplaced(t *testing.T) {
	t.Parallel()
	t.Run("chat keeps its history", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "a retired channel is long_lived=false, status=INACTIVE with its history readable; the next message makes a new task on a new channel", nil)
		old := w.chat()
		old.task().work()
		w.fake.Say(old.sid, "customer", "Thank you")
		w.pass(retention)
		want(t, "retired", w.sweep().Retired, 1)
		old.mustHave(attributesRetired, "after retirement")
		kept, _ := w.fake.Channel(old.sid)
		want(t, "messages that are still there", len(kept.Messages), 1)

		next := w.chat() // what Flex does, since the old channel is not long-lived any more
		task := next.task()
		w.sweep()
		next.mustBe(usable, "while its task is open")
		task.work()
		want(t, "hours to the next retirement", next.hourly(72), 48)
		old.mustHave(attributesRetired, "after everything")
	})
	t.Run("deleted if so configured", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "or, if so configured, the channel is deleted outright, and its history with it",
			settings{"CHAT_DISPOSITION": "delete", "CONVERSATIONS_DISPOSITION": "delete"})
		chat, conversation := w.chat(), w.conversation()
		chat.task().work()
		conversation.task().work()
		w.pass(retention)
		want(t, "retired", w.sweep().Retired, 2)
		chat.mustBe(gone, "after the sweep")
		conversation.mustBe(gone, "after the sweep")
	})
	t.Run("the tombstone goes by itself", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "the ledger must not grow for ever: a retired record expires after TOMBSTONE_TTL", settings{"TOMBSTONE_TTL": "24h"})
		c := w.chat()
		c.task().work()
		w.pass(retention)
		w.sweep()
		w.pass(24*time.Hour - time.Second)
		want(t, "records a second before", w.sweep().Walked, 1)
		w.pass(2 * time.Second)
		want(t, "records afterwards", w.sweep().Walked, 0)
		c.mustBe(retired, "after its record has gone")
	})
	t.Run("a tombstone that is in use again stays", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "a task on a retired channel makes its tombstone a record again, even if no sweep comes to see it before it would have gone", settings{"TOMBSTONE_TTL": "24h"})
		c := w.chat()
		c.task().work()
		w.pass(retention)
		w.sweep()
		c.task()
		w.pass(25 * time.Hour)
		want(t, "undone", w.sweep().Undone, 1)
		c.mustHave(attributesBefore, "after the sweep")
	})
	t.Run("a late task on a retired channel", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "if a task does come on a deactivated channel it is in use again, whatever the ledger thought: put it back, and never let its tombstone expire", nil)
		c := w.chat()
		c.task().work()
		w.pass(retention)
		w.sweep()
		c.mustBe(retired, "after the first sweep")
		task := c.task()
		report := w.sweep()
		want(t, "undone", report.Undone, 1)
		c.mustHave(attributesBefore, "after the task came")
		task.work()
		w.pass(retention)
		want(t, "retired again", w.sweep().Retired, 1)
		c.mustHave(attributesRetired, "in the end")
	})
}

func TestRetentionPerChannelType(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a web chat is worthless after an hour, a WhatsApp thread is not", settings{"RETENTION_BY_CHANNEL_TYPE": "web=1h,whatsapp=24h"})
	hours := map[string]int{"web": 1, "whatsapp": 24, "sms": 48}
	threads := map[string]*thread{}
	for kind := range hours {
		threads[kind] = w.conversation()
		threads[kind].kind = kind
		threads[kind].task().work()
	}
	for hour := 1; hour <= 49; hour++ {
		w.pass(time.Hour)
		w.sweep()
		for kind, c := range threads {
			want(t, kind+" is retired", c.state() == retired, hour >= hours[kind])
		}
	}
}
