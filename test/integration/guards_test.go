package integration

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// overdue makes chat channels whose tasks ended a minute apart, the most overdue first.
// In the ledger they stand the other way round.
func overdue(w *world.World, n int) []*world.Thread {
	threads, tasks := make([]*world.Thread, n), make([]*world.Job, n)
	for i := n - 1; i >= 0; i-- {
		threads[i] = w.NewChat()
		tasks[i] = threads[i].NewTask()
	}
	for _, task := range tasks {
		task.Complete()
		w.Pass(time.Minute)
	}
	w.Pass(retention)
	return threads
}

// retiredOf returns which of the threads are retired.
func retiredOf(threads []*world.Thread) []bool {
	are := make([]bool, len(threads))
	for i, c := range threads {
		are[i] = c.State() == retired
	}
	return are
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		own    world.Settings
		body   string
		first  int
		next   int
		reason string
	}{
		{"the cap", world.Settings{"MAX_RETIREMENTS_PER_RUN": "3"}, ``, 3, 3, "a mistake must not retire everything at once"},
		{"a request's own limit", nil, `{"limit":2}`, 2, 5, "an operator tries a few first"},
		{"a limit above the cap", world.Settings{"MAX_RETIREMENTS_PER_RUN": "3"}, `{"limit":100}`, 3, 3, "a request cannot lift the cap"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason+"; the most overdue go first", row.own)
			threads := overdue(w, 7)
			report := w.Sweep(row.body)
			want(t, "due", report.Due, 7)
			want(t, "retired", report.Retired, row.first)
			want(t, "deferred", report.Deferred, 7-row.first)
			for i, is := range retiredOf(threads) {
				want(t, "one of the most overdue is retired", is, i < row.first)
			}
			want(t, "retired by the next one, which goes on", w.Sweep().Retired, row.next)
		})
	}
}

func TestDueThatCannotBeExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a retention of an hour that was set for one of two days: what is due now should have been due before, so nothing is retired", nil)
	var threads []*world.Thread
	for range 203 {
		c := w.NewChat()
		c.NewTask().Complete()
		threads = append(threads, c)
	}
	w.Pass(2 * time.Hour)
	want(t, "due before", w.Sweep().Due, 0)
	w.Settings["RETENTION"] = "1h"
	w.RestartSweep()
	w.Pass(time.Minute)
	_, report := w.TrySweep()
	want(t, "outcome", report.Outcome, sweep.Refused)
	want(t, "retired", report.Retired, 0)
	want(t, "refused", report.Refused, 203)
	want(t, "some channel is retired", slices.Contains(retiredOf(threads), true), false)
	for _, what := range []string{"MAX_UNEXPLAINED", "--accept-due", "docs/runbook.md"} {
		want(t, "the text names "+what, strings.Contains(report.Text, what), true)
	}
	want(t, "severity of the log line", w.Logs.Last(t, "sweep")["severity"].(string), "ERROR")

	late := threads[0]
	late.NewTask()
	want(t, "status of a record with news", late.Record().Status, channel.Tracking)
	_, report = w.TrySweep()
	want(t, "it stays refused", report.Retired, 0)
	want(t, "due, without the one that is in use", report.Refused, 202)
}

func TestRetentionFloor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		own  world.Settings
		ok   bool
	}{
		{"a retention of 59 minutes", world.Settings{"RETENTION": "59m"}, false},
		{"a channel type with 1 minute", world.Settings{"RETENTION_BY_CHANNEL_TYPE": "web=1m"}, false},
		{"an hour", world.Settings{"RETENTION": "1h"}, true},
		{"the named override", world.Settings{"RETENTION": "1m", "RETENTION_FLOOR_OVERRIDE": "1m"}, true},
		{"below the override", world.Settings{"RETENTION": "30s", "RETENTION_FLOOR_OVERRIDE": "1m"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "48 typed for 48h must not retire the channels of a whole contact centre", nil)
			_, err := function.ParseConfig(function.Sweep, func(name string) (string, bool) {
				if value, ok := row.own[name]; ok {
					return value, true
				}
				value, ok := w.Settings[name]
				return value, ok
			})
			want(t, "the function starts", err == nil, row.ok)
			if err != nil && !strings.Contains(err.Error(), "RETENTION_FLOOR_OVERRIDE lifts this") {
				t.Errorf("the fault does not say what to do: %v", err)
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "a dry run does everything but write", way.settings)
			w.Settings["SWEEP_CONCURRENCY"] = "1"
			w.RestartSweep()
			undo, due := w.NewChat(), way.begin(w)
			undo.NewTask().Complete()
			w.Pass(time.Minute)
			due.NewTask().Complete()
			w.Pass(retention)
			crash(w, cut{step: 2, lost: true}) // in the middle of the first one
			w.Pass(channel.Lease)
			undo.NewTask()
			before := w.Records()
			w.Fake.Journal().Reset()
			report := w.Sweep(`{"dryRun":true}`)
			want(t, "changes: it is remembered", len(w.Changes()), 1)
			want(t, "records are the same", mustJSON(t, w.Records()), mustJSON(t, before))
			want(t, "says so", report.DryRun, true)
			want(t, "retired", report.Retired, 0)
			want(t, "items", len(report.Items), 2)
			for _, item := range report.Items {
				would := sweep.WouldRetire
				if item.Channel == undo.SID {
					would = sweep.WouldRestore
				}
				want(t, "would do", item.Did, would)
			}
		})
	}
}

func TestQuietPeriod(t *testing.T) {
	t.Parallel()
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "before something final the newest message is looked at: someone may be writing whose task has not been heard of yet",
				way.settings)
			c := way.begin(w)
			c.NewTask().Complete()
			w.Fake.Say(c.SID, "customer", "first of many")
			w.Pass(retention - 10*time.Minute + time.Second)
			w.Fake.Say(c.SID, "customer", "Hello?")
			w.Pass(10*time.Minute - time.Second)
			report := w.Sweep()
			if !way.final { // there is a way back, so nobody needs to wait
				want(t, "retired", report.Retired, 1)
				return
			}
			want(t, "busy", report.Busy, 1)
			c.MustBe(usable, "a second too early")
			want(t, "there is evidence left of a sweep", c.Record().Touched(), false)
			w.Pass(time.Second)
			want(t, "retired", w.Sweep().Retired, 1)
			c.MustBe(way.end, "when it has been quiet")
		})
	}
}

func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a run stops by itself before its claims could expire or the function be killed, and says so; the next one goes on",
		world.Settings{"SWEEP_CONCURRENCY": "1"})
	threads := overdue(w, 10)
	slow := w.Fake.Faults().Add(faketwilio.Fault{Latency: time.Minute, Virtual: true})
	started := w.Fake.Clock().Now()
	report := w.Sweep()
	took := w.Fake.Clock().Now().Sub(started)
	want(t, "outcome", report.Outcome, sweep.Stopped)
	want(t, "some are retired", report.Retired > 0, true)
	want(t, "all are accounted for", report.Retired+report.LeftOver, 10)
	want(t, "it ended within a claim's lease, after "+took.String(), took < channel.Lease+5*time.Minute, true)
	for i, is := range retiredOf(threads) {
		want(t, "the most overdue went first", is, i < report.Retired)
	}
	w.Fake.Faults().Remove(slow)
	want(t, "retired by the next one", w.Sweep().Retired, report.LeftOver)
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
