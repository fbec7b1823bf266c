package integration

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// What somebody who may write any attributes, and make any tasks, does to channels that are
// not theirs.

func TestAnotherCustomersInteraction(t *testing.T) {
	t.Parallel()
	for _, parked := range []bool{true, false} {
		t.Run(fmt.Sprintf("parked=%t", parked), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a task on a conversation of one's own names another customer's interaction: that one is not closed with it", nil)
			own, victim := w.NewPlainConversation(), w.NewConversation()
			task := w.NewTaskWith(fmt.Sprintf(`{"conversationSid":%q,"channelType":"web","flexInteractionSid":%q,"flexInteractionChannelSid":%q}`,
				own.SID, victim.Interaction, victim.Unit))
			task.Complete()
			w.Pass(retention - time.Hour)
			served := victim.NewTask() // the victim's own time begins anew
			if parked {
				served.Complete()
			}
			w.Pass(2 * time.Hour)
			w.Sweep()
			victim.MustBe(usable, "when the other one is due")
			uo, _ := w.Fake.InteractionChannel(victim.Interaction, victim.Unit)
			want(t, "status of the interaction channel", uo.Status, "active")
			if found, _ := w.Fake.Task(served.SID); !parked {
				want(t, "status of the victim's task", found.Status, "assigned")
			}
		})
	}
}

func TestAChatThatIsCalledAConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a task names a chat channel as a conversation: it is not closed for good", nil)
	victim := w.NewChat()
	victim.NewTask().Complete()
	w.NewTaskWith(fmt.Sprintf(`{"conversationSid":%q,"channelType":"web"}`, victim.SID)).Complete()
	want(t, "backend", victim.Record().Backend, channel.Chat)
	want(t, "contradicted", victim.Record().Contradicted(), true)
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 1)
	victim.MustHave(world.AttributesRetired, "it is deactivated, as chat channels are")
	conversation, _ := w.Fake.Conversation(victim.SID)
	want(t, "state of the conversation", conversation.State == "closed", false)
}

func TestAnotherTypesRetention(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a task calls an SMS channel a web chat, which is kept for an hour only", world.Settings{"RETENTION_BY_CHANNEL_TYPE": "web=1h,sms=72h"})
	victim := w.NewChat()
	victim.NewTask().Complete()
	w.NewTaskWith(fmt.Sprintf(`{"channelSid":%q,"channelType":"web"}`, victim.SID)).Complete()
	w.NewTaskWith(fmt.Sprintf(`{"channelSid":%q,"channelType":"+491701234567"}`, victim.SID)).Complete()
	want(t, "channel types", fmt.Sprint(victim.Record().Types), "[other sms web]")
	w.Pass(71 * time.Hour)
	want(t, "due", w.Sweep().Due, 0)
	w.Pass(time.Hour)
	want(t, "retired", w.Sweep().Retired, 1)
}

func TestAHiddenChat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a conversationSid beside the true channelSid must not hide a live chat", nil)
	victim, own := w.NewChat(), w.NewPlainConversation()
	w.NewTaskWith(fmt.Sprintf(`{"conversationSid":%q,"channelSid":%q}`, own.SID, victim.SID)).Becomes("reserved", "assigned")
	want(t, "open tasks on the chat", len(victim.Record().OpenTasks()), 1)
	want(t, "evidence", victim.Record().HasEvidence(), false)
	w.Pass(10 * 24 * time.Hour)
	w.Sweep()
	victim.MustBe(usable, "while a task is open on it")
}

// An end that names no channel: legacy transfers take it out of the attributes.
func TestEndThatNamesNoChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the end of a transferred task names no channel; TaskRouter knows what became of it, or no longer knows it at all", nil)
	c := w.NewChat()
	first := c.NewTask()
	w.RestartWebhook() // whoever heard of the beginning is not there any more
	w.Call(http.MethodPost, "https://taskrouter.twilio.com/v1/Workspaces/"+w.Workspace+"/Tasks/"+first.SID, world.Form("Attributes", `{"name":"a customer"}`))
	first.Complete()
	want(t, "open in the record", len(c.Record().OpenTasks()), 1)
	w.Pass(25 * time.Hour)
	report := w.Sweep()
	want(t, "tasks looked up", report.LookUps.Asked, 1)
	want(t, "that have ended", report.LookUps.Ended, 1)
	want(t, "open in the record", len(c.Record().OpenTasks()), 0)
	w.Pass(retention)
	want(t, "retired", w.Sweep().Retired, 1)
}

func TestLookUpsThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a credential that may not read tasks ends none", nil)
			c := w.NewChat()
			c.NewTask()
			w.Pass(49 * time.Hour)
			w.Fake.Faults().Add(faketwilio.Fault{Product: "taskrouter", Status: status})
			report := w.Sweep()
			want(t, "look-ups that failed", report.LookUps.Failed, 1)
			want(t, "open in the record", len(c.Record().OpenTasks()), 1)
			c.MustBe(usable, "afterwards")
		})
	}
}

// TaskRouter knows of a task that the ledger has not heard of.
func TestTaskThatNobodyHeardOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a conversation is not closed under a task whose created event was lost", nil)
	c := w.NewConversation()
	c.NewTask().Complete()
	var late *world.Job
	w.Lose(func() { late = c.NewTask() })
	w.Pass(retention)
	report := w.Sweep()
	want(t, "retired", report.Retired, 0)
	want(t, "busy", report.Busy, 1)
	c.MustBe(usable, "with a task open in TaskRouter")
	want(t, "open tasks of the record", fmt.Sprint(c.Record().OpenTasks()), fmt.Sprint([]string{late.SID}))
	late.Complete()
	w.Pass(retention)
	want(t, "retired, when it has ended", w.Sweep().Retired, 1)
}
