package channel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	over := record(lasted(1, at(-h), noon)...) // due at noon + 48 h
	web := with(over, func(r *channel.Record) { r.Types, r.Untyped = []string{"web"}, false })
	unconfirmed := record(event(1, channel.Ended, noon)) // due at noon + 72 h
	open := record(event(1, channel.Ended, noon), event(2, channel.Open, at(3*h)), event(3, channel.Wrapping, at(2*h)))
	held := func(until time.Time) channel.Record {
		return with(over, func(r *channel.Record) {
			r.Hold = &channel.Hold{Until: until, By: "ops", Reason: "a court order"}
		})
	}
	unreadable := func(r channel.Record) channel.Record {
		r.Failure = &channel.Failure{Count: 1, Time: at(49 * h), Unreadable: true}
		return r
	}
	claimed := with(over, claimedBy("run-1", at(50*h), channel.Deactivate))
	type verdict struct {
		Action channel.Action
		Reason channel.Reason
		At     time.Time
	}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		now    time.Time
		want   verdict
		text   string // a part of what the operator reads
	}{
		"no evidence":           {"nobody saw a task created on it: it waits longer", unconfirmed, at(72*h - 1), verdict{channel.Keep, channel.ReasonUnconfirmed, at(72 * h)}, "(no task was seen to be created on it) it is kept until 2026-03-04T12:00:00Z"},
		"no evidence, due":      {"then it goes the normal way", unconfirmed, at(72 * h), verdict{channel.Retire, channel.ReasonDue, at(72 * h)}, "retention of 72h0m0s (no task was seen to be created on it) it is due since"},
		"unreadable":            {"what was said once is not said again within a day", unreadable(over), at(73*h - 1), verdict{channel.Keep, channel.ReasonUnreadable, at(73 * h)}, "a sweep looks again after 2026-03-04T13:00:00Z"},
		"unreadable, a day ago": {"somebody may have mended it", unreadable(over), at(73 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"unreadable, in use":    {"why it is kept is the open task", unreadable(open), at(50 * h), verdict{channel.Keep, channel.ReasonOpenTask, at(2 * h)}, ""},
		"unreadable, touched":   {"it stays calm, whatever tasks do", unreadable(with(open, claimedBy("run-1", at(9*h), channel.Deactivate), claimDone)), at(50 * h), verdict{channel.Keep, channel.ReasonUnreadable, at(73 * h)}, ""},
		"touched, a day ago":    {"somebody may have mended it", unreadable(with(open, claimedBy("run-1", at(9*h), channel.Deactivate), claimDone)), at(73 * h), verdict{channel.Restore, channel.ReasonOpenTask, at(2 * h)}, ""},
		"failed otherwise":      {"the next sweep tries again", with(over, func(r *channel.Record) { r.Failure = &channel.Failure{Count: 9, Time: at(49 * h)} }), at(50 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"closed, too late":      {"it is to be told", channel.Apply(with(over, retiredBy("run-1", at(48*h), channel.Close)), event(2, channel.Open, at(47*h))), at(99 * h), verdict{channel.Tell, channel.ReasonOpenTask, at(48 * h)}, "(close, done), while task " + sid("WT", 2) + " was open"},
		"retiring, no claim":    {"a record that nobody has claimed is like any other", with(over, status(channel.Retiring)), at(48 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"just before":           {"retention has not passed", over, at(48*h - 1), verdict{channel.Keep, channel.ReasonRetention, at(48 * h)}, "kept until 2026-03-03T12:00:00Z"},
		"due":                   {"retention has passed to the moment", over, at(48 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, "due since 2026-03-03T12:00:00Z"},
		"due for long":          {"it says since when", over, at(480 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, "retention of 48h0m0s"},
		"its type's retention":  {"web is kept for an hour only", web, at(h), verdict{channel.Retire, channel.ReasonDue, at(h)}, "retention of 1h0m0s"},
		"the last of two ends":  {"the clock starts anew with every end", record(append(lasted(1, at(-h), noon), lasted(2, at(39*h), at(40*h))...)...), at(50 * h), verdict{channel.Keep, channel.ReasonRetention, at(88 * h)}, ""},
		"open tasks":            {"a channel with an open task is in use, however old", open, at(999 * h), verdict{channel.Keep, channel.ReasonOpenTask, at(2 * h)}, sid("WT", 3) + ", " + sid("WT", 2)},
		"held for good":         {"a hold without an end never ends", held(time.Time{}), at(999 * h), verdict{channel.Keep, channel.ReasonHold, time.Time{}}, "ops holds it for good: a court order"},
		"held until later":      {"a hold wins over retention", held(at(100 * h)), at(100*h - 1), verdict{channel.Keep, channel.ReasonHold, at(100 * h)}, "until 2026-03-05T16:00:00Z"},
		"held until now":        {"at its end a hold is over, and before it could not have been retired", held(at(100 * h)), at(100 * h), verdict{channel.Retire, channel.ReasonDue, at(100 * h)}, "due since 2026-03-05T16:00:00Z"},
		"held, and over before": {"it is due since its retention is over: the hold was over by then", held(at(48 * h)), at(100 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"claimed just now":      {"two sweeps must not work on one channel", claimed, at(50*h + channel.Lease - 1), verdict{channel.Keep, channel.ReasonClaimed, at(50*h + channel.Lease)}, "sweep run-1 is at work"},
		"claimed by the dead":   {"a run outlives no lease", claimed, at(50*h + channel.Lease), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"claim given back":      {"a failed run says that it has let go", with(claimed, claimDone), at(50 * h), verdict{channel.Retire, channel.ReasonDue, at(48 * h)}, ""},
		"news under a claim":    {"the run that holds the claim puts it right itself", with(channel.Apply(claimed, event(2, channel.Open, at(50*h))), claimedBy("run-1", at(50*h), channel.Deactivate), status(channel.Tracking)), at(50*h + 1), verdict{channel.Keep, channel.ReasonClaimed, at(50*h + channel.Lease)}, ""},
		"news after a crash":    {"the crashed run may have retired it", channel.Apply(with(claimed, claimDone), event(2, channel.Open, at(50*h))), at(51 * h), verdict{channel.Restore, channel.ReasonOpenTask, at(50 * h)}, "to be put back"},
		"held after a crash":    {"the channel of a held record must not stay retired", with(held(time.Time{}), claimedBy("run-1", noon, channel.Deactivate), claimDone), at(99 * h), verdict{channel.Restore, channel.ReasonHold, time.Time{}}, "put back"},
		"news after retirement": {"the channel was retired, and a task is open", channel.Apply(with(over, retiredBy("run-1", at(48*h), channel.Deactivate)), event(2, channel.Open, at(50*h))), at(50 * h), verdict{channel.Restore, channel.ReasonOpenTask, at(50 * h)}, ""},
		"reopened, ended, due":  {"nobody came to put it back before it was due again", channel.Apply(with(over, retiredBy("run-1", at(48*h), channel.Deactivate)), event(2, channel.Ended, at(50*h))), at(98 * h), verdict{channel.Retire, channel.ReasonDue, at(98 * h)}, ""},
		"retired":               {"there is nothing to do", with(over, retiredBy("run-1", at(48*h), channel.Deactivate)), at(99 * h), verdict{channel.Keep, channel.ReasonRetired, at(48 * h)}, "sweep run-1 retired it at 2026-03-03T12:00:00Z (deactivate, done)"},
		"retired by hand":       {"a record that says retired is believed", with(over, status(channel.Retired)), at(99 * h), verdict{channel.Keep, channel.ReasonRetired, time.Time{}}, "it is retired"},
		"no task":               {"without an end there is nothing to count from", channel.Record{SID: sid("CH", 1), Status: channel.Tracking}, at(999 * h), verdict{channel.Keep, channel.ReasonNoTask, time.Time{}}, "no task"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := channel.Decide(row.record, policy, row.now)
			diff(t, row.reason, row.want, verdict{d.Action, d.Reason, d.At})
			if d.Text == "" || !strings.Contains(d.Text, row.text) {
				t.Errorf("the text %q does not contain %q", d.Text, row.text)
			}
		})
	}
}

func TestKeepReasons(t *testing.T) {
	t.Parallel()
	want := []channel.Reason{"open-task", "retention", "unconfirmed", "hold", "claimed", "retired", "no-task", "overflow", "unreadable"}
	diff(t, "reports and metrics count by them", want, channel.KeepReasons())
}
