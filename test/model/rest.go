package main

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// rest lets the claims' lease pass and a clean sweep run, and checks what must hold when
// everything has come to rest; then the same once the retention has passed. It returns
// what is broken, or "".
func (x *execution) rest(acknowledged parcels) string {
	reports := append(x.reports(acknowledged), x.known...)
	for _, clean := range []struct {
		run   string
		after time.Duration
	}{{"C1", channel.Lease + time.Minute}, {"C2", retention + time.Minute}} {
		x.world.Clock().Advance(clean.after)
		report, err := x.parts(x.world.Transport()).sweep(actorTag{}, clean.run)
		if err != nil {
			return fmt.Sprintf("clean sweep %s: %v", clean.run, err)
		}
		v := x.world.view()
		x.trace.clean(clean.run, clean.after, report, v)
		if broken := atRest(v, expected(reports), x.world.Clock().Now()); broken != "" {
			return "after the clean sweep " + clean.run + " " + broken
		}
	}
	return ""
}

// atRest says what is wrong with a world at rest of whose tasks so much is known.
func atRest(v view, tasks map[string]task, now time.Time) string {
	if broken := attributesOf(v); broken != "" {
		return broken
	}
	r := v.record()
	if diff := cmp.Diff(tasks, r.Tasks); diff != "" {
		return "the ledger is not what the events say (-events +ledger):\n" + diff
	}
	if judge(tasks, now) == mustRetire {
		return dueAtRest(v, r)
	}
	return keptAtRest(v, r)
}

// dueAtRest says what is wrong with a channel that should be retired by now.
func dueAtRest(v view, r record) string {
	switch {
	case !v.retired():
		return "a channel that is due is not retired"
	case r.Status != "retired":
		return "a channel is retired, and its record is still " + r.Status
	}
	return ""
}

// keptAtRest says what is wrong with a channel that should not be retired. A closed one
// cannot be opened again; whether it was closed rightly is checked when it happens.
func keptAtRest(v view, r record) string {
	closed := v.state == "closed"
	switch {
	case closed && r.Status != "retired":
		return "a conversation is closed for good, and its record is still " + r.Status
	case !closed && v.retired():
		return "a channel that must be kept stays retired"
	case !closed && (r.Status != "tracking" || r.Claim != nil || r.Retirement != nil):
		return "a channel is as it should be, and its record still says otherwise"
	}
	return ""
}
