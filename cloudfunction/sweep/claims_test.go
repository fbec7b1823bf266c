package sweep_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// flipped is a record after an event that says that its channel is a conversation: its backend
// is another, and no task has changed.
func flipped(r channel.Record) channel.Record { return conversation(r) }

// What a claim says is what is done and what is undone, whatever events make of the record.
func TestTheClaimCounts(t *testing.T) {
	t.Parallel()
	due := ended(1, 2*time.Hour)
	chat := channel.Target{Backend: channel.Chat, Disposition: channel.Deactivate, Found: active()}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		before hook
		did    sweep.Did
		asked  []string
		after  channel.Backend // the record's
	}{
		"as it is":                {"chat is chat", due, nil, sweep.RetiredNow, []string{"retire 1"}, channel.Chat},
		"flipped before settling": {"it was deactivated, and is no conversation for that", due, on("save retired", 1, flipped), sweep.RetiredNow, []string{"retire 1"}, channel.Conversations},
		"flipped, with a task":    {"what was done to a chat is undone on a chat", due, on("save retired", 1, func(r channel.Record) channel.Record { return flipped(opened(r)) }), sweep.Restored, []string{"retire 1", "restore 1"}, channel.Conversations},
		"flipped after a crash":   {"what the dead run may have done is undone", flipped(opened(left(due, channel.Deactivate))), nil, sweep.Restored, []string{"restore 1"}, channel.Conversations},
		"flipped after settling":  {"what is retired as a chat is put back as one", flipped(opened(settled(claimedByRun(due)))), nil, sweep.Restored, []string{"restore 1"}, channel.Conversations},
		"flipped, and due again":  {"whatever it is now, what was found is known", left(due, channel.Deactivate), nil, sweep.RetiredNow, []string{"retire 1"}, channel.Chat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(row.record))
			room.memory.before = row.before
			report := room.mustRun(t, sweep.Request{})
			if report.Items[0].Did != row.did {
				t.Errorf("%s: %+v", row.reason, report.Items[0])
			}
			if d := cmp.Diff(row.asked, room.retirer.asked); d != "" {
				t.Errorf("%s: asked (-want +got):\n%s", row.reason, d)
			}
			for n, asked := range room.retirer.records {
				if d := cmp.Diff(chat, asked.Claim.Target); d != "" || asked.Claim.Run != "run" {
					t.Errorf("%s: when asked to %s the claim says (-want +got):\n%s", row.reason, room.retirer.asked[n], d)
				}
			}
			after := room.memory.record(1)
			if after.Backend != row.after {
				t.Errorf("%s: the record's backend is %s", row.reason, after.Backend)
			}
			if r := after.Retirement; row.did == sweep.RetiredNow {
				if d := cmp.Diff(chat, r.Target); d != "" || r.Run != "run" || r.Result != channel.Done || !r.Time.Equal(noon) {
					t.Errorf("%s: the retirement is %+v (-want +got):\n%s", row.reason, r, d)
				}
			}
		})
	}
}

// The services of the backend that was touched are asked for, and the one where the channel was
// found is written down.
func TestTheServiceIsWrittenDown(t *testing.T) {
	t.Parallel()
	const service = "IS00000000000000000000000000000002"
	room := newRoom(newMemory(ended(1, 2*time.Hour), flipped(opened(left(ended(2, 9*time.Hour), channel.Deactivate)))))
	room.retirer.service = service
	room.mustRun(t, sweep.Request{})
	if r := room.memory.record(1); r.ServiceSID != service || r.Retirement.ServiceSID != service {
		t.Errorf("the record is %+v", r)
	}
	if d := cmp.Diff([]string{"services chat", "inspect 1"}, room.retirer.looked); d != "" {
		t.Errorf("looked at (-want +got):\n%s", d)
	}
}

// A conversation has no attributes that are overwritten, and neither has what is deleted.
func TestOnlyADeactivationLooks(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(ended(1, 2*time.Hour), conversation(ended(2, 2*time.Hour))))
	room.config.Policy.Chat = channel.Delete
	room.mustRun(t, sweep.Request{})
	if d := cmp.Diff([]string{"services chat", "services conversations"}, room.retirer.looked); d != "" {
		t.Errorf("looked at (-want +got):\n%s", d)
	}
	for n, want := range map[int]channel.Target{1: {Backend: channel.Chat, Disposition: channel.Delete}, 2: {Backend: channel.Conversations, Disposition: channel.Close}} {
		if d := cmp.Diff(want, room.memory.record(n).Retirement.Target); d != "" {
			t.Errorf("channel %d (-want +got):\n%s", n, d)
		}
	}
}

// The record that is claimed is trimmed: what no redelivery can concern any more is forgotten.
func TestTheClaimTrims(t *testing.T) {
	t.Parallel()
	r := channel.Apply(ended(1, 2*time.Hour), channel.Event{ChannelSID: sid(1), Backend: channel.Chat, TaskSID: "WT0", Phase: channel.Ended, Outcome: "completed", Time: noon.Add(-99 * time.Hour)})
	room := newRoom(newMemory(r))
	room.mustRun(t, sweep.Request{})
	for _, written := range room.memory.written {
		if len(written.Tasks) != 1 {
			t.Errorf("%s with the tasks %v", written.Status, written.Tasks)
		}
	}
}

// Attributes that are none to change are said once; a day later a sweep looks again, calmly.
func TestUnreadableAttributes(t *testing.T) {
	t.Parallel()
	unreadable := fmt.Errorf("%w: they are no JSON object", retire.ErrUnreadable)
	room := newRoom(newMemory(ended(1, 2*time.Hour)))
	clock := newClock(room, 0)
	room.retirer.inspected = unreadable
	for n, step := range []struct {
		reason string
		later  time.Duration
		did    sweep.Did
		count  int
	}{
		{"it is said", 0, sweep.FailedNow, 1},
		{"it is left alone", time.Minute, "", 1},
		{"for a day", 23 * time.Hour, "", 1},
		{"no news", 2 * time.Hour, sweep.StillUnreadable, 2},
		{"no news a day later", 25 * time.Hour, sweep.StillUnreadable, 3},
	} {
		clock.add(step.later)
		report, lines, err := room.run(t, sweep.Request{})
		failed := 0
		if step.did == sweep.FailedNow {
			failed = 1
		}
		if err != nil || report.Failed != failed || report.KeepsFailing != 0 || (len(report.Items) == 0) != (step.did == "") {
			t.Errorf("sweep %d, %s: %v, %+v", n+1, step.reason, err, report)
		}
		if len(report.Items) > 0 && report.Items[0].Did != step.did {
			t.Errorf("sweep %d, %s: %+v", n+1, step.reason, report.Items[0])
		}
		if loud := lines[len(lines)-1]["level"] == "ERROR"; loud != (failed == 1) {
			t.Errorf("sweep %d, %s: said %v", n+1, step.reason, lines)
		}
		f := room.memory.record(1).Failure
		if f == nil || f.Count != step.count || !f.Unreadable || f.Operation != "read attributes" {
			t.Errorf("sweep %d, %s: the record says %+v", n+1, step.reason, f)
		}
	}
	clock.add(25 * time.Hour)
	room.retirer.inspected = nil
	if report := room.mustRun(t, sweep.Request{}); report.Retired != 1 {
		t.Errorf("once they can be read: %+v", report)
	}
}

func TestUnreadableAttributesAreWrittenDown(t *testing.T) {
	t.Parallel()
	again := ended(1, 2*time.Hour)
	again.Failure = &channel.Failure{Count: 1, Time: noon.Add(-25 * time.Hour), Unreadable: true}
	other := ended(1, 2*time.Hour)
	other.Failure = &channel.Failure{Count: 4, Time: noon.Add(-time.Hour), Operation: "update channel"}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		before hook
		did    sweep.Did
		text   string
	}{
		"and news":               {"the next sweep says it", ended(1, 2*time.Hour), on("save tracking", 1, touched), sweep.FailedNow, "no JSON"},
		"and down":               {"the next sweep says it again", ended(1, 2*time.Hour), failing("save tracking"), sweep.FailedNow, "down"},
		"still, and down":        {"that is another failure", again, failing("save tracking"), sweep.FailedNow, "down"},
		"after another failure":  {"that was another one", other, nil, sweep.FailedNow, "no JSON"},
		"found when it was done": {"somebody has changed them since they were looked at", ended(1, 2*time.Hour), nil, sweep.FailedNow, "no JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(row.record))
			room.memory.before = row.before
			err := fmt.Errorf("%w: they are no JSON object", retire.ErrUnreadable)
			if name == "found when it was done" {
				room.retirer.err = err
			} else {
				room.retirer.inspected = err
			}
			item := room.mustRun(t, sweep.Request{}).Items[0]
			contains(t, row.reason, item.Text, row.text)
			if item.Did != row.did || item.Failures != 0 {
				t.Errorf("%s: %+v", row.reason, item)
			}
		})
	}
}

// What was closed under a task that is heard of only afterwards is told, once.
func TestTellOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		before hook
		did    sweep.Did
		text   string
		saves  []string
		again  int // items of the next run
	}{
		"told":     {"and its tombstone goes when it would have gone", nil, sweep.Irrecoverable, "it was retired under a task that was open: [WT2]", []string{"retired kept"}, 0},
		"and news": {"the next pass tells it", on("save retired", 1, touched), sweep.Conflict, "", nil, 1},
		"and down": {"the next pass tells it", failing("save retired"), sweep.FailedNow, "Twilio is down", nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(closedUnder(1)))
			room.memory.before = row.before
			report, lines, err := room.run(t, sweep.Request{})
			if err != nil || len(report.Items) != 1 {
				t.Fatalf("%s: %v, %+v", row.reason, err, report)
			}
			contains(t, row.reason, report.Items[0].Text, row.text)
			if report.Items[0].Did != row.did || report.Due != 0 || len(room.retirer.asked) > 0 || len(room.retirer.looked) > 0 {
				t.Errorf("%s: %+v", row.reason, report)
			}
			if d := cmp.Diff(row.saves, room.memory.saves); d != "" {
				t.Errorf("%s: saved (-want +got):\n%s", row.reason, d)
			}
			if loud := len(said(lines, "channel irrecoverable")) == 1; loud != (row.did == sweep.Irrecoverable) {
				t.Errorf("%s: said %v", row.reason, lines)
			}
			room.memory.before = nil
			if report := room.mustRun(t, sweep.Request{}); len(report.Items) != row.again {
				t.Errorf("%s: the next run: %+v", row.reason, report.Items)
			}
		})
	}
}

// What ended before the closing, or began after it, is no reason to tell.
func TestNothingToTell(t *testing.T) {
	t.Parallel()
	closed := channel.Settled(left(conversation(ended(1, 9*time.Hour)), channel.Close), channel.Done, "", noon.Add(-time.Hour))
	room := newRoom(newMemory(openedAt(closed, "WT2", time.Minute)))
	if report := room.mustRun(t, sweep.Request{}); len(report.Items) != 0 || report.Skipped[channel.ReasonRetired] != 1 {
		t.Errorf("%+v", report)
	}
}
