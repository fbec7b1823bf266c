package sweep_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
)

const day = 24 * time.Hour

// open returns the record of the n-th channel with one task, open for so long.
func open(n int, ago time.Duration) channel.Record {
	e := channel.Event{ChannelSID: sid(n), Backend: channel.Chat, TaskSID: "WT1", Created: true, Phase: channel.Open, Time: noon.Add(-ago)}
	return channel.Apply(channel.Record{}, e)
}

// lookingUp returns a room that looks tasks up which have been open for a day.
func lookingUp(limit int, records ...channel.Record) *room {
	room := newRoom(newMemory(records...))
	room.config.TaskLookups, room.config.TaskLookupAfter = limit, day
	return room
}

// endedAt is TaskRouter's word on a task that ended.
func endedAt(outcome string, ago time.Duration) func(channel.Record, string) (channel.Event, error) {
	return func(r channel.Record, task string) (channel.Event, error) {
		return channel.Event{ChannelSID: r.SID, Backend: r.Backend, TaskSID: task, Phase: channel.Ended, Outcome: outcome, Time: noon.Add(-ago)}, nil
	}
}

func unfinished(channel.Record, string) (channel.Event, error) {
	return channel.Event{}, taskrouter.ErrUnfinished
}

// An end may never have been heard, so TaskRouter is asked: the longest open tasks first, as
// far as the number of a run goes.
func TestLookUpAsks(t *testing.T) {
	t.Parallel()
	checked := func(r channel.Record, ago time.Duration) channel.Record {
		return channel.Checked(r, "WT1", noon.Add(-ago))
	}
	two := openedAt(open(1, 3*day), "WT2", 5*day)
	for name, row := range map[string]struct {
		reason  string
		limit   int
		records []channel.Record
		request sweep.Request
		asked   []string
	}{
		"the oldest first": {"they are the likeliest", 9, []channel.Record{open(1, 2*day), open(2, 4*day), open(3, 3*day)}, sweep.Request{}, []string{"look up 2 WT1", "look up 3 WT1", "look up 1 WT1"}},
		"a number of them": {"requests are dear", 2, []channel.Record{open(1, 2*day), open(2, 4*day), open(3, 3*day)}, sweep.Request{}, []string{"look up 2 WT1", "look up 3 WT1"}},
		"none":             {"it is switched off", 0, []channel.Record{open(1, 2*day)}, sweep.Request{}, nil},
		"long enough":      {"that is a day", 9, []channel.Record{open(1, day), open(2, day-time.Second)}, sweep.Request{}, []string{"look up 1 WT1"}},
		"asked before":     {"an answer is good for a day", 9, []channel.Record{checked(open(1, 9*day), day), checked(open(2, 9*day), day-time.Second)}, sweep.Request{}, []string{"look up 1 WT1"}},
		"two of a channel": {"each task has an end of its own", 9, []channel.Record{two}, sweep.Request{}, []string{"look up 1 WT2", "look up 1 WT1"}},
		"dry":              {"it would write", 9, []channel.Record{open(1, 2*day)}, sweep.Request{DryRun: true}, nil},
		"ended":            {"its end is known", 9, []channel.Record{ended(1, 9*day)}, sweep.Request{}, nil},
		"retired":          {"whatever becomes of its tasks", 9, []channel.Record{channel.Told(closedUnder(1))}, sweep.Request{}, nil},
		"to be put back":   {"it has just been written", 9, []channel.Record{openedAt(left(ended(1, 9*day), channel.Deactivate), "WT2", 2*day)}, sweep.Request{}, nil},
		"held":             {"a task that is open is open", 9, []channel.Record{held(open(1, 2*day))}, sweep.Request{}, []string{"look up 1 WT1"}},
		"claimed":          {"somebody is at work on it", 9, []channel.Record{takenOver(open(1, 2*day))}, sweep.Request{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := lookingUp(row.limit, row.records...)
			room.tasks.lookUp = unfinished
			report := room.mustRun(t, row.request)
			if d := cmp.Diff(row.asked, room.tasks.asked); d != "" || report.LookUps.Asked != len(row.asked) || report.LookUps.Open != len(row.asked) {
				t.Errorf("%s: %+v (-want +got):\n%s", row.reason, report.LookUps, d)
			}
		})
	}
}

// The number is one of a run, however many stretches it has.
func TestLookUpsAreBoundedOverTheRun(t *testing.T) {
	t.Parallel()
	var records []channel.Record
	for n := range 25 {
		records = append(records, open(n+1, 2*day))
	}
	room := lookingUp(13, records...)
	room.memory.pageSize = 1
	room.tasks.lookUp = unfinished
	if report := room.mustRun(t, sweep.Request{}); report.LookUps != (sweep.LookUps{Asked: 13, Open: 13}) || len(room.tasks.asked) != 13 {
		t.Errorf("%+v", report.LookUps)
	}
	if report := room.mustRun(t, sweep.Request{}); report.LookUps.Asked != 12 {
		t.Errorf("the next run: %+v", report.LookUps)
	}
}

// What TaskRouter says is applied like an event, under the revision that was read.
func TestLookUpIsApplied(t *testing.T) {
	t.Parallel()
	down := func(channel.Record, string) (channel.Event, error) { return channel.Event{}, errDown }
	for name, row := range map[string]struct {
		reason string
		answer func(channel.Record, string) (channel.Event, error)
		before hook
		want   sweep.LookUps
		saves  []string
		task   channel.Task // as it stands afterwards
		said   string
	}{
		"ended":       {"retention counts from its end", endedAt("completed", 3*time.Hour), nil, sweep.LookUps{Asked: 1, Ended: 1}, []string{"tracking kept"}, channel.Task{Phase: channel.Ended, Time: noon.Add(-3 * time.Hour), Outcome: "completed"}, "task looked up"},
		"not known":   {"it has ended, nobody knows when", endedAt(taskrouter.OutcomeUnknown, 0), nil, sweep.LookUps{Asked: 1, Ended: 1, Unknown: 1}, []string{"tracking kept"}, channel.Task{Phase: channel.Ended, Time: noon, Outcome: "unknown"}, "task looked up"},
		"unfinished":  {"that it was asked is remembered", unfinished, nil, sweep.LookUps{Asked: 1, Open: 1}, []string{"tracking kept"}, channel.Task{Phase: channel.Open, Time: noon.Add(-2 * day), Checked: noon}, ""},
		"down":        {"nobody knows, and it takes no other's place for a day", down, nil, sweep.LookUps{Asked: 1, Failed: 1}, []string{"tracking kept"}, channel.Task{Phase: channel.Open, Time: noon.Add(-2 * day), Checked: noon}, "TaskRouter was asked for a task and did not say: Twilio is down"},
		"and news":    {"the next pass looks again", endedAt("completed", 3*time.Hour), on("save tracking", 1, touched), sweep.LookUps{Asked: 1, Ended: 1}, nil, channel.Task{Phase: channel.Open, Time: noon.Add(-2 * day)}, ""},
		"not written": {"the next pass looks again", unfinished, failing("save tracking"), sweep.LookUps{Asked: 1, Open: 1}, nil, channel.Task{Phase: channel.Open, Time: noon.Add(-2 * day)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := lookingUp(9, open(1, 2*day))
			room.tasks.lookUp, room.memory.before = row.answer, row.before
			report, lines, err := room.run(t, sweep.Request{})
			if err != nil || report.LookUps != row.want {
				t.Errorf("%s: %v, %+v", row.reason, err, report.LookUps)
			}
			if d := cmp.Diff(row.saves, room.memory.saves); d != "" {
				t.Errorf("%s: saved (-want +got):\n%s", row.reason, d)
			}
			task := room.memory.record(1).Tasks["WT1"]
			task.Created = time.Time{}
			if d := cmp.Diff(row.task, task); d != "" {
				t.Errorf("%s: the task (-want +got):\n%s", row.reason, d)
			}
			if found := said(lines, "ask"); row.said == "" && len(found) > 0 || row.said != "" && (len(found) != 1 || found[0]["msg"] != row.said) {
				t.Errorf("%s: said %v", row.reason, found)
			}
		})
	}
}

// The second task of a channel is written on top of what the first one wrote.
func TestLookUpsOfOneChannel(t *testing.T) {
	t.Parallel()
	room := lookingUp(9, openedAt(open(1, 3*day), "WT2", 5*day))
	room.tasks.lookUp = endedAt("completed", 2*time.Hour)
	report := room.mustRun(t, sweep.Request{})
	if open := room.memory.record(1).OpenTasks(); len(open) > 0 || report.LookUps.Ended != 2 || len(room.memory.saves) != 2 {
		t.Errorf("%v are open still, %+v, saved %v", open, report.LookUps, room.memory.saves)
	}
	if report := room.mustRun(t, sweep.Request{}); report.Retired != 1 {
		t.Errorf("the next run: %+v", report)
	}
}

// A failure is said once in a run, and keeps no other task from being asked for.
func TestLookUpFailuresAreSaidOnce(t *testing.T) {
	t.Parallel()
	room := lookingUp(9, open(1, 4*day), open(2, 3*day), open(3, 2*day))
	room.tasks.lookUp = func(r channel.Record, task string) (channel.Event, error) {
		if r.SID == sid(3) {
			return unfinished(r, task)
		}
		return channel.Event{}, errDown
	}
	report, lines, err := room.run(t, sweep.Request{})
	if found := said(lines, "did not say"); err != nil || len(found) != 1 || found[0]["level"] != "ERROR" || report.LookUps != (sweep.LookUps{Asked: 3, Open: 1, Failed: 2}) {
		t.Errorf("%v, %+v, said %v", err, report.LookUps, found)
	}
}

// A wrong workspace must not end every task there is.
func TestLookUpsEndWithManyUnknownTasks(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		tasks  int
		asked  int
		said   int
	}{
		"fewer":   {"Twilio deletes ended tasks", 49, 49, 0},
		"many":    {"that is said, once", 50, 50, 1},
		"and all": {"no more are asked for, in no stretch", 70, 50, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var records []channel.Record
			for n := range row.tasks {
				records = append(records, open(n+1, 2*day))
			}
			room := lookingUp(1000, records...)
			room.memory.pageSize = 3
			room.tasks.lookUp = endedAt(taskrouter.OutcomeUnknown, 0)
			report, lines, err := room.run(t, sweep.Request{})
			found := said(lines, "TaskRouter does not know many tasks")
			if err != nil || report.LookUps != (sweep.LookUps{Asked: row.asked, Ended: row.asked, Unknown: row.asked}) || len(found) != row.said {
				t.Errorf("%s: %v, %+v, said %v", row.reason, err, report.LookUps, found)
			}
			if row.said == 1 && (found[0]["level"] != "ERROR" || !strings.Contains(found[0]["msg"].(string), "look at WORKSPACE_SIDS")) {
				t.Errorf("%s: said %v", row.reason, found)
			}
		})
	}
}

// A run whose time is up, or that is paused, asks for no further task; one that is refused does.
func TestLookUpsAndTheRun(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		set    func(r *room)
		asked  int
	}{
		"time is up": {"the next run goes on", func(r *room) { newClock(r, time.Hour) }, 0},
		"refused":    {"what is open is open, whatever is due", func(r *room) { r.memory.history.Complete = completed(time.Second); r.config.MaxUnexplained = 0 }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := lookingUp(9, ended(1, 9*day), open(2, 2*day), open(3, 2*day))
			room.tasks.lookUp = unfinished
			row.set(room)
			if report := room.mustRun(t, sweep.Request{}); report.LookUps.Asked != row.asked {
				t.Errorf("%s: %+v", row.reason, report)
			}
		})
	}
}

// Before something final is done TaskRouter is asked for tasks that the record has not heard of.
func TestOpenTaskCheck(t *testing.T) {
	t.Parallel()
	due := conversation(ended(1, 2*time.Hour))
	found := func(r channel.Record) ([]channel.Event, error) {
		return []channel.Event{{ChannelSID: r.SID, Backend: r.Backend, TaskSID: "WT9", Phase: channel.Open, Time: noon.Add(-time.Minute)}}, nil
	}
	down := func(channel.Record) ([]channel.Event, error) { return nil, errDown }
	deleted := func(c *sweep.Config) { c.Policy.Chat = channel.Delete }
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		config func(*sweep.Config)
		answer func(channel.Record) ([]channel.Event, error)
		before hook
		did    sweep.Did
		asked  int
		saves  []string
		text   string
	}{
		"none":              {"so it is closed", due, nil, nil, nil, sweep.RetiredNow, 1, []string{"retiring kept", "retired 86400"}, ""},
		"one":               {"the claim is given back with what is known now", due, nil, found, nil, sweep.Busy, 1, []string{"retiring kept", "tracking kept"}, "TaskRouter has an open task on it: WT9"},
		"one, and news":     {"the event has given it back", due, nil, found, on("save tracking", 1, opened), sweep.Busy, 1, []string{"retiring kept"}, "WT9"},
		"one, and down":     {"the claim's lease runs out", due, nil, found, failing("save tracking"), sweep.FailedNow, 1, []string{"retiring kept"}, "down"},
		"no answer":         {"nothing final is done without one", due, nil, down, nil, sweep.FailedNow, 1, []string{"retiring kept", "retiring kept"}, "Twilio is down"},
		"switched off":      {"the query is not verified", due, func(c *sweep.Config) { c.OpenTaskCheck = false }, found, nil, sweep.RetiredNow, 0, []string{"retiring kept", "retired 86400"}, ""},
		"to be undone":      {"a deactivation can be", ended(1, 2*time.Hour), nil, found, nil, sweep.RetiredNow, 0, []string{"retiring kept", "retired 86400"}, ""},
		"chat, deleted":     {"there is no way back", ended(1, 2*time.Hour), deleted, found, nil, sweep.Busy, 1, []string{"retiring kept", "tracking kept"}, "WT9"},
		"the claim refused": {"nothing is asked for what is not ours", due, nil, found, on("save retiring", 1, takenOver), sweep.Conflict, 0, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(row.record))
			room.config.OpenTaskCheck = true
			if row.config != nil {
				row.config(&room.config)
			}
			room.tasks.unfinished, room.memory.before = row.answer, row.before
			report := room.mustRun(t, sweep.Request{})
			item := report.Items[0]
			if item.Did != row.did || !strings.Contains(item.Text, row.text) || len(room.tasks.asked) != row.asked || (len(room.retirer.asked) > 0) != (row.did == sweep.RetiredNow) {
				t.Errorf("%s: %+v, asked %v, then %v", row.reason, item, room.tasks.asked, room.retirer.asked)
			}
			if d := cmp.Diff(row.saves, room.memory.saves); d != "" {
				t.Errorf("%s: saved (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// What TaskRouter said keeps the channel from then on; and a failure leaves the claim as evidence.
func TestOpenTaskCheckIsWrittenDown(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(conversation(ended(1, 2*time.Hour)), conversation(ended(2, 2*time.Hour))))
	room.config.OpenTaskCheck = true
	room.tasks.unfinished = func(r channel.Record) ([]channel.Event, error) {
		if r.SID == sid(2) {
			return nil, errDown
		}
		if r.Status != channel.Retiring {
			return nil, fmt.Errorf("asked for a record that is %s", r.Status)
		}
		return []channel.Event{{ChannelSID: r.SID, Backend: r.Backend, TaskSID: "WT9", Workspace: "WS1", Phase: channel.Open, Time: noon.Add(-time.Minute)}}, nil
	}
	room.mustRun(t, sweep.Request{})
	first, second := room.memory.record(1), room.memory.record(2)
	if d := cmp.Diff([]string{"WT9"}, first.OpenTasks()); d != "" || first.Status != channel.Tracking || first.Claim != nil || first.Tasks["WT9"].Workspace != "WS1" {
		t.Errorf("the record is %+v (-want +got):\n%s", first, d)
	}
	if second.Claim == nil || !second.Claim.Done || second.Failure == nil || second.Failure.Count != 1 {
		t.Errorf("after no answer the record is %+v", second)
	}
	if report := room.mustRun(t, sweep.Request{DryRun: true}); report.Due != 1 || report.Skipped[channel.ReasonOpenTask] != 1 {
		t.Errorf("the next run: %+v", report)
	}
}
