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
	in := func(workspace int, e channel.Event) channel.Event { e.Workspace = sid("WS", workspace); return e }
	unborn := func(e channel.Event) channel.Event { e.Created = false; return e }
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   tasks
	}{
		"created": {
			"the first event makes the record, and is evidence",
			[]channel.Event{event(1, channel.Open, noon)},
			tasks{first: {Phase: channel.Open, Time: noon, Created: noon}},
		},
		"wrap-up after created": {
			"the further phase wins, and the evidence stays",
			[]channel.Event{event(1, channel.Open, noon), event(1, channel.Wrapping, at(time.Hour))},
			tasks{first: {Phase: channel.Wrapping, Time: at(time.Hour), Created: noon}},
		},
		"created after completed": {
			"a late event never opens a task again",
			[]channel.Event{event(1, channel.Ended, at(time.Hour)), event(1, channel.Open, noon)},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed", Created: noon}},
		},
		"created with a later time than completed": {
			"the phase decides, whatever the clocks say",
			[]channel.Event{event(1, channel.Ended, noon), event(1, channel.Open, at(time.Hour))},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "completed", Created: at(time.Hour)}},
		},
		"wrap-up after completed": {
			"a task does not go back",
			[]channel.Event{event(1, channel.Ended, at(time.Hour)), event(1, channel.Wrapping, at(time.Minute))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed", Since: at(time.Minute)}},
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
			tasks{first: {Phase: channel.Open, Time: noon, Created: noon}},
		},
		"created twice, the earlier one first": {
			"the earlier of two reports stands",
			[]channel.Event{event(1, channel.Open, noon), event(1, channel.Open, at(time.Second))},
			tasks{first: {Phase: channel.Open, Time: noon, Created: noon}},
		},
		"open, but not created here": {
			"it was found or moved here: it keeps the channel, and is no evidence",
			[]channel.Event{unborn(event(1, channel.Open, noon))},
			tasks{first: {Phase: channel.Open, Time: noon}},
		},
		"created after it was found open": {
			"the evidence counts whenever it comes",
			[]channel.Event{unborn(event(1, channel.Open, noon)), event(1, channel.Open, at(time.Hour))},
			tasks{first: {Phase: channel.Open, Time: noon, Created: at(time.Hour)}},
		},
		"ended only": {
			"the beginning may have been lost or be late",
			[]channel.Event{ended(1, "canceled", noon)},
			tasks{first: {Phase: channel.Ended, Time: noon, Outcome: "canceled"}},
		},
		"transfer": {
			"several tasks share one channel, each on its own",
			[]channel.Event{event(1, channel.Open, noon), event(2, channel.Open, at(time.Minute)), event(1, channel.Ended, at(time.Hour))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed", Created: noon}, second: {Phase: channel.Open, Time: at(time.Minute), Created: at(time.Minute)}},
		},
		"a workspace": {
			"it is kept while there is something to ask for",
			[]channel.Event{in(1, event(1, channel.Open, noon)), event(1, channel.Wrapping, at(time.Hour))},
			tasks{first: {Phase: channel.Wrapping, Time: at(time.Hour), Created: noon, Workspace: sid("WS", 1)}},
		},
		"two workspaces": {
			"one must win, whichever came first",
			[]channel.Event{in(2, event(1, channel.Open, noon)), in(1, event(1, channel.Wrapping, at(time.Hour)))},
			tasks{first: {Phase: channel.Wrapping, Time: at(time.Hour), Created: noon, Workspace: sid("WS", 2)}},
		},
		"a workspace, heard late": {
			"that is something new, too",
			[]channel.Event{event(1, channel.Open, noon), in(1, event(1, channel.Open, noon))},
			tasks{first: {Phase: channel.Open, Time: noon, Created: noon, Workspace: sid("WS", 1)}},
		},
		"a workspace, then the end": {
			"nobody will ask for the task any more",
			[]channel.Event{in(1, event(1, channel.Open, noon)), in(1, event(1, channel.Ended, at(time.Hour)))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed", Created: noon}},
		},
		"a workspace, after the end": {
			"nobody will ask for the task any more",
			[]channel.Event{event(1, channel.Ended, at(time.Hour)), in(1, event(1, channel.Open, noon))},
			tasks{first: {Phase: channel.Ended, Time: at(time.Hour), Outcome: "completed", Created: noon}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := record(row.events...)
			diff(t, row.reason, row.want, got.Tasks)
			diff(t, "a new record is tracking", channel.Record{Version: channel.Version, SID: sid("CH", 1), Backend: channel.Chat, Named: got.Named, Untyped: got.Untyped, Tasks: row.want, Status: channel.Tracking}, got)
		})
	}
}

func TestApplyStatus(t *testing.T) {
	t.Parallel()
	opened := record(event(1, channel.Ended, noon))
	news, known, late := event(2, channel.Open, at(time.Hour)), event(1, channel.Ended, noon), event(1, channel.Open, at(-time.Hour))
	for name, row := range map[string]struct {
		reason string
		before channel.Record
		event  channel.Event
		want   channel.Status
	}{
		"news while retiring":               {"an event that meets a claim wins", with(opened, claimedBy("a", noon, channel.Deactivate)), news, channel.Tracking},
		"news while closing":                {"so it does when the claim is for something final: the sweep may not have done it yet", with(opened, claimedBy("a", noon, channel.Close)), news, channel.Tracking},
		"news after a deactivation":         {"the channel can be put back", with(opened, retiredBy("a", noon, channel.Deactivate)), news, channel.Tracking},
		"news after an old deactivation":    {"it was so before, and is put back as far as flexsweep changed it", with(opened, retiredBy("a", noon, channel.Deactivate), result(channel.Already)), news, channel.Tracking},
		"news after closing":                {"closed is final: there is nothing to put right", with(opened, retiredBy("a", noon, channel.Close)), news, channel.Retired},
		"news after an old closing":         {"closed is final, whoever did it", with(opened, retiredBy("a", noon, channel.Close), result(channel.Already)), news, channel.Retired},
		"news after deletion":               {"deleted is final", with(opened, retiredBy("a", noon, channel.Delete)), news, channel.Retired},
		"a further phase after closing":     {"closed is final, whichever task goes on", with(record(event(1, channel.Open, noon)), retiredBy("a", noon, channel.Close)), known, channel.Retired},
		"a further phase after retirement":  {"a task that goes on is news", with(record(event(1, channel.Open, noon)), retiredBy("a", noon, channel.Deactivate)), known, channel.Tracking},
		"a duplicate while retiring":        {"what is known already must not stop a sweep", with(opened, claimedBy("a", noon, channel.Deactivate)), known, channel.Retiring},
		"a duplicate after retirement":      {"what is known already must not wake a tombstone", with(opened, retiredBy("a", noon, channel.Deactivate)), known, channel.Retired},
		"a late beginning after retirement": {"the task has ended since", with(opened, retiredBy("a", noon, channel.Deactivate)), late, channel.Retired},
		"a late beginning while retiring":   {"the task has ended since: evidence is no reason to stop", with(opened, claimedBy("a", noon, channel.Deactivate)), late, channel.Retiring},
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

// That Twilio did not know a channel is no reason to leave it alone for ever: it may have
// been asked for in the wrong service.
func TestGoneComesBack(t *testing.T) {
	t.Parallel()
	over := record(lasted(1, at(-time.Hour), noon)...)
	for _, d := range []channel.Disposition{channel.Deactivate, channel.Close, channel.Delete} {
		gone := with(over, retiredBy("a", at(time.Hour), d), result(channel.Gone))
		got := channel.Apply(gone, event(2, channel.Open, at(2*time.Hour)))
		want := channel.Apply(over, event(2, channel.Open, at(2*time.Hour)))
		diff(t, "news makes a channel that was gone one like any other: "+string(d), want, got)
		diff(t, "so nothing is to be put back", false, got.Touched())
		diff(t, "what is known already is no news", gone, channel.Apply(gone, event(1, channel.Ended, noon)))
	}
}

// Which events changed a record decides whether it is saved.
func TestApplyAllCountsChanges(t *testing.T) {
	t.Parallel()
	base := record(event(1, channel.Open, noon))
	change := func(f func(*channel.Event)) channel.Event {
		e := event(1, channel.Open, noon)
		f(&e)
		return e
	}
	interaction := &channel.Interaction{SID: sid("KD", 1), ChannelSID: sid("UO", 1), Time: noon}
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   int
	}{
		"nothing":               {"no event, no change", nil, 0},
		"known":                 {"what is known already is not saved again", []channel.Event{event(1, channel.Open, noon)}, 0},
		"two of three":          {"each is asked for itself", []channel.Event{event(1, channel.Wrapping, at(1)), event(1, channel.Wrapping, at(1)), event(1, channel.Ended, at(2))}, 2},
		"a type":                {"it may change retention", []channel.Event{change(func(e *channel.Event) { e.Type = "sms" }), change(func(e *channel.Event) { e.Type = "sms" })}, 1},
		"a type that is none":   {"it is not kept", []channel.Event{change(func(e *channel.Event) { e.Type = "+4912345" })}, 0},
		"another backend":       {"it may change the disposition", []channel.Event{change(func(e *channel.Event) { e.Backend = channel.Conversations })}, 1},
		"an interaction":        {"it is what can be closed", []channel.Event{change(func(e *channel.Event) { e.Interaction = interaction })}, 1},
		"another's interaction": {"only a created event's counts", []channel.Event{change(func(e *channel.Event) { e.Interaction, e.Created = interaction, false })}, 0},
		"an earlier creation":   {"it says since when the task is open", []channel.Event{event(1, channel.Open, at(-1))}, 1},
		"a workspace":           {"there the task can be asked for", []channel.Event{change(func(e *channel.Event) { e.Workspace = sid("WS", 1) })}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next, changed := channel.ApplyAll(base, row.events)
			diff(t, row.reason, row.want, changed)
			if row.want == 0 {
				diff(t, "no change, so the same record", base, next)
			}
		})
	}
	t.Run("a new record", func(t *testing.T) {
		t.Parallel()
		_, changed := channel.ApplyAll(channel.Record{}, []channel.Event{event(1, channel.Open, noon)})
		diff(t, "the first event always counts", 1, changed)
	})
	t.Run("a record without tasks", func(t *testing.T) {
		t.Parallel()
		next, changed := channel.ApplyAll(with(base, func(r *channel.Record) { r.Tasks = nil }), nil)
		diff(t, "no event, no change", 0, changed)
		diff(t, "its set of tasks can be added to", true, next.Tasks != nil)
	})
}
