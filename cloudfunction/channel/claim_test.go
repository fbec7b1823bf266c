package channel_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestClaimed(t *testing.T) {
	t.Parallel()
	before := with(record(event(1, channel.Ended, noon)), claimedBy("dead", noon, channel.Close), claimDone)
	want := with(before, claimedBy("run", at(time.Hour), channel.Deactivate))
	diff(t, "a new claim replaces a dead one, and holds", want, channel.Claimed(before, "run", channel.Deactivate, at(time.Hour)))
}

func TestClaimedToRestore(t *testing.T) {
	t.Parallel()
	open := record(event(1, channel.Open, noon))
	want := func(before channel.Record, d channel.Disposition) channel.Record {
		before.Claim = &channel.Claim{Run: "run", Time: at(time.Hour), Disposition: d}
		return before
	}
	crashed := with(open, claimedBy("dead", noon, channel.Delete), status(channel.Tracking))
	retired := with(open, retiredBy("earlier", noon, channel.Close), status(channel.Tracking))
	for reason, row := range map[string]struct{ before, want channel.Record }{
		"a dead run's claim is replaced, and what it was about stays": {crashed, want(crashed, channel.Delete)},
		"without a claim the retirement says what it was about":       {retired, want(retired, channel.Close)},
		"without either there is nothing to say":                      {open, want(open, "")},
	} {
		got := channel.ClaimedToRestore(row.before, "run", at(time.Hour))
		diff(t, reason, row.want, got)
		diff(t, "others keep off while it is put back", channel.ReasonClaimed, channel.Decide(got, policy, at(time.Hour)).Reason)
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	over := record(event(1, channel.Ended, noon))
	open := record(event(1, channel.Open, noon))
	original := &channel.Previous{LongLived: json.RawMessage("true")}
	failed := func(r *channel.Record) { r.Failure = &channel.Failure{Count: 2, Operation: "update channel"} }
	again := func(r *channel.Record) {
		r.Retirement = &channel.Retirement{Run: "earlier", Disposition: channel.Deactivate, Previous: original}
	}
	for name, row := range map[string]struct {
		reason  string
		before  channel.Record
		outcome channel.Outcome
		want    channel.Retirement
	}{
		"done": {
			"it says who, when, how, and what to give back",
			with(over, claimedBy("run", noon, channel.Deactivate)), channel.Outcome{Result: channel.Done, Previous: original},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Deactivate, Result: channel.Done, Previous: original},
		},
		"after failures": {
			"a success ends the row of failures",
			with(over, failed, claimedBy("run", noon, channel.Deactivate)), channel.Outcome{Result: channel.Done},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Deactivate, Result: channel.Done},
		},
		"already, after an interrupted retirement": {
			"what the interrupted one overwrote is what undo must give back",
			with(over, again, claimedBy("run", noon, channel.Deactivate)), channel.Outcome{Result: channel.Already},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Deactivate, Result: channel.Already, Previous: original},
		},
		"already, with no earlier one": {
			"nobody knows what was there before",
			with(over, claimedBy("run", noon, channel.Deactivate)), channel.Outcome{Result: channel.Already},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Deactivate, Result: channel.Already},
		},
		"closed, with a task open": {
			"there is no way back, and that must show",
			with(open, claimedBy("run", noon, channel.Close)), channel.Outcome{Result: channel.Done},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Close, Result: channel.Done, Late: true},
		},
		"deactivated, with a task open": {
			"this one can be put back, so it is not late",
			with(open, claimedBy("run", noon, channel.Deactivate)), channel.Outcome{Result: channel.Done},
			channel.Retirement{Run: "run", Time: at(time.Hour), Disposition: channel.Deactivate, Result: channel.Done},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.outcome.ServiceSID = sid("IS", 1)
			got := channel.Settled(row.before, row.outcome, at(time.Hour))
			want := row.before
			want.Status, want.Claim, want.Failure, want.ServiceSID, want.Retirement = channel.Retired, nil, nil, sid("IS", 1), &row.want
			diff(t, row.reason, want, got)
		})
	}
	t.Run("found nowhere", func(t *testing.T) {
		t.Parallel()
		before := with(over, claimedBy("run", noon, channel.Deactivate), func(r *channel.Record) { r.ServiceSID = sid("IS", 7) })
		diff(t, "a service that is known stays known", sid("IS", 7), channel.Settled(before, channel.Outcome{Result: channel.Gone}, noon).ServiceSID)
	})
}

func TestReleased(t *testing.T) {
	t.Parallel()
	fresh := record(event(1, channel.Ended, noon))
	dead := with(fresh, claimedBy("dead", noon, channel.Deactivate))
	diff(t, "a channel that was left alone leaves no trace", fresh, channel.Released(fresh))
	diff(t, "the claim of a run that never came back stays as evidence", with(dead, claimDone), channel.Released(dead))
}

func TestFailed(t *testing.T) {
	t.Parallel()
	fresh := with(record(event(1, channel.Ended, noon)), claimedBy("run", noon, channel.Deactivate))
	failure := channel.Failure{Time: noon, Operation: "update channel", Status: 500}
	first, second := failure, failure
	first.Count, second.Count = 1, 2

	once := channel.Failed(fresh, failure)
	diff(t, "the claim stays as evidence, and is open to be taken over", with(fresh, claimDone, func(r *channel.Record) { r.Failure = &first }), once)
	diff(t, "failures in a row are counted", &second, channel.Failed(once, failure).Failure)
	diff(t, "without a claim it is a failure all the same", &first, channel.Failed(record(event(1, channel.Ended, noon)), failure).Failure)
}

func TestRestored(t *testing.T) {
	t.Parallel()
	fresh := record(event(1, channel.Open, noon))
	touched := with(fresh, retiredBy("a", noon, channel.Deactivate), claimedBy("b", noon, channel.Deactivate), func(r *channel.Record) {
		r.Failure = &channel.Failure{Count: 1}
	})
	got := channel.Restored(touched)
	diff(t, "a channel that is as before has a record without evidence", fresh, got)
	diff(t, "and no sweep need touch it again", false, got.Touched())
}

func TestAfterConflict(t *testing.T) {
	t.Parallel()
	over := record(event(1, channel.Ended, noon))
	open := record(event(1, channel.Ended, noon), event(2, channel.Open, at(time.Hour)))
	held := with(over, func(r *channel.Record) { r.Hold = &channel.Hold{By: "ops", Reason: "why"} })
	ours := func(r channel.Record, d channel.Disposition) channel.Record {
		return with(r, claimedBy("run", noon, d), status(channel.Tracking))
	}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		want   channel.Resume
	}{
		"its own save had arrived":     {"the answer was lost, not the save", with(over, retiredBy("run", noon, channel.Deactivate)), channel.Finished},
		"another run settled it":       {"what another run wrote down is its own", with(over, retiredBy("other", noon, channel.Deactivate)), channel.LetGo},
		"another run claimed it":       {"the lease had run out", with(over, claimedBy("other", noon, channel.Deactivate)), channel.LetGo},
		"another run cleared it":       {"a record without a claim is nobody's", over, channel.LetGo},
		"news that changes nothing":    {"a late event of an ended task leaves the channel due", ours(over, channel.Deactivate), channel.SettleAgain},
		"a task is open":               {"someone is writing: the channel is to be put back", ours(open, channel.Deactivate), channel.Undo},
		"held meanwhile":               {"an operator wants it kept", ours(held, channel.Deactivate), channel.Undo},
		"ended anew, so not due":       {"the clock has started anew", ours(record(event(2, channel.Ended, at(48*time.Hour))), channel.Deactivate), channel.Undo},
		"a task is open, but closed":   {"closed is final: it can only be written down", ours(open, channel.Close), channel.SettleAgain},
		"a task is open, but deleted":  {"deleted is final: it can only be written down", ours(open, channel.Delete), channel.SettleAgain},
		"its claim, still retiring":    {"only a field that no one minds changed", with(over, claimedBy("run", noon, channel.Deactivate)), channel.SettleAgain},
		"its claim, and an old record": {"the claim decides, not the retirement before it", with(open, retiredBy("older", noon, channel.Deactivate), claimedBy("run", noon, channel.Deactivate)), channel.Undo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, row.reason, row.want, channel.AfterConflict(row.record, "run", policy, at(49*time.Hour)))
		})
	}
}
