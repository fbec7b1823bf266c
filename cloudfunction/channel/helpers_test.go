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

// event returns an event of the n-th task on the first channel; one of phase Open is the
// created event.
func event(task int, phase channel.Phase, when time.Time) channel.Event {
	e := channel.Event{ChannelSID: sid("CH", 1), Backend: channel.Chat, TaskSID: sid("WT", task), Phase: phase, Time: when}
	e.Created = phase == channel.Open
	if phase == channel.Ended {
		e.Outcome = "completed"
	}
	return e
}

// lasted returns both ends of the n-th task, which was created on the first channel.
func lasted(task int, from, to time.Time) []channel.Event {
	return []channel.Event{event(task, channel.Open, from), event(task, channel.Ended, to)}
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

// found returns the raw text of both attributes, "" for one that is absent.
func found(longLived, status string) *channel.Found {
	var f channel.Found
	if longLived != "" {
		f.LongLived = &longLived
	}
	if status != "" {
		f.Status = &status
	}
	return &f
}

// active is what every long-lived channel has.
var active = found("true", `"ACTIVE"`)

// target returns what a sweep would do by the disposition to a channel of the first service.
func target(d channel.Disposition) channel.Target {
	if d == channel.Deactivate {
		return channel.Target{Backend: channel.Chat, ServiceSID: sid("IS", 1), Disposition: d, Found: active}
	}
	return channel.Target{Backend: channel.Conversations, ServiceSID: sid("IS", 1), Disposition: d}
}

func claimedBy(run string, when time.Time, d channel.Disposition) func(*channel.Record) {
	return func(r *channel.Record) {
		r.Status, r.Claim = channel.Retiring, &channel.Claim{Run: run, Time: when, Target: target(d)}
	}
}

func retiredBy(run string, when time.Time, d channel.Disposition) func(*channel.Record) {
	return func(r *channel.Record) {
		r.Status, r.Claim = channel.Retired, nil
		r.Retirement = &channel.Retirement{Run: run, Time: when, Target: target(d), Result: channel.Done}
	}
}

func result(as channel.Result) func(*channel.Record) {
	return func(r *channel.Record) {
		retirement := *r.Retirement
		retirement.Result = as
		r.Retirement = &retirement
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
