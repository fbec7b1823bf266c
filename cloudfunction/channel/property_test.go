package channel_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// maxJSON is what a record may measure: below the 10 KiB at which Sync slows writes down.
const maxJSON = 9500

// moments are few, so that equal ones are drawn often.
func moments() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.IntRange(0, 6), func(n int) time.Time { return at(time.Duration(n) * time.Hour) })
}

func interactions() *rapid.Generator[*channel.Interaction] {
	return rapid.Ptr(rapid.Custom(func(t *rapid.T) channel.Interaction {
		return channel.Interaction{SID: sid("KD", rapid.IntRange(0, 2).Draw(t, "KD")), ChannelSID: sid("UO", rapid.IntRange(0, 2).Draw(t, "UO")), Time: moments().Draw(t, "time")}
	}), true)
}

// eventsOn draws an event of one channel and one of so many tasks.
func eventsOn(tasks int) *rapid.Generator[channel.Event] {
	return rapid.Custom(func(t *rapid.T) channel.Event {
		e := event(rapid.IntRange(1, tasks).Draw(t, "task"), rapid.SampledFrom([]channel.Phase{channel.Open, channel.Wrapping, channel.Ended}).Draw(t, "phase"), moments().Draw(t, "time"))
		if e.Phase == channel.Ended {
			e.Outcome = rapid.SampledFrom([]string{"completed", "canceled", "deleted", "system-deleted"}).Draw(t, "outcome")
		}
		e.Backend = rapid.SampledFrom([]channel.Backend{channel.Chat, channel.Conversations}).Draw(t, "backend")
		e.Type = rapid.SampledFrom(append(channel.Types(), "")).Draw(t, "type")
		e.Interaction = interactions().Draw(t, "interaction")
		e.Workspace = rapid.SampledFrom([]string{"", sid("WS", 1), sid("WS", 2)}).Draw(t, "workspace")
		e.Created = rapid.Bool().Draw(t, "created")
		return e
	})
}

// records draws a record in any state that events, sweeps and operators can bring about.
func records() *rapid.Generator[channel.Record] {
	return rapid.Custom(func(t *rapid.T) channel.Record {
		dispositions := rapid.SampledFrom([]channel.Disposition{channel.Deactivate, channel.Close, channel.Delete})
		r := record(rapid.SliceOfN(eventsOn(4), 1, 8).Draw(t, "events")...)
		r.Status = rapid.SampledFrom([]channel.Status{channel.Tracking, channel.Retiring, channel.Retired}).Draw(t, "status")
		if rapid.Bool().Draw(t, "claimed") {
			r.Claim = &channel.Claim{Run: "claimer", Time: moments().Draw(t, "claimed at"), Target: target(dispositions.Draw(t, "claimed to")), Done: rapid.Bool().Draw(t, "claim done")}
		}
		if rapid.Bool().Draw(t, "once retired") {
			results := rapid.SampledFrom([]channel.Result{channel.Done, channel.Already, channel.Gone})
			r.Retirement = &channel.Retirement{Run: "retirer", Time: moments().Draw(t, "retired at"), Target: target(dispositions.Draw(t, "retired by")), Result: results.Draw(t, "result")}
		}
		if rapid.Bool().Draw(t, "held") {
			r.Hold = &channel.Hold{Until: moments().Draw(t, "held until"), By: "ops", Reason: "why"}
		}
		if rapid.Bool().Draw(t, "failed") {
			r.Failure = &channel.Failure{Count: rapid.IntRange(1, 9).Draw(t, "failures"), Time: noon, Operation: "update channel"}
		}
		return r
	})
}

func TestApplyIsAJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(eventsOn(3), 1, 10).Draw(t, "events")
		repeated := rapid.SliceOfN(rapid.SampledFrom(events), 0, 5).Draw(t, "repeated")
		delivered := rapid.Permutation(slices.Concat(events, repeated)).Draw(t, "delivered")
		if d := cmp.Diff(record(events...), record(delivered...)); d != "" {
			t.Fatalf("order or repetition changed the record (-once and in order +as delivered):\n%s", d)
		}
	})
}

func TestApplyAllIsApplyRepeated(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, events := records().Draw(t, "record"), rapid.SliceOfN(eventsOn(4), 0, 10).Draw(t, "events")
		all, changed := channel.ApplyAll(r, events)
		one, differ := r, 0
		for _, e := range events {
			next := channel.Apply(one, e)
			if !cmp.Equal(one, next) {
				differ++
			}
			one = next
		}
		if d := cmp.Diff(one, all); d != "" {
			t.Fatalf("all at once is another record (-one by one +at once):\n%s", d)
		}
		if changed != differ {
			t.Fatalf("%d changes are counted, and there were %d", changed, differ)
		}
	})
}

func TestApplyIsIdempotent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, e := records().Draw(t, "record"), eventsOn(4).Draw(t, "event")
		once := channel.Apply(r, e)
		if d := cmp.Diff(once, channel.Apply(once, e)); d != "" {
			t.Fatalf("the second time changed something (-once +twice):\n%s", d)
		}
	})
}

// Within the time that a redelivery can take, forgetting must not make a difference.
func TestTrimForgetsNothingThatCanComeAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(eventsOn(8), 1, 20).Draw(t, "events")
		now := at(6*time.Hour + 4*time.Hour)
		var trimmed channel.Record
		for _, e := range events {
			trimmed = channel.Trim(channel.Apply(trimmed, e), now)
		}
		if d := cmp.Diff(record(events...), trimmed); d != "" {
			t.Fatalf("trimming lost something (-untrimmed +trimmed):\n%s", d)
		}
	})
}

func TestTrimKeepsTheVerdict(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		now := at(time.Duration(rapid.IntRange(0, 200).Draw(t, "hours")) * time.Hour)
		if d := cmp.Diff(channel.Decide(r, policy, now), channel.Decide(channel.Trim(r, now), policy, now)); d != "" {
			t.Fatalf("trimming changed the verdict (-untrimmed +trimmed):\n%s", d)
		}
	})
}

func TestDueIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		minutes := rapid.IntRange(0, 80*60)
		now := at(time.Duration(minutes.Draw(t, "now")) * time.Minute)
		later := now.Add(time.Duration(minutes.Draw(t, "later")) * time.Minute)
		if channel.Decide(r, policy, now).Action == channel.Retire && channel.Decide(r, policy, later).Action != channel.Retire {
			t.Fatalf("due at %s, but not at %s: %+v", now, later, channel.Decide(r, policy, later))
		}
	})
}

// A touched record must never be left alone for ever: after the lease a sweep acts on it.
func TestTouchedRecordsAreActedOn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		if d := channel.Decide(r, policy, at(6*time.Hour+channel.Lease)); r.Touched() && d.Action == channel.Keep {
			t.Fatalf("a record with evidence of a sweep is kept as it is: %+v", d)
		}
	})
}

func TestRecordStaysSmall(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		for range rapid.IntRange(0, 4).Draw(t, "deliveries") {
			for _, e := range rapid.SliceOfN(eventsOn(1000), 0, 60).Draw(t, "events") {
				r = channel.Apply(r, e)
			}
			r = channel.Trim(r, noon)
		}
		if len(r.Tasks) > channel.MaxTasks {
			t.Fatalf("%d tasks, more than %d", len(r.Tasks), channel.MaxTasks)
		}
		if size := len(encode(t, r)); size > maxJSON {
			t.Fatalf("%d bytes, more than %d", size, maxJSON)
		}
	})
}

// The largest record that the fields allow, as events, a sweep and a failure leave it.
func TestLargestRecord(t *testing.T) {
	t.Parallel()
	moment := func(n int) time.Time { return at(time.Duration(n)*time.Second + time.Millisecond) } // as Twilio's
	clock := at(time.Nanosecond)
	var r channel.Record
	for n := range channel.MaxTasks + 1 {
		for _, phase := range []channel.Phase{channel.Open, channel.Wrapping} {
			e := event(n, phase, moment(n))
			e.Backend, e.Workspace = channel.Conversations, sid("WS", n)
			e.Type = channel.Types()[n%len(channel.Types())]
			e.Interaction = &channel.Interaction{SID: sid("KD", n), ChannelSID: sid("UO", n), Time: e.Time}
			r = channel.Apply(r, e)
		}
	}
	said := event(channel.MaxTasks, channel.Wrapping, moment(0))
	r = channel.Trim(channel.Apply(r, said), clock)
	for _, task := range r.OpenTasks() {
		r = channel.Checked(r, task, clock)
	}
	r.Confirmed = true
	value := `"` + strings.Repeat("\"", 62) + `"`
	to := channel.Target{Backend: channel.Conversations, ServiceSID: sid("IS", 1), Disposition: channel.Deactivate, Found: found(value, value)}
	claimed := channel.Claimed(r, strings.Repeat("r", 23), to, clock)
	settled := channel.Settled(claimed, channel.Already, sid("IS", 1), clock)
	settled.Claim, settled.Overflow, settled.Retirement.Told = claimed.Claim, clock, true
	failed := channel.Failed(settled, channel.Failure{Time: clock, Operation: "close interaction channel", Status: 500, Code: 20500, Unreadable: true})
	size := len(encode(t, failed))
	t.Logf("the largest record has %d bytes", size)
	if size > maxJSON {
		t.Errorf("the largest record has %d bytes, more than %d", size, maxJSON)
	}
}

func TestNothingChangesItsArgument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, e := records().Draw(t, "record"), eventsOn(4).Draw(t, "event")
		before := encode(t, r)
		now := at(99 * time.Hour)
		channel.Apply(r, e)
		channel.Trim(r, now)
		channel.Decide(r, policy, now)
		claimed := channel.Claimed(r, "run", target(channel.Deactivate), now)
		claimedBefore := encode(t, claimed)
		channel.Settled(claimed, channel.Done, sid("IS", 2), now)
		channel.TargetOf(r, policy, active)
		if r.Retirement != nil {
			channel.Told(r)
		}
		channel.Checked(r, e.TaskSID, now)
		channel.ClaimedToRestore(r, "run", now)
		channel.Released(r)
		channel.Failed(r, channel.Failure{Operation: "update channel"})
		channel.Restored(r)
		channel.AfterConflict(r, "run", policy, now)
		if d := cmp.Diff(before, encode(t, r)); d != "" {
			t.Fatalf("the argument was changed:\n%s", d)
		}
		if d := cmp.Diff(claimedBefore, encode(t, claimed)); d != "" {
			t.Fatalf("the claimed record was changed:\n%s", d)
		}
	})
}

func TestRecordSurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		var back channel.Record
		if err := json.Unmarshal([]byte(encode(t, r)), &back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, back); d != "" {
			t.Fatalf("the record came back different (-written +read):\n%s", d)
		}
	})
}

func encode(t interface{ Fatal(...any) }, r channel.Record) string {
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
