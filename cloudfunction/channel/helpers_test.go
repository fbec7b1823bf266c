package channel_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// at returns the moment d after noon of the day that the tests play on.
func at(d time.Duration) time.Time { return noon.Add(d) }

// sid returns the n-th SID of a kind.
func sid(kind string, n int) string { return fmt.Sprintf("%s%032x", kind, n) }

// event returns an event of the n-th task on the first channel.
func event(task int, phase channel.Phase, when time.Time) channel.Event {
	e := channel.Event{ChannelSID: sid("CH", 1), Backend: channel.Chat, TaskSID: sid("WT", task), Phase: phase, Time: when}
	if phase == channel.Ended {
		e.Outcome = "completed"
	}
	return e
}

func ended(task int, outcome string, when time.Time) channel.Event {
	e := event(task, channel.Ended, when)
	e.Outcome = outcome
	return e
}

// record returns the record that the events make of an unknown channel.
func record(events ...channel.Event) channel.Record {
	var r channel.Record
	for _, e := range events {
		r = channel.Apply(r, e)
	}
	return r
}

// with returns the record after the changes.
func with(r channel.Record, changes ...func(*channel.Record)) channel.Record {
	for _, change := range changes {
		change(&r)
	}
	return r
}

func claimedBy(run string, when time.Time, d channel.Disposition) func(*channel.Record) {
	return func(r *channel.Record) {
		r.Status, r.Claim = channel.Retiring, &channel.Claim{Run: run, Time: when, Disposition: d}
	}
}

func retiredBy(run string, when time.Time, d channel.Disposition) func(*channel.Record) {
	return func(r *channel.Record) {
		r.Status, r.Claim = channel.Retired, nil
		r.Retirement = &channel.Retirement{Run: run, Time: when, Disposition: d, Result: channel.Done}
	}
}

func status(s channel.Status) func(*channel.Record) {
	return func(r *channel.Record) { r.Status = s }
}

func claimDone(r *channel.Record) {
	claim := *r.Claim
	claim.Done = true
	r.Claim = &claim
}

func diff[T any](t *testing.T, reason string, want, got T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", reason, d)
	}
}
