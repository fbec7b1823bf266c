package channel_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestApplyTasks(t *testing.T) {
	t.Parallel()
	type tasks = map[string]channel.Task
	first, second := sid("WT", 1), sid("WT", 2)
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   tasks
	}{
		"created": {
			"the first event makes the record",
			[]channel.Event{event(1, channel.Open, noon)},
			tasks{first: {Phase: channel.Open, Time: noon}},
		},
		"wrap-up after created": {
			"the further phase wins",
			[]channel.Event{event(1, channel.Open, noon), event(1, channel.Wrapping, at(time.Hour))},
			tasks{first: {Phase: channel.Wrapping, Time: at(time.Hour)}},
		},
		"created after completed": {
			"a late event never opens a task again",
			[]channel.Event{event(1, channel.Ended, at(time.Hour)), event(1, channel.Open, noon)},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed"}},
		},
		"created with a later time than completed": {
			"the phase decides, whatever the clocks say",
			[]channel.Event{event(1, channel.Ended, noon), event(1, channel.Open, at(time.Hour))},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "completed"}},
		},
		"wrap-up after completed": {
			"a task does not go back",
			[]channel.Event{event(1, channel.Ended, at(time.Hour)), event(1, channel.Wrapping, at(time.Minute))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed"}},
		},
		"system-deleted after completed": {
			"the clean-up minutes later is not the end of the task",
			[]channel.Event{event(1, channel.Ended, noon), ended(1, "system-deleted", at(5*time.Minute))},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "completed"}},
		},
		"system-deleted heard before completed": {
			"the earlier end stands, in whichever order they come",
			[]channel.Event{ended(1, "system-deleted", at(5*time.Minute)), event(1, channel.Ended, noon)},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "completed"}},
		},
		"two ends at one moment": {
			"something must decide, or the order would",
			[]channel.Event{ended(1, "deleted", noon), ended(1, "canceled", noon)},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "canceled"}},
		},
		"created twice, with two times": {
			"the earlier of two reports stands",
			[]channel.Event{event(1, channel.Open, at(time.Second)), event(1, channel.Open, noon)},
			tasks{first: {Phase: channel.Open, Time: noon}},
		},
		"ended only": {
			"the beginning may have been lost or be late",
			[]channel.Event{ended(1, "canceled", noon)},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "canceled"}},
		},
		"transfer": {
			"several tasks share one channel, each on its own",
			[]channel.Event{event(1, channel.Open, noon), event(2, channel.Open, at(time.Minute)), event(1, channel.Ended, at(time.Hour))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed"}, second: {Phase: channel.Open, Time: at(time.Minute)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := channel.Record{Version: channel.Version, SID: sid("CH", 1), Backend: channel.Chat, Tasks: row.want, Status: channel.Tracking}
			diff(t, row.reason, want, record(row.events...))
		})
	}
}

func TestApplyStatus(t *testing.T) {
	t.Parallel()
	opened := record(event(1, channel.Ended, noon))
	news, known := event(2, channel.Open, at(time.Hour)), event(1, channel.Ended, noon)
	for name, row := range map[string]struct {
		reason string
		before channel.Record
		event  channel.Event
		want   channel.Status
	}{
		"news while retiring":               {"an event that meets a claim wins", with(opened, claimedBy("a", noon, channel.Deactivate)), news, channel.Tracking},
		"news while closing":                {"so it does when the claim is for something final: the sweep may not have done it yet", with(opened, claimedBy("a", noon, channel.Close)), news, channel.Tracking},
		"news after a deactivation":         {"the channel can be put back", with(opened, retiredBy("a", noon, channel.Deactivate)), news, channel.Tracking},
		"news after closing":                {"closed is final: there is nothing to put right", with(opened, retiredBy("a", noon, channel.Close)), news, channel.Retired},
		"news after deletion":               {"deleted is final", with(opened, retiredBy("a", noon, channel.Delete)), news, channel.Retired},
		"a duplicate while retiring":        {"what is known already must not stop a sweep", with(opened, claimedBy("a", noon, channel.Deactivate)), known, channel.Retiring},
		"a duplicate after retirement":      {"what is known already must not wake a tombstone", with(opened, retiredBy("a", noon, channel.Deactivate)), known, channel.Retired},
		"a late beginning after retirement": {"the task has ended since", with(opened, retiredBy("a", noon, channel.Deactivate)), event(1, channel.Open, at(-time.Hour)), channel.Retired},
		"retired, but nothing says how":     {"without evidence that it is final the record is tracked again", with(opened, status(channel.Retired)), news, channel.Tracking},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := channel.Apply(row.before, row.event)
			diff(t, row.reason, row.want, got.Status)
			diff(t, "the claim stays as evidence", row.before.Claim, got.Claim)
			diff(t, "the retirement stays as evidence", row.before.Retirement, got.Retirement)
			if _, stored := got.Tasks[row.event.TaskSID]; !stored {
				t.Error("the task of the event is not in the record")
			}
		})
	}
}

func TestApplyIdentity(t *testing.T) {
	t.Parallel()
	interaction := func(n int, when time.Time) *channel.Interaction {
		return &channel.Interaction{SID: sid("KD", n), ChannelSID: sid("UO", n), Time: when}
	}
	type identity struct {
		Backend     channel.Backend
		ChannelType string
		Interaction *channel.Interaction
	}
	for name, row := range map[string]struct {
		reason string
		a, b   identity
		want   identity
	}{
		"conversation and chat":  {"conversationSid wins over the legacy channelSid", identity{Backend: channel.Chat}, identity{Backend: channel.Conversations}, identity{Backend: channel.Conversations}},
		"a type and none":        {"a transfer's task may lack what the first had", identity{ChannelType: "web"}, identity{}, identity{ChannelType: "web"}},
		"two types":              {"one must win, whichever came first", identity{ChannelType: "sms"}, identity{ChannelType: "whatsapp"}, identity{ChannelType: "whatsapp"}},
		"an interaction and nil": {"absence is no news", identity{Interaction: interaction(1, noon)}, identity{}, identity{Interaction: interaction(1, noon)}},
		"two interactions":       {"the later one is what can be closed now", identity{Interaction: interaction(2, noon)}, identity{Interaction: interaction(1, at(time.Hour))}, identity{Interaction: interaction(1, at(time.Hour))}},
		"two at one moment":      {"something must decide, or the order would", identity{Interaction: interaction(1, noon)}, identity{Interaction: interaction(2, noon)}, identity{Interaction: interaction(2, noon)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apply := func(ids ...identity) identity {
				var r channel.Record
				for i, id := range ids {
					e := event(1, channel.Open, at(time.Duration(i)))
					e.Backend, e.ChannelType, e.Interaction = id.Backend, id.ChannelType, id.Interaction
					r = channel.Apply(r, e)
				}
				return identity{r.Backend, r.ChannelType, r.Interaction}
			}
			diff(t, row.reason, row.want, apply(row.a, row.b))
			diff(t, row.reason+", the other way round", row.want, apply(row.b, row.a))
		})
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()
	const day = channel.TaskMemory
	many := func(n int, phase channel.Phase) (events []channel.Event) {
		for i := range n {
			events = append(events, event(i, phase, at(-time.Duration(n-i)*time.Minute)))
		}
		return events
	}
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   []channel.Event
	}{
		"nothing old":                 {"a redelivery of either may still come", many(3, channel.Ended), many(3, channel.Ended)},
		"the only end, long ago":      {"retention counts from it", []channel.Event{event(1, channel.Ended, at(-9*day))}, []channel.Event{event(1, channel.Ended, at(-9*day))}},
		"an old end beside the last":  {"nothing needs it any more", []channel.Event{event(1, channel.Ended, at(-9*day)), event(2, channel.Ended, at(-8*day))}, []channel.Event{event(2, channel.Ended, at(-8*day))}},
		"two last ends at one moment": {"either may be the one that counts", []channel.Event{event(1, channel.Ended, at(-9*day)), event(2, channel.Ended, at(-9*day))}, []channel.Event{event(1, channel.Ended, at(-9*day)), event(2, channel.Ended, at(-9*day))}},
		"exactly as old as memory":    {"the boundary belongs to memory", []channel.Event{event(1, channel.Ended, at(-day)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Ended, at(-day)), event(2, channel.Ended, noon)}},
		"a moment older than memory":  {"beyond the boundary it goes", []channel.Event{event(1, channel.Ended, at(-day-1)), event(2, channel.Ended, noon)}, []channel.Event{event(2, channel.Ended, noon)}},
		"an open task, long ago":      {"it keeps the channel, however old", []channel.Event{event(1, channel.Open, at(-90*day)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Open, at(-90*day)), event(2, channel.Ended, noon)}},
		"a wrapping task, long ago":   {"it has not ended either", []channel.Event{event(1, channel.Wrapping, at(-90*day)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Wrapping, at(-90*day)), event(2, channel.Ended, noon)}},
		"too many ends":               {"the oldest go first", many(channel.MaxTasks+5, channel.Ended), many(channel.MaxTasks+5, channel.Ended)[5:]},
		"too many open":               {"the bound holds all the same", many(channel.MaxTasks+5, channel.Open), many(channel.MaxTasks+5, channel.Open)[5:]},
		"an end beside too many open": {"what is open counts more than what has ended", append(many(channel.MaxTasks, channel.Open), event(99, channel.Ended, noon)), many(channel.MaxTasks, channel.Open)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, row.reason, record(row.want...), channel.Trim(record(row.events...), noon))
		})
	}
}
