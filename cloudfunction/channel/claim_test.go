package channel_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestDispositions(t *testing.T) {
	t.Parallel()
	for d, row := range map[channel.Disposition]struct{ final, chat, conversations bool }{
		channel.Deactivate: {false, true, false},
		channel.Close:      {true, false, true},
		channel.Delete:     {true, true, true},
		"":                 {true, false, false},
		"explode":          {true, false, false},
	} {
		diff(t, "what cannot be undone, or is not known, is final: "+string(d), row.final, d.Final())
		diff(t, "of a chat channel: "+string(d), row.chat, d.Fits(channel.Chat))
		diff(t, "of a conversation: "+string(d), row.conversations, d.Fits(channel.Conversations))
		for _, b := range []channel.Backend{"", "voice"} {
			diff(t, "nothing fits what is not known: "+string(d), false, d.Fits(b))
		}
	}
}

func TestTargetOf(t *testing.T) {
	t.Parallel()
	inactive, odd := channel.Inactive(), found("1.0", "")
	over := with(record(lasted(1, at(-time.Hour), noon)...), func(r *channel.Record) { r.ServiceSID = sid("IS", 1) })
	claimedWith := func(f *channel.Found) func(*channel.Record) {
		return func(r *channel.Record) { claimedBy("dead", noon, channel.Deactivate)(r); r.Claim.Found = f }
	}
	retiredWith := func(f *channel.Found) func(*channel.Record) {
		return func(r *channel.Record) {
			retiredBy("earlier", noon, channel.Deactivate)(r)
			r.Status, r.Retirement.Found = channel.Tracking, f
		}
	}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		found  *channel.Found
		want   *channel.Found
	}{
		"as usual":                         {"it is what there is to give back", over, active, active},
		"odd":                              {"it is what there is to give back", over, odd, odd},
		"nowhere":                          {"nobody has looked, or no service has it", over, nil, nil},
		"inactive before":                  {"flexsweep has not changed it, so it will not change it back", over, &inactive, &inactive},
		"inactive, a dead run's claim":     {"that run did it: its note is what there is to give back", with(over, claimedWith(odd)), &inactive, odd},
		"inactive, an earlier retirement":  {"that one did it: its note is what there is to give back", with(over, retiredWith(odd)), &inactive, odd},
		"inactive, both":                   {"the claim carries on what the retirement had found", with(over, retiredWith(active), claimedWith(odd)), &inactive, odd},
		"inactive, a claim that noted nil": {"there is no note, so it is as it was found", with(over, claimedWith(nil)), &inactive, &inactive},
		"changed since a dead run":         {"what stands there now is overwritten now", with(over, claimedWith(odd)), active, active},
		"half inactive since a dead run":   {"what stands there now is overwritten now", with(over, claimedWith(odd)), found("false", `"ACTIVE"`), found("false", `"ACTIVE"`)},
		"nowhere, after a dead run":        {"the note is not lost", with(over, claimedWith(odd)), nil, odd},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := channel.Target{Backend: channel.Chat, ServiceSID: sid("IS", 1), Disposition: channel.Deactivate, Found: row.want}
			diff(t, row.reason, want, channel.TargetOf(row.record, policy, row.found))
		})
	}
	conversation := with(over, func(r *channel.Record) { r.Backend = channel.Conversations })
	want := channel.Target{Backend: channel.Conversations, ServiceSID: sid("IS", 1), Disposition: channel.Close}
	diff(t, "a conversation is closed", want, channel.TargetOf(conversation, policy, nil))
}

func TestFoundEqual(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		a, b *channel.Found
		want bool
	}{
		"the same text":       {found("true", `"ACTIVE"`), found("true", `"ACTIVE"`), true},
		"both absent":         {found("", ""), found("", ""), true},
		"another long_lived":  {found("true", `"ACTIVE"`), found("false", `"ACTIVE"`), false},
		"another status":      {found("true", `"ACTIVE"`), found("true", `"INACTIVE"`), false},
		"another spelling":    {found("1", ""), found("1.0", ""), false},
		"absent and there":    {found("", `"ACTIVE"`), found("true", `"ACTIVE"`), false},
		"there and absent":    {found("true", `"ACTIVE"`), found("true", ""), false},
		"null is not absence": {found("null", ""), found("", ""), false},
	} {
		diff(t, name, row.want, row.a.Equal(*row.b))
		diff(t, name+", the other way round", row.want, row.b.Equal(*row.a))
	}
}

func TestClaimed(t *testing.T) {
	t.Parallel()
	before := with(record(event(1, channel.Ended, noon)), claimedBy("dead", noon, channel.Close), claimDone)
	want := with(before, claimedBy("run", at(time.Hour), channel.Deactivate))
	diff(t, "a new claim replaces a dead one, and holds", want, channel.Claimed(before, "run", target(channel.Deactivate), at(time.Hour)))
}

// What a claim says is what is done and undone, whatever an event makes of the record then.
func TestNoEventChangesAClaim(t *testing.T) {
	t.Parallel()
	chat := record(event(1, channel.Ended, noon))
	claimed := channel.Claimed(chat, "run", target(channel.Deactivate), at(time.Hour))
	flip := event(1, channel.Open, at(-time.Hour))
	flip.Backend, flip.Type = channel.Conversations, "sms"
	got := channel.Apply(claimed, flip)
	diff(t, "a created event says that it is a conversation", channel.Conversations, got.Backend)
	diff(t, "it is no news of a task, so the sweep goes on", channel.Retiring, got.Status)
	diff(t, "the claim is what it was", claimed.Claim, got.Claim)
	settled := channel.Settled(got, channel.Done, sid("IS", 1), at(2*time.Hour))
	diff(t, "and what was done is written down", target(channel.Deactivate), settled.Retirement.Target)
	diff(t, "a task opens", channel.Tracking, channel.Apply(settled, event(2, channel.Open, at(3*time.Hour))).Status)
}

func TestClaimedToRestore(t *testing.T) {
	t.Parallel()
	open := record(event(1, channel.Open, noon))
	want := func(before channel.Record, to channel.Target) channel.Record {
		before.Claim = &channel.Claim{Run: "run", Time: at(time.Hour), Target: to}
		return before
	}
	crashed := with(open, claimedBy("dead", noon, channel.Delete), status(channel.Tracking))
	retired := with(open, retiredBy("earlier", noon, channel.Close), status(channel.Tracking))
	both := with(retired, claimedBy("dead", noon, channel.Deactivate), status(channel.Tracking))
	for reason, row := range map[string]struct{ before, want channel.Record }{
		"a dead run's claim is replaced, and what it was about stays": {crashed, want(crashed, target(channel.Delete))},
		"without a claim the retirement says what it was about":       {retired, want(retired, target(channel.Close))},
		"the claim is the later of the two":                           {both, want(both, target(channel.Deactivate))},
		"without either there is nothing to say":                      {open, want(open, channel.Target{})},
	} {
		got := channel.ClaimedToRestore(row.before, "run", at(time.Hour))
		diff(t, reason, row.want, got)
		diff(t, "others keep off while it is put back", channel.ReasonClaimed, channel.Decide(got, policy, at(time.Hour)).Reason)
	}
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
	over := record(lasted(1, at(-time.Hour), noon)...)
	open := record(event(1, channel.Ended, noon), event(2, channel.Open, at(time.Hour)))
	held := with(over, func(r *channel.Record) { r.Hold = &channel.Hold{By: "ops", Reason: "why"} })
	ours := func(r channel.Record, d channel.Disposition) channel.Record {
		return with(r, claimedBy("run", noon, d), status(channel.Tracking))
	}
	for name, row := range map[string]struct {
		reason string
		record channel.Record
		want   channel.Resolution
	}{
		"its own save had arrived":     {"the answer was lost, not the save", with(over, retiredBy("run", noon, channel.Deactivate)), channel.IsSettled},
		"another run settled it":       {"what another run wrote down is its own", with(over, retiredBy("other", noon, channel.Deactivate)), channel.TakenOver},
		"retired, nobody says how":     {"a record without a claim is nobody's", with(over, status(channel.Retired)), channel.TakenOver},
		"its own save, and news then":  {"the news wants it put back, and the claim is gone", with(over, retiredBy("run", noon, channel.Deactivate), status(channel.Tracking)), channel.TakenOver},
		"another run claimed it":       {"the lease had run out", with(over, claimedBy("other", noon, channel.Deactivate)), channel.TakenOver},
		"another run cleared it":       {"a record without a claim is nobody's", over, channel.TakenOver},
		"news that changes nothing":    {"a late event of an ended task leaves the channel due", ours(over, channel.Deactivate), channel.SettleAgain},
		"a task is open":               {"someone is writing: the channel is to be put back", ours(open, channel.Deactivate), channel.RestoreNow},
		"held meanwhile":               {"an operator wants it kept", ours(held, channel.Deactivate), channel.RestoreNow},
		"ended anew, so not due":       {"the clock has started anew", ours(record(event(2, channel.Ended, at(48*time.Hour))), channel.Deactivate), channel.RestoreNow},
		"a task is open, but closed":   {"closed is final: it can only be written down", ours(open, channel.Close), channel.SettleAgain},
		"a task is open, but deleted":  {"deleted is final: it can only be written down", ours(open, channel.Delete), channel.SettleAgain},
		"its claim, still retiring":    {"only a field that no one minds changed", with(over, claimedBy("run", noon, channel.Deactivate)), channel.SettleAgain},
		"its claim, and an old record": {"the claim decides, not the retirement before it", with(open, retiredBy("older", noon, channel.Deactivate), claimedBy("run", noon, channel.Deactivate)), channel.RestoreNow},
		"its claim, retired by itself": {"a run that claims again has not settled yet", with(over, retiredBy("run", noon, channel.Deactivate), claimedBy("run", noon, channel.Deactivate)), channel.SettleAgain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, row.reason, row.want, channel.AfterConflict(row.record, "run", policy, at(49*time.Hour)))
		})
	}
}
