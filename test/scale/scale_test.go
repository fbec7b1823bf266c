package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// TestShipped holds the plan "as shipped" against what is shipped.
func TestShipped(t *testing.T) {
	t.Parallel()
	p := shipped(1)
	want := map[string]string{
		"RETENTION": hours(p.Retention), "TOMBSTONE_TTL": hours(p.TombstoneTTL),
		"MAX_RETIREMENTS_PER_RUN": fmt.Sprint(p.MaxRetirements), "SWEEP_CONCURRENCY": fmt.Sprint(p.SweepConcurrency),
		"TWILIO_REQUESTS_PER_SECOND": fmt.Sprint(p.RequestsPerSecond),
		"events_concurrency":         fmt.Sprint(p.EventsConcurrency), "events_max_instances": fmt.Sprint(p.EventsMax),
		"sweep_timeout_seconds": fmt.Sprint(p.SweepTimeout.Seconds()),
		"schedule":              fmt.Sprintf("*/%g * * * *", p.Schedule.Minutes()),
	}
	got := map[string]string{}
	for _, s := range function.Settings() {
		if _, ok := want[s.Name]; ok {
			got[s.Name] = s.Default
		}
	}
	files, _ := filepath.Glob("../../infra/variables*.tf")
	variable := regexp.MustCompile(`(?s)variable "(\w+)" \{.*?\n  default +=\s"?([^"\n]+)`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.SplitAfter(string(text), "\n}\n") {
			if match := variable.FindStringSubmatch(block); match != nil && want[match[1]] != "" {
				got[match[1]] = match[2]
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the page would speak of another flexsweep (-reckoned +shipped):\n%s", diff)
	}
}

func hours(d time.Duration) string { return fmt.Sprintf("%gh", d.Hours()) }

func TestBucket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		every    time.Duration // between two requests
		requests int
		want     int // admitted
		reason   string
	}{
		{"rest", time.Second, 100, 100, "one a second is far below 20"},
		{"burst", 0, 500, 200, "a burst of ten seconds' worth passes, and no more"},
		{"sustained", 50 * time.Millisecond, 1000, 1000, "20 a second is allowed for ever"},
		{"too fast", 25 * time.Millisecond, 4000, 200 + 2000, "in 100 seconds at 40 a second: the burst, and 20 for each second"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := newBucket(20, 200), newBucket(20, 200)
			got, turns := 0, 0
			for n := range test.requests {
				now := time.Duration(n) * test.every
				if theirs.take(now) {
					got++
				}
				if at, ok := ours.turn(now, now); ok && at == now {
					turns++
				}
			}
			if diff := got - test.want; diff < -1 || diff > 1 {
				t.Errorf("%d of %d admitted, want %d, because %s", got, test.requests, test.want, test.reason)
			}
			if turns != got {
				t.Errorf("%d turns at once but %d admitted, though both sides count alike", turns, got)
			}
		})
	}
}

func TestTurnWaits(t *testing.T) {
	t.Parallel()
	b := newBucket(10, 1)
	var got []time.Duration
	for range 3 {
		at, ok := b.turn(0, 150*time.Millisecond)
		if !ok {
			at = -1
		}
		got = append(got, at)
	}
	if diff := cmp.Diff([]time.Duration{0, 100 * time.Millisecond, -1}, got); diff != "" {
		t.Errorf("the second waits, and the third would wait beyond its deadline (-want +got):\n%s", diff)
	}
}

// TestRepeats: a page that is generated must not depend on the day.
func TestRepeats(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) Result { return Simulate(tasked(1000, 1), 3*time.Minute, 3*time.Minute, seed) }
	one := run(1)
	if diff := cmp.Diff(one, run(1)); diff != "" {
		t.Errorf("the same seed gave another result:\n%s", diff)
	}
	if cmp.Equal(one, run(2)) {
		t.Error("another seed gave the same result, so chance plays no part")
	}
}

// TestSweepHoldsAsReckoned holds arithmetic and simulation against each other: they share
// the settings, and no formula.
func TestSweepHoldsAsReckoned(t *testing.T) {
	t.Parallel()
	for _, plan := range []Plan{shipped(1), changed(1)} {
		for _, latency := range []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
			t.Run(fmt.Sprint(plan.Name, " ", latency), func(t *testing.T) {
				t.Parallel()
				p := plan
				p.Latency = latency
				limit := most(p, Plan.holds)
				p.Rate = 0.93 * limit
				if got := Simulate(p, 0, 8*time.Hour, 1); got.RetiredPerMinute() < 0.97*p.Rate {
					t.Errorf("at %.0f a minute, below the limit of %.0f, only %.1f are retired", p.Rate, limit, got.RetiredPerMinute())
				}
				p.Rate = 1.07 * limit
				if got := Simulate(p, 0, 8*time.Hour, 1); got.RetiredPerMinute() > 0.97*p.Rate {
					t.Errorf("at %.0f a minute, beyond the limit of %.0f, %.1f are retired all the same", p.Rate, limit, got.RetiredPerMinute())
				}
			})
		}
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		plan   Plan
		length time.Duration
		holds  func(Result) bool
		reason string
	}{
		{"one instance", shipped(60), 4 * time.Hour, func(r Result) bool {
			calls := float64(r.WebhookCalls) / float64(r.Events)
			return r.Instances == 1 && r.Conflicts == 0 && calls > 0.98 && calls < 1.02
		}, "a task's four events cost 2, 1, 1 and 0 requests while the same instance meets all of them"},
		{"several instances", tasked(1000, 1), 5 * time.Minute, func(r Result) bool {
			return r.Instances > 1 && r.Conflicts > 0 && r.WebhookCalls > r.Events*12/10
		}, "what an instance remembers is stale once another has written"},
		{"below Sync's limit", tasked(1000, 1), 5 * time.Minute, func(r Result) bool { return r.Refused == 0 && r.Waiting == 0 },
			"1,000 a minute are 17 new documents a second, of 20"},
		{"beyond Sync's limit", tasked(1800, 1), 5 * time.Minute, func(r Result) bool { return r.Refused > 1000 && r.Waiting > 0 },
			"30 new documents a second use up the burst within 20 seconds"},
		{"beyond the chat service's", tasked(2400, 1), 2 * time.Minute, func(r Result) bool {
			return r.Unopened > 900 && r.Unopened < 1500
		}, "40 opened a second are 10 too many, for 120 seconds"},
		{"too few instances", shipped(10_000), time.Minute, func(r Result) bool {
			return r.Instances == 5 && r.Waiting > r.Events/2
		}, "five instances of 50 requests a second cannot do what 667 events a second need"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := Simulate(test.plan, test.length, 0, 1)
			got.Answers = nil
			if !test.holds(got) {
				t.Errorf("%+v does not show that %s", got, test.reason)
			}
			if got.Requests < got.Events-got.Waiting-got.Lost {
				t.Errorf("%d events were neither delivered nor wait", got.Events-got.Waiting-got.Lost-got.Requests)
			}
		})
	}
}

func TestSweeps(t *testing.T) {
	t.Parallel()
	unread := shipped(10_000)
	tests := []struct {
		name   string
		plan   Plan
		holds  func(Result) bool
		reason string
	}{
		{"a ledger too large", unread, func(r Result) bool { return r.Retired == 0 && r.Broken == r.Runs && r.Runs >= 2 },
			"the walk comes before the work, so a run that cannot finish its walk retires nothing"},
		{"one run follows the other", shipped(100), func(r Result) bool { return r.Runs == 4 && r.Retired == 4000 },
			"a run takes 23 minutes, of 15, and the next begins when it has ended"},
		{"tasks", tasked(1000, 1), func(r Result) bool { return r.Retired > r.Tasks*99/100 && r.Queue < 60 },
			"three instances of 50 requests a second do 25 channels a second, and 17 come"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := Simulate(test.plan, 0, 100*time.Minute, 1); !test.holds(got) {
				t.Errorf("%+v does not show that %s", got, test.reason)
			}
		})
	}
}
