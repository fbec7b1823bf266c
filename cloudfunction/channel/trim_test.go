package channel_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// many returns one event for each of n tasks, a minute apart, the last a minute before noon.
func many(n int, phase channel.Phase) (events []channel.Event) {
	for i := range n {
		events = append(events, event(i, phase, at(-time.Duration(n-i)*time.Minute)))
	}
	return events
}

func TestTrim(t *testing.T) {
	t.Parallel()
	const memory = channel.TaskMemory
	for name, row := range map[string]struct {
		reason   string
		events   []channel.Event
		want     []channel.Event
		overflow bool
	}{
		"nothing old":                 {"a redelivery of either may still come", many(3, channel.Ended), many(3, channel.Ended), false},
		"the only end, long ago":      {"retention counts from it", []channel.Event{event(1, channel.Ended, at(-9*memory))}, []channel.Event{event(1, channel.Ended, at(-9*memory))}, false},
		"an old end beside the last":  {"nothing needs it any more", []channel.Event{event(1, channel.Ended, at(-9*memory)), event(2, channel.Ended, at(-8*memory))}, []channel.Event{event(2, channel.Ended, at(-8*memory))}, false},
		"two last ends at one moment": {"either may be the one that counts", []channel.Event{event(1, channel.Ended, at(-9*memory)), event(2, channel.Ended, at(-9*memory))}, []channel.Event{event(1, channel.Ended, at(-9*memory)), event(2, channel.Ended, at(-9*memory))}, false},
		"exactly as old as memory":    {"the boundary belongs to memory", []channel.Event{event(1, channel.Ended, at(-memory)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Ended, at(-memory)), event(2, channel.Ended, noon)}, false},
		"a moment older than memory":  {"beyond the boundary it goes", []channel.Event{event(1, channel.Ended, at(-memory-1)), event(2, channel.Ended, noon)}, []channel.Event{event(2, channel.Ended, noon)}, false},
		"an open task, long ago":      {"it keeps the channel, however old", []channel.Event{event(1, channel.Open, at(-90*memory)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Open, at(-90*memory)), event(2, channel.Ended, noon)}, false},
		"a wrapping task, long ago":   {"it has not ended either", []channel.Event{event(1, channel.Wrapping, at(-90*memory)), event(2, channel.Ended, noon)}, []channel.Event{event(1, channel.Wrapping, at(-90*memory)), event(2, channel.Ended, noon)}, false},
		"as many ends as find place":  {"none need go", many(channel.MaxTasks, channel.Ended), many(channel.MaxTasks, channel.Ended), false},
		"too many ends":               {"the oldest go first", many(channel.MaxTasks+5, channel.Ended), many(channel.MaxTasks+5, channel.Ended)[5:], false},
		"as many open as find place":  {"none need go", many(channel.MaxTasks, channel.Open), many(channel.MaxTasks, channel.Open), false},
		"too many open":               {"the bound holds all the same, and the record says so", many(channel.MaxTasks+5, channel.Open), many(channel.MaxTasks+5, channel.Open)[5:], true},
		"an end beside too many open": {"what is open counts more than what has ended", append(many(channel.MaxTasks, channel.Open), event(99, channel.Ended, noon)), many(channel.MaxTasks, channel.Open), false},
		"wrapping beside too many":    {"what is open counts more than what is nearly over", append(many(channel.MaxTasks, channel.Open), event(99, channel.Wrapping, noon)), many(channel.MaxTasks, channel.Open), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := record(row.want...)
			if row.overflow {
				want.Overflow = noon
			}
			got := channel.Trim(record(row.events...), noon)
			if d := cmp.Diff(want, got, cmpopts.IgnoreFields(channel.Record{}, "Named", "Confirmed")); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// What a forgotten task was evidence of is not forgotten with it.
func TestTrimKeepsEvidence(t *testing.T) {
	t.Parallel()
	const memory = channel.TaskMemory
	last := event(2, channel.Ended, noon)
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   bool
	}{
		"created, forgotten":     {"it was created on the channel", append(lasted(1, at(-3*memory), at(-2*memory)), last), true},
		"not created, forgotten": {"what was no evidence becomes none", []channel.Event{event(1, channel.Ended, at(-2*memory)), last}, false},
		"created, kept":          {"the task says it itself", append(lasted(1, at(-2), at(-1)), last), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := record(row.events...)
			after := channel.Trim(before, noon)
			diff(t, row.reason, row.want, after.Confirmed)
			diff(t, "evidence stays", before.HasEvidence(), after.HasEvidence())
			diff(t, "once confirmed, always", true, channel.Trim(with(before, func(r *channel.Record) { r.Confirmed = true }), noon).Confirmed)
		})
	}
}

// An open task that found no place keeps its channel whatever becomes of the others; only an
// operator, who retires it all the same, ends that.
func TestOverflowKeepsTheChannel(t *testing.T) {
	t.Parallel()
	full := channel.Trim(record(many(channel.MaxTasks+1, channel.Open)...), noon)
	var over []channel.Event
	for n := range channel.MaxTasks + 1 {
		over = append(over, event(n, channel.Ended, at(time.Hour)))
	}
	after, _ := channel.ApplyAll(full, over)
	for now, r := range map[time.Duration]channel.Record{2 * time.Hour: after, 300 * time.Hour: channel.Trim(after, at(300*time.Hour))} {
		d := channel.Decide(r, policy, at(now))
		diff(t, "a task may be open that nobody knows", channel.Keep, d.Action)
		diff(t, "and it says so", channel.ReasonOverflow, d.Reason)
		diff(t, "since when", noon, d.At)
	}
	later := channel.Decide(after, policy, at(400*time.Hour))
	diff(t, "Twilio lets no task wait for so long", channel.Retire, later.Action)
	touched := channel.Decide(with(after, claimedBy("dead", noon, channel.Deactivate), claimDone), policy, at(300*time.Hour))
	diff(t, "what a sweep has done is put back", channel.Restore, touched.Action)
	settled := channel.Settled(with(after, claimedBy("run", noon, channel.Deactivate)), channel.Done, "", at(300*time.Hour))
	diff(t, "whoever retires it all the same has looked", true, settled.Overflow.IsZero())
}

// Nothing is forgotten that a sweep has yet to tell.
func TestTrimKeepsWhatIsToBeTold(t *testing.T) {
	t.Parallel()
	const memory = channel.TaskMemory
	over := record(lasted(1, at(-time.Hour), noon)...)
	closed := channel.Settled(with(over, claimedBy("run", at(time.Hour), channel.Close)), channel.Done, "", at(2*time.Hour))
	late, _ := channel.ApplyAll(closed, append(lasted(2, at(time.Hour), at(3*time.Hour)), event(3, channel.Ended, at(4*time.Hour))))
	now := at(2 * memory)
	diff(t, "a sweep has yet to tell it", []string{sid("WT", 2)}, channel.Trim(late, now).ClosedUnder())
	diff(t, "once told it need not stay", []string(nil), channel.Trim(channel.Told(late), now).ClosedUnder())
}
