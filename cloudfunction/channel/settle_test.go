package channel_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestSettled(t *testing.T) {
	t.Parallel()
	over := record(lasted(1, at(-time.Hour), noon)...)
	open := record(event(1, channel.Open, noon))
	failed := func(r *channel.Record) { r.Failure = &channel.Failure{Count: 2, Operation: "update channel"} }
	again := func(r *channel.Record) {
		r.Retirement = &channel.Retirement{Run: "earlier", Target: channel.Target{Found: found("1.0", "")}, Told: true}
	}
	for name, row := range map[string]struct {
		reason string
		before channel.Record
		result channel.Result
		told   bool
	}{
		"done":           {"it says who, when, how, and what to give back", with(over, claimedBy("run", noon, channel.Deactivate)), channel.Done, false},
		"after failures": {"a success ends the row of failures", with(over, failed, claimedBy("run", noon, channel.Deactivate)), channel.Done, false},
		"already, after an interrupted retirement": {"the claim carries on what the interrupted one had found", with(over, again, claimedBy("run", noon, channel.Deactivate)), channel.Already, false},
		"closed":                        {"nothing was open", with(over, claimedBy("run", noon, channel.Close)), channel.Done, false},
		"closed, with a task open":      {"there is no way back, and the run that did it tells it", with(open, claimedBy("run", noon, channel.Close)), channel.Done, true},
		"deleted, with a task open":     {"there is no way back, and the run that did it tells it", with(open, claimedBy("run", noon, channel.Delete)), channel.Done, true},
		"was closed, with a task open":  {"it may have been a request of ours whose answer was lost", with(open, claimedBy("run", noon, channel.Close)), channel.Already, true},
		"gone, with a task open":        {"nothing was done to it", with(open, claimedBy("run", noon, channel.Delete)), channel.Gone, false},
		"deactivated, with a task open": {"this one can be put back", with(open, claimedBy("run", noon, channel.Deactivate)), channel.Done, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for service, kept := range map[string]string{sid("IS", 7): sid("IS", 7), "": sid("IS", 1)} {
				before := with(row.before, func(r *channel.Record) { r.ServiceSID = sid("IS", 1) })
				got := channel.Settled(before, row.result, service, at(time.Hour))
				to := before.Claim.Target
				to.ServiceSID = kept // a service that is known stays known
				want := before
				want.Status, want.Claim, want.Failure, want.ServiceSID = channel.Retired, nil, nil, kept
				want.Retirement = &channel.Retirement{Run: "run", Time: at(time.Hour), Target: to, Result: row.result, Told: row.told}
				diff(t, row.reason, want, got)
			}
		})
	}
}

// Of what was closed for good it is told under which tasks, in the order in which it really
// happened, whenever it becomes known.
func TestClosedUnder(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	closing := at(10 * h)
	none := []string(nil)
	one := []string{sid("WT", 1)}
	unborn := func(e channel.Event) channel.Event { e.Created = false; return e }
	for name, row := range map[string]struct {
		reason string
		events []channel.Event // in the order in which they are heard of after the closing
		want   []string
	}{
		"nothing":                      {"nobody was writing", nil, none},
		"created before":               {"it was open when the channel was closed", []channel.Event{event(1, channel.Open, at(9*h))}, one},
		"created as it was closed":     {"it may have been there", []channel.Event{event(1, channel.Open, closing)}, one},
		"created a moment after":       {"it found a closed channel", []channel.Event{event(1, channel.Open, closing.Add(1))}, none},
		"created after":                {"it found a closed channel", []channel.Event{event(1, channel.Open, at(11*h))}, none},
		"found open before":            {"it need not have been created here", []channel.Event{unborn(event(1, channel.Open, at(9*h)))}, one},
		"found open, created after":    {"the earlier moment shows that it was open", []channel.Event{unborn(event(1, channel.Open, at(9*h))), event(1, channel.Open, at(11*h))}, one},
		"wrapping before":              {"wrapping up is not over", []channel.Event{event(1, channel.Wrapping, at(9*h))}, one},
		"wrapping after":               {"since when it is open is not known", []channel.Event{event(1, channel.Wrapping, at(11*h))}, none},
		"wrapping after, created then": {"now it is known", []channel.Event{event(1, channel.Wrapping, at(11*h)), event(1, channel.Open, at(9*h))}, one},
		"created and ended before":     {"it was over", lasted(1, at(8*h), at(9*h)), none},
		"ended as it was closed":       {"it was over", lasted(1, at(8*h), closing), none},
		"ended a moment after":         {"it was open until then", lasted(1, at(8*h), closing.Add(1)), one},
		"created before, ended after":  {"it was open when the channel was closed", lasted(1, at(9*h), at(11*h)), one},
		"ended after, created heard then": {
			"the order of hearing does not count",
			[]channel.Event{event(1, channel.Ended, at(11*h)), event(1, channel.Open, at(9*h))}, one,
		},
		"ended after, created unknown": {"of a task whose beginning is not known nothing can be said", []channel.Event{event(1, channel.Ended, at(11*h))}, none},
		"created and ended after":      {"it found a closed channel", lasted(1, at(11*h), at(12*h)), none},
		"two of three":                 {"all are told, sorted", []channel.Event{event(3, channel.Open, at(8*h)), event(2, channel.Open, at(11*h)), event(1, channel.Open, at(9*h))}, []string{sid("WT", 1), sid("WT", 3)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			over := record(lasted(9, at(-h), noon)...)
			for _, d := range []channel.Disposition{channel.Close, channel.Delete} {
				settled := channel.Settled(with(over, claimedBy("run", at(9*h), d)), channel.Done, "", closing)
				got, _ := channel.ApplyAll(settled, row.events)
				diff(t, row.reason, row.want, got.ClosedUnder())
				diff(t, "it stays retired", channel.Retired, got.Status)
				told(t, got, row.want)

				before, _ := channel.ApplyAll(with(over, claimedBy("run", at(9*h), d)), row.events)
				early := channel.Settled(before, channel.Done, "", closing)
				diff(t, "heard of before it is settled: "+row.reason, row.want, early.ClosedUnder())
				diff(t, "then the run that settles tells it", row.want != nil, early.Retirement.Told)
			}
			// Closed already may mean by a request of ours whose answer was lost.
			already, _ := channel.ApplyAll(with(over, retiredBy("run", closing, channel.Close), result(channel.Already)), row.events)
			diff(t, row.reason, row.want, already.ClosedUnder())
			for reason, r := range map[string]channel.Record{
				"can be put back":  with(over, retiredBy("run", closing, channel.Deactivate)),
				"nothing was done": with(over, retiredBy("run", closing, channel.Delete), result(channel.Gone)),
				"not retired":      over,
			} {
				got, _ := channel.ApplyAll(r, row.events)
				diff(t, reason, none, got.ClosedUnder())
			}
		})
	}
}

// told checks that a sweep is asked once to tell what the record was closed under.
func told(t *testing.T, r channel.Record, under []string) {
	t.Helper()
	d := channel.Decide(r, policy, at(999*time.Hour))
	want := channel.Decision{Action: channel.Keep, Reason: channel.ReasonRetired, At: r.Retirement.Time, Text: d.Text}
	after := want
	if under != nil {
		want.Action, want.Reason = channel.Tell, channel.ReasonOpenTask
	}
	diff(t, "whether a sweep must tell", want, d)
	done := channel.Told(r)
	diff(t, "once is enough", after, channel.Decide(done, policy, at(999*time.Hour)))
	diff(t, "what is told stays known", under, done.ClosedUnder())
	diff(t, "the record that was told is another", false, r.Retirement.Told)
	done.Retirement = r.Retirement
	diff(t, "nothing else changes", r, done)
}
