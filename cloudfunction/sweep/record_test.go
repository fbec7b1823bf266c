package sweep_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// TestOneRecord goes through what can become of one record: what is asked of the retirer,
// what is written with which time to live, and what the report says.
func TestOneRecord(t *testing.T) {
	t.Parallel()
	due := ended(1, 2*time.Hour)
	orphan := opened(left(due, channel.Deactivate))
	done := allDone
	change := func(f func(*answer)) answer { a := allDone; f(&a); return a }
	result := func(r channel.Result) answer { return change(func(a *answer) { a.result = r }) }
	restoration := func(r retire.Restoration) answer { return change(func(a *answer) { a.restoration = r }) }
	fails := func(err error) answer { return change(func(a *answer) { a.err = err }) }
	busy := fails(fmt.Errorf("%w: 1s ago", retire.ErrBusy))
	refused := fails(&twilio.Error{Operation: "update channel", Status: 400, Code: 50303, Err: errors.New("no")})
	const (
		claim  = "retiring kept"
		settle = "retired 86400"
		keep   = "tracking kept" // given back, or claimed to be restored
		undo   = "tracking 0"
	)
	type want struct {
		Did    sweep.Did
		Asked  []string
		Saves  []string
		Status channel.Status
	}
	retired, restored := []string{"retire 1"}, []string{"restore 1"}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		answer answer
		before hook
		want   want
		text   string
	}{
		"retired": {"claim, retire, settle", due, done, nil, want{sweep.RetiredNow, retired, []string{claim, settle}, channel.Retired}, ""},
		"already": {"only the record was behind", due, result(channel.Already), nil, want{sweep.WasAlready, retired, []string{claim, settle}, channel.Retired}, ""},
		"gone":    {"it is as good as retired", due, result(channel.Gone), nil, want{sweep.WasGone, retired, []string{claim, settle}, channel.Retired}, ""},

		"busy":           {"the claim is given back", due, busy, nil, want{sweep.Busy, retired, []string{claim, keep}, channel.Tracking}, "just now"},
		"busy, and news": {"the event has given it back", due, busy, on("save tracking", 1, opened), want{sweep.Busy, retired, []string{claim}, channel.Tracking}, ""},
		"busy, and down": {"the claim could not be given back: its lease runs out", due, busy, failing("save tracking"), want{sweep.FailedNow, retired, []string{claim}, channel.Retiring}, "down"},

		"failed":           {"it is reported, and stays to be done", due, refused, nil, want{sweep.FailedNow, retired, []string{claim, claim}, channel.Retiring}, "code 50303"},
		"failed, and news": {"both are reported", due, refused, on("save retiring", 2, opened), want{sweep.FailedNow, retired, []string{claim}, channel.Tracking}, "its record was not updated"},

		"news before the claim":   {"something happened, so it is not ours", due, done, on("save retiring", 1, opened), want{sweep.Conflict, nil, nil, channel.Tracking}, ""},
		"claimed by another":      {"two sweeps must not work on one channel", due, done, on("save retiring", 1, takenOver), want{sweep.Conflict, nil, nil, channel.Retiring}, ""},
		"the claim's answer lost": {"the claim is this very run's own", due, done, on("save retiring", 1, claimedByRun), want{sweep.RetiredNow, retired, []string{settle}, channel.Retired}, ""},
		"held, the answer lost":   {"the operator's hold stands, though the claim is ours", due, done, on("save retiring", 1, func(r channel.Record) channel.Record { return held(claimedByRun(r)) }), want{sweep.Conflict, nil, nil, channel.Retiring}, ""},
		"news, the answer lost":   {"the news stands, though the claim was ours", due, done, on("save retiring", 1, func(r channel.Record) channel.Record { return opened(claimedByRun(r)) }), want{sweep.Conflict, nil, nil, channel.Tracking}, ""},
		"lost, and no load":       {"whose the record is is not known", due, done, both(on("save retiring", 1, claimedByRun), failing("load")), want{sweep.Conflict, nil, nil, channel.Retiring}, ""},
		"not to be looked at":     {"without what there is to give back nothing is touched", due, change(func(a *answer) { a.inspected = errDown }), nil, want{sweep.FailedNow, nil, []string{keep}, channel.Tracking}, "down"},
		"not there to look at":    {"nothing is overwritten where nothing is", due, change(func(a *answer) { a.found, a.result = nil, channel.Gone }), nil, want{sweep.WasGone, retired, []string{claim, settle}, channel.Retired}, ""},
		"the claim refused":       {"without a claim nothing is touched", due, done, failing("save retiring"), want{sweep.FailedNow, nil, nil, channel.Tracking}, "down"},

		"news before settling":     {"a task is open: put it back", due, done, on("save retired", 1, opened), want{sweep.Restored, []string{"retire 1", "restore 1"}, []string{claim, undo}, channel.Tracking}, ""},
		"no real news":             {"the channel is due all the same", due, done, on("save retired", 1, touched), want{sweep.RetiredNow, retired, []string{claim, settle}, channel.Retired}, ""},
		"closed, then news":        {"there is no way back, and it must show", conversation(due), done, on("save retired", 1, opened), want{sweep.Irrecoverable, retired, []string{claim, settle}, channel.Retired}, ""},
		"the settling's answer":    {"was lost: this run's own save had arrived", due, done, on("save retired", 1, settled), want{sweep.RetiredNow, retired, []string{claim}, channel.Retired}, ""},
		"taken over":               {"another run has it now", due, done, on("save retired", 1, takenOver), want{sweep.Conflict, retired, []string{claim}, channel.Retiring}, ""},
		"settling refused":         {"the claim stays: a later sweep finishes", due, done, failing("save retired"), want{sweep.FailedNow, retired, []string{claim}, channel.Retiring}, "down"},
		"conflicts, then no load":  {"what the record says is not known", due, done, both(on("save retired", 1, touched), failing("load")), want{sweep.FailedNow, retired, []string{claim}, channel.Retiring}, "down"},
		"conflicts without an end": {"there is an end to trying", due, done, from("save retired", 1, 99, touched), want{sweep.FailedNow, retired, []string{claim}, channel.Retiring}, "in each of 10 tries"},

		"a dead run's claim":      {"it is taken over", left(due, channel.Deactivate), done, nil, want{sweep.RetiredNow, retired, []string{claim, settle}, channel.Retired}, ""},
		"reopened after a crash":  {"the dead run may have retired it", orphan, done, nil, want{sweep.Restored, restored, []string{keep, undo}, channel.Tracking}, ""},
		"crashed before it began": {"only the record is put right", orphan, restoration(retire.NotNeeded), nil, want{sweep.Cleared, restored, []string{keep, undo}, channel.Tracking}, ""},
		"opened after closing":    {"the dead run had closed it long before, so nothing was closed under the task", opened(left(conversation(due), channel.Close)), restoration(retire.Final), nil, want{sweep.RetiredNow, restored, []string{keep, settle}, channel.Retired}, ""},
		"reopened, but closed":    {"the dead run had closed it", openedAt(left(conversation(due), channel.Close), "WT2", time.Hour), restoration(retire.Final), nil, want{sweep.Irrecoverable, restored, []string{keep, settle}, channel.Retired}, ""},
		"reopened, half deleted":  {"closed, and to be deleted when it is due again", opened(left(conversation(due), channel.Delete)), restoration(retire.HalfDone), nil, want{sweep.Irrecoverable, restored, []string{keep, undo}, channel.Tracking}, ""},
		"held, half deleted":      {"nobody uses it, so nothing is lost yet", held(left(conversation(due), channel.Delete)), restoration(retire.HalfDone), nil, want{sweep.Cleared, restored, []string{"retiring kept", undo}, channel.Tracking}, ""},
		"reopened, but gone":      {"someone deleted it while it was retired", opened(settled(claimedByRun(due))), restoration(retire.Lost), nil, want{sweep.WasGone, restored, []string{keep, settle}, channel.Retired}, ""},
		"gone, and news":          {"nothing is there to put back", due, change(func(a *answer) { a.result, a.restoration = channel.Gone, retire.Lost }), on("save retired", 1, opened), want{sweep.WasGone, []string{"retire 1", "restore 1"}, []string{claim, settle}, channel.Retired}, ""},
		"restored, held since":    {"the hold stands", orphan, done, on("save tracking", 2, held), want{sweep.Restored, restored, []string{keep, undo}, channel.Tracking}, ""},
		"restored, claimed since": {"another run has it now", orphan, done, on("save tracking", 2, takenOver), want{sweep.Conflict, restored, []string{keep}, channel.Retiring}, ""},
		"restored, retired since": {"another run has been at it, and an event", orphan, done, on("save tracking", 2, func(r channel.Record) channel.Record { return openedAt(settled(takenOver(r)), "WT3", 0) }), want{sweep.Conflict, restored, []string{keep}, channel.Tracking}, ""},
		"restoring is claimed":    {"another sweep is at it", orphan, done, on("save tracking", 1, takenOver), want{sweep.Conflict, nil, nil, channel.Retiring}, ""},
		"restoring fails":         {"it is reported, and stays to be done", orphan, refused, nil, want{sweep.FailedNow, restored, []string{keep, keep}, channel.Tracking}, "code 50303"},
		"restored, then touched":  {"the record is read again", orphan, done, on("save tracking", 2, touched), want{sweep.Restored, restored, []string{keep, undo}, channel.Tracking}, ""},
		"restored by another":     {"the other run has put it back", orphan, done, on("save tracking", 2, channel.Restored), want{sweep.Conflict, restored, []string{keep}, channel.Tracking}, ""},
		"restored, not written":   {"the next sweep finds it restored", orphan, done, failingFrom("save tracking", 2), want{sweep.FailedNow, restored, []string{keep}, channel.Tracking}, "down"},
		"restored, no load":       {"what the record says is not known", orphan, done, both(on("save tracking", 2, touched), failing("load")), want{sweep.FailedNow, restored, []string{keep}, channel.Tracking}, "down"},
		"restored, for ever":      {"there is an end to trying", orphan, done, from("save tracking", 2, 99, touched), want{sweep.FailedNow, restored, []string{keep}, channel.Tracking}, "in each of 10 tries"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(row.record))
			room.memory.before, room.retirer.answer = row.before, row.answer
			m, r := room.memory, room.retirer
			report, lines, err := room.run(t, sweep.Request{})
			if err != nil || len(report.Items) != 1 {
				t.Fatalf("%s: %v, items %+v", row.reason, err, report.Items)
			}
			got := want{report.Items[0].Did, r.asked, m.saves, m.entries[sid(1)].Record.Status}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if text := report.Items[0].Text; !strings.Contains(text, row.text) {
				t.Errorf("the text %q does not contain %q", text, row.text)
			}
			isCounted(t, report)
			loud := row.want.Did == sweep.FailedNow || row.want.Did == sweep.Irrecoverable
			if found := said(lines, "channel "+string(row.want.Did)); len(found) != 1 || (found[0]["level"] == "ERROR") != loud || (found[0]["level"] == "INFO") == loud {
				t.Errorf("%s: said %v", row.reason, found)
			}
		})
	}
}

// isCounted holds the numbers of a report against its items, and its summary against them.
func isCounted(t *testing.T, report *sweep.Report) {
	t.Helper()
	counted := map[sweep.Did]int{
		sweep.RetiredNow: report.Retired, sweep.WasAlready: report.Already, sweep.WasGone: report.Gone, sweep.Restored: report.Restored,
		sweep.Irrecoverable: report.Irrecoverable, sweep.Busy: report.Busy, sweep.Conflict: report.Conflicts, sweep.FailedNow: report.Failed, sweep.LeftOver: report.LeftOver,
	}
	for _, item := range report.Items {
		counted[item.Did]--
	}
	delete(counted, sweep.Cleared) // says nothing that anybody counts
	for did, n := range counted {
		if n != 0 {
			t.Errorf("the number of %s is off by %d", did, n)
		}
	}
}

// What an undone retirement gives back is what this run has just overwritten.
func TestUndoGivesBackWhatWasOverwritten(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(ended(1, 2*time.Hour)))
	longLived := "true"
	room.retirer.found = &channel.Found{LongLived: &longLived}
	room.memory.before = on("save retired", 1, opened)
	if report := room.mustRun(t, sweep.Request{}); report.Restored != 1 {
		t.Fatalf("%+v", report)
	}
	restored := room.retirer.records[len(room.retirer.records)-1]
	if d := cmp.Diff(room.retirer.found, restored.Claim.Found); d != "" {
		t.Errorf("what is given back (-want +got):\n%s", d)
	}
}

// A channel that fails again and again is counted, until it succeeds.
func TestFailuresInARow(t *testing.T) {
	t.Parallel()
	room := newRoom(newMemory(ended(1, 2*time.Hour)))
	room.retirer.err = errDown
	for n, keeps := range []int{0, 0, 1, 1} {
		report := room.mustRun(t, sweep.Request{})
		if report.Failed != 1 || report.KeepsFailing != keeps || report.Items[0].Failures != n+1 {
			t.Errorf("sweep %d: %+v", n+1, report)
		}
	}
	room.retirer.err = nil
	if report := room.mustRun(t, sweep.Request{}); report.Retired != 1 || room.memory.record(1).Failure != nil {
		t.Errorf("after a success: %+v, %+v", report, room.memory.record(1).Failure)
	}
}
