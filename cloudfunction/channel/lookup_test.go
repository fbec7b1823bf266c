package channel_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

func TestOpenTasks(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	unborn := func(e channel.Event) channel.Event { e.Created = false; return e }
	for name, row := range map[string]struct {
		reason string
		events []channel.Event
		want   []string
		since  time.Time
	}{
		"none":                        {"all have ended", lasted(1, noon, at(h)), nil, time.Time{}},
		"the oldest first":            {"by their beginning, not by their name", []channel.Event{event(1, channel.Open, at(2*h)), event(2, channel.Open, at(h)), event(3, channel.Ended, noon)}, []string{sid("WT", 2), sid("WT", 1)}, at(h)},
		"two at one moment":           {"something must decide", []channel.Event{event(2, channel.Open, noon), event(1, channel.Open, noon)}, []string{sid("WT", 1), sid("WT", 2)}, noon},
		"wrapping, created before":    {"it has been open since it was created", []channel.Event{event(1, channel.Open, at(h)), event(2, channel.Open, noon), event(2, channel.Wrapping, at(2*h))}, []string{sid("WT", 2), sid("WT", 1)}, noon},
		"wrapping, creation unknown":  {"it is known to be open since then", []channel.Event{event(1, channel.Open, at(h)), event(2, channel.Wrapping, at(2*h))}, []string{sid("WT", 1), sid("WT", 2)}, at(h)},
		"found open before":           {"the earlier of both", []channel.Event{unborn(event(1, channel.Open, noon)), event(1, channel.Open, at(2*h)), event(2, channel.Open, at(h))}, []string{sid("WT", 1), sid("WT", 2)}, noon},
		"wrapping before its created": {"clocks differ: the earliest moment counts", []channel.Event{event(1, channel.Wrapping, noon), event(1, channel.Open, at(2*h)), event(2, channel.Open, at(h))}, []string{sid("WT", 1), sid("WT", 2)}, noon},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record(row.events...)
			diff(t, row.reason, row.want, r.OpenTasks())
			since, open := r.OldestOpen()
			diff(t, row.reason, row.want != nil, open)
			diff(t, row.reason, row.since, since)
		})
	}
}

func TestToLookUp(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	r := record(
		event(1, channel.Open, at(-9*day)), event(2, channel.Open, at(-7*day)), event(3, channel.Open, at(-8*day)), event(3, channel.Wrapping, at(-day)),
		event(4, channel.Open, at(-7*day+1)), event(5, channel.Ended, at(-9*day)),
	)
	first, second, third := sid("WT", 1), sid("WT", 2), sid("WT", 3)
	for name, row := range map[string]struct {
		reason  string
		checked map[string]time.Time
		want    []string
	}{
		"none yet":                      {"all that have been open for long, the oldest first", nil, []string{first, third, second}},
		"a moment less than a day ago":  {"an answer is good for a day", map[string]time.Time{first: at(-day + time.Second)}, []string{third, second}},
		"a day ago":                     {"then it is asked again", map[string]time.Time{first: at(-day)}, []string{first, third, second}},
		"all of them just now":          {"there is nothing to ask", map[string]time.Time{first: noon, second: noon, third: noon}, []string{}},
		"one that has not been so long": {"it is not asked for yet", map[string]time.Time{sid("WT", 4): at(-9 * day)}, []string{first, third, second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := r
			for task, when := range row.checked {
				r = channel.Checked(r, task, when)
			}
			diff(t, row.reason, row.want, r.ToLookUp(7*day, noon))
		})
	}
	none := record(event(1, channel.Ended, noon)).ToLookUp(0, at(day))
	diff(t, "nothing is open", 0, len(none))
}

func TestChecked(t *testing.T) {
	t.Parallel()
	before := record(event(1, channel.Open, noon), event(2, channel.Open, noon))
	got := channel.Checked(before, sid("WT", 1), at(time.Hour+time.Millisecond))
	want := channel.Task{Phase: channel.Open, Time: noon, Created: noon, Checked: at(time.Hour)}
	diff(t, "when TaskRouter was asked, to the second", want, got.Tasks[sid("WT", 1)])
	diff(t, "the other task is what it was", before.Tasks[sid("WT", 2)], got.Tasks[sid("WT", 2)])
	diff(t, "it is no news", got, channel.Apply(got, event(1, channel.Open, noon)))
	wrapping := channel.Apply(got, event(1, channel.Wrapping, at(2*time.Hour))).Tasks[sid("WT", 1)]
	diff(t, "an event that goes on leaves it", at(time.Hour), wrapping.Checked)
	over := channel.Apply(got, event(1, channel.Ended, at(2*time.Hour))).Tasks[sid("WT", 1)]
	diff(t, "nobody asks for what has ended", true, over.Checked.IsZero())
}
