package eventstream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// A captured delivery can be sent again at any time: its signature does not age. Whatever has
// become of the channel, it changes nothing, and asks the ledger for no write.
func TestReplayAtEveryAge(t *testing.T) {
	t.Parallel()
	began := noon
	captured := []happening{
		{task: 1, kind: "created", at: began, attributes: chat(1)},
		{task: 1, kind: "wrapup", at: began.Add(20 * time.Minute), attributes: chat(1)},
		{task: 1, kind: "completed", at: began.Add(30 * time.Minute), attributes: chat(1)},
		{task: 1, kind: "system-deleted", at: began.Add(35 * time.Minute), attributes: chat(1)},
	}
	end := began.Add(30 * time.Minute)
	retired := func(s *story, at time.Time) {
		s.now = at
		r := s.memory.records()[sid("CH", 1)]
		r.Status, r.Retirement = channel.Retired, &channel.Retirement{Target: channel.Target{Disposition: channel.Deactivate}, Result: channel.Done}
		s.memory.put(channel.Trim(r, at))
	}
	for name, row := range map[string]struct {
		reason string
		then   func(*story)
		after  time.Duration // how long after the end that is over
	}{
		"tracked": {"the record waits for its retention", func(*story) {}, 0},
		"another task": {"the first one is forgotten when a day and an hour are over", func(s *story) {
			for day := range 3 {
				s.now = end.Add(time.Duration(day) * 20 * time.Hour)
				s.tell(happening{task: 2 + day, kind: "created", at: s.now, attributes: chat(1)})
				s.tell(happening{task: 2 + day, kind: "completed", at: s.now.Add(time.Second), attributes: chat(1)})
			}
		}, 40 * time.Hour},
		"an open task": {"it must stay the only one", func(s *story) {
			s.now = end.Add(26 * time.Hour)
			s.tell(happening{task: 2, kind: "created", at: s.now, attributes: chat(1)})
		}, 26 * time.Hour},
		"retired": {"a tombstone that came to life would be put back", func(s *story) { retired(s, end.Add(time.Hour)) }, time.Hour},
		"retired, the tombstone gone": {"nobody knows the channel any more", func(s *story) {
			retired(s, end.Add(time.Hour))
			s.memory.collect(sid("CH", 1))
		}, 25 * time.Hour},
	} {
		for _, age := range []time.Duration{time.Minute, 4 * time.Hour, 23 * time.Hour, 24*time.Hour - time.Second, 24*time.Hour + time.Second, 24*time.Hour + 31*time.Minute,
			25*time.Hour - time.Second, 25*time.Hour + time.Second, 26 * time.Hour, 49 * time.Hour, 30 * 24 * time.Hour, 365 * 24 * time.Hour} {
			if age < row.after {
				continue
			}
			for _, cold := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/cold=%t", name, age, cold), func(t *testing.T) {
					t.Parallel()
					s := newStory(t)
					s.now = end.Add(time.Minute)
					for _, e := range captured {
						s.tell(e)
					}
					row.then(s)
					if again := end.Add(age); again.After(s.now) {
						s.now = again
					}
					if cold {
						s.hook = s.instance(s.memory)
					}
					was := s.ledger()
					s.memory.took()
					for _, e := range captured {
						s.tell(e)
					}
					if d := cmp.Diff(was, s.ledger()); d != "" {
						t.Errorf("%s; a replay changed the ledger (-before +after):\n%s", row.reason, d)
					}
					for _, call := range s.memory.took() {
						if call != "load" {
							t.Errorf("%s; a replay makes a %s", row.reason, call)
						}
					}
				})
			}
		}
	}
}

func TestOldEvents(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	open := func(task int, at time.Time) happening {
		return happening{task: task, kind: "created", at: at, attributes: chat(1)}
	}
	ended := func(task int, at time.Time) happening {
		return happening{task: task, kind: "completed", at: at, attributes: chat(1)}
	}
	for name, row := range map[string]struct {
		reason string
		before []happening // each heard when it happens
		event  happening
		want   map[string]int
	}{
		"as old as can be":             {"Twilio's retries are long over, and it still counts", nil, open(1, noon.Add(-day)), map[string]int{"received": 1, "applied": 1}},
		"a beginning":                  {"it would open a task whose end nobody sends", nil, open(1, noon.Add(-day-time.Millisecond)), map[string]int{"received": 1, "stale": 1}},
		"a beginning on a record":      {"nor on a channel that is known", []happening{open(2, noon.Add(-time.Hour))}, open(1, noon.Add(-2*day)), map[string]int{"received": 1, "stale": 1}},
		"a wrap-up":                    {"it is not ended either", nil, happening{task: 1, kind: "wrapup", at: noon.Add(-2 * day), attributes: chat(1)}, map[string]int{"received": 1, "stale": 1}},
		"an end without a record":      {"it makes none", nil, ended(1, noon.Add(-2*day)), map[string]int{"received": 1, "stale": 1}},
		"an end of a known task":       {"an end that is heard late is an end", []happening{open(1, noon.Add(-3*day))}, ended(1, noon.Add(-2*day)), map[string]int{"received": 1, "applied": 1}},
		"a wrap-up of a known task":    {"it opens nothing that is not open", []happening{open(1, noon.Add(-3*day))}, happening{task: 1, kind: "wrapup", at: noon.Add(-2 * day), attributes: chat(1)}, map[string]int{"received": 1, "applied": 1}},
		"the latest end of the record": {"it can only delay", []happening{ended(2, noon.Add(-3*day))}, ended(1, noon.Add(-2*day)), map[string]int{"received": 1, "applied": 1}},
		"an end before the latest":     {"nothing counts from it", []happening{ended(2, noon.Add(-day))}, ended(1, noon.Add(-2*day)), map[string]int{"received": 1, "stale": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			for _, e := range row.before {
				s.now = e.at
				s.tell(e)
			}
			s.now = noon
			s.tell(row.event)
			if d := cmp.Diff(row.want, s.summary(t)); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if lines := len(s.alerts("stale event")); lines != row.want["stale"] {
				t.Errorf("%d alerts for %d stale events", lines, row.want["stale"])
			}
		})
	}
}

// What has no effect alerts, once an hour.
func TestStaleAndForeignEventsAlertOnceAnHour(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	old := happening{task: 1, kind: "created", at: noon.AddDate(0, 0, -2), attributes: chat(1)}
	strange := happening{task: 1, kind: "created", at: noon, attributes: chat(1), workspace: otherWorkspace}
	voice := happening{task: 1, kind: "created", at: noon, attributes: `{}`, account: otherAccount}
	s.tell(old)
	s.tell(strange)
	s.tell(voice)
	s.tell(old)
	s.now = noon.Add(time.Hour - time.Second)
	s.tell(old)
	s.now = noon.Add(time.Hour)
	s.tell(voice)
	s.tell(old)
	for message, want := range map[string][]float64{"stale event": {1, 3}, "foreign event": {1, 2}} {
		var got []float64
		for _, line := range s.alerts(message) {
			got = append(got, line["count"].(float64))
			if line["level"] != "ERROR" {
				t.Errorf("%s is logged as %v", message, line["level"])
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", message, d)
		}
	}
	if calls := len(s.memory.records()); calls != 0 {
		t.Errorf("%d records of events without effect", calls)
	}
	if origin := s.alerts("foreign event")[0]["origin"]; origin != otherWorkspace {
		t.Errorf("the origin is said to be %v", origin)
	}
}
