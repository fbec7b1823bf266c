package main

import (
	"fmt"
	"slices"
	"time"
)

// retention is that of every scenario: the shortest that the settings allow, so that
// events which Event Streams delivers late (it tries for 4 hours) can make a channel due
// while sweeps are under way.
const retention = time.Hour

// backend is where a scenario's channel lives, and whether its interaction is known.
type backend string

const (
	onChat          backend = "chat"          // deactivate
	onConversations backend = "conversations" // close
	onInteraction   backend = "interaction"   // a conversation whose interaction is known; close
)

// report is one TaskRouter event about one of the scenario's tasks.
type report struct {
	task int
	kind string        // the event type, without com.twilio.taskrouter.task.
	ago  time.Duration // how long before the start of the schedule it happened
}

// delivery is one request of Event Streams.
type delivery struct {
	reports []report
	// message: a customer writes first, and it is this message that makes the task. If the
	// channel is retired by then, the message opens another channel, and nothing is delivered.
	message bool
}

// past is something that happened before the schedule begins.
type past struct {
	reports  []report      // delivered
	dies     int           // a sweep runs, and dies after this many requests
	deadFor  time.Duration // how long ago that was
	finishes bool          // a sweep runs to its end
}

// story is what happens around one channel, whatever the number of actors.
type story struct {
	name     string
	reason   string // why it matters
	backends []backend
	before   []past
	one      [][]delivery // by handler, for one handler
	two      [][]delivery // for two
	cached   bool         // the two also as concurrent requests of one instance
}

// scenario is a story with its actors.
type scenario struct {
	story
	backend  backend
	handlers [][]delivery
	sweeps   int
	faults   int  // how many failures a schedule may have
	shared   bool // the handlers are concurrent requests of one instance, with one cache
}

func (s scenario) name() string {
	name := fmt.Sprintf("%s/%s/%dx%d", s.story.name, s.backend, len(s.handlers), s.sweeps)
	if s.shared {
		name += "-shared"
	}
	return fmt.Sprintf("%s/%d", name, s.faults)
}

const (
	created   = "created"
	wrapup    = "wrapup"
	completed = "completed"
	canceled  = "canceled"
	deleted   = "deleted"
)

// dueTask is a task that ended so long ago that its channel is due.
var dueTask = past{reports: []report{{1, created, 5 * time.Hour}, {1, completed, 2 * time.Hour}}}

func one(reports ...report) delivery { return delivery{reports: reports} }

var (
	everywhere = []backend{onChat, onConversations, onInteraction}
	reversible = []backend{onChat}
)

// stories lists the sequences of events that matter.
var stories = []story{
	{
		name: "duplicate", reason: "at least once: the same end is told again while the channel is retired",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{one(report{1, completed, 2 * time.Hour})}},
		two: [][]delivery{{one(report{1, completed, 2 * time.Hour})}, {one(report{1, completed, 2 * time.Hour}, report{1, created, 5 * time.Hour})}},
	},
	{
		name: "first-contact", cached: true, reason: "the end arrives before the beginning, and both make the record",
		backends: everywhere,
		one:      [][]delivery{{one(report{1, completed, 2 * time.Hour}), one(report{1, created, 5 * time.Hour})}},
		two:      [][]delivery{{one(report{1, completed, 2 * time.Hour})}, {one(report{1, created, 5 * time.Hour})}},
	},
	{
		name: "late-reply", cached: true, reason: "a task opens on a channel that is being retired",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{one(report{2, created, 0})}},
		two: [][]delivery{{one(report{2, created, 0})}, {one(report{2, created, 0})}},
	},
	{
		name: "reopened-and-ended", cached: true, reason: "a task opens and ends while the channel is being retired, so the clock starts anew",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{one(report{2, created, 0}), one(report{2, completed, 0})}},
		two: [][]delivery{{one(report{2, created, 0})}, {one(report{2, completed, 0})}},
	},
	{
		name: "transfer", cached: true, reason: "one task ends as another begins on the same channel, told in either order",
		backends: everywhere, before: []past{{reports: []report{{1, created, 5 * time.Hour}}}},
		one: [][]delivery{{one(report{1, completed, 2 * time.Hour}), one(report{2, created, 2 * time.Hour})}},
		two: [][]delivery{{one(report{1, completed, 2 * time.Hour})}, {one(report{2, created, 2 * time.Hour})}},
	},
	{
		name: "late-news", reason: "a whole task is told hours late: its beginning opens the channel, its end makes it due at once",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{one(report{2, created, 110 * time.Minute}), one(report{2, completed, 90 * time.Minute})}},
		two: [][]delivery{{one(report{2, created, 110 * time.Minute})}, {one(report{2, completed, 90 * time.Minute})}},
	},
	{
		name: "canceled", reason: "a task that nobody accepted ends as canceled, and is deleted afterwards",
		backends: everywhere, before: []past{{reports: []report{{1, created, 5 * time.Hour}}}},
		one: [][]delivery{{one(report{1, canceled, 2 * time.Hour}), one(report{2, created, 0})}},
		two: [][]delivery{{one(report{1, canceled, 2 * time.Hour}), one(report{2, created, 0})}, {one(report{1, deleted, 115 * time.Minute})}},
	},
	{
		name: "batch", reason: "one delivery brings several events, out of order and twice",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{one(report{2, wrapup, 0}, report{2, created, time.Minute}, report{2, wrapup, 0})}},
		two: [][]delivery{{one(report{2, wrapup, 0}, report{2, created, time.Minute})}, {one(report{2, completed, 0}, report{1, completed, 2 * time.Hour})}},
	},
	{
		name: "interrupted", reason: "an earlier sweep died after it had changed the channel, and a task has opened since",
		backends: everywhere,
		before:   []past{dueTask, {dies: 5, deadFor: 40 * time.Minute}, {reports: []report{{2, created, 110 * time.Minute}}}},
		one:      [][]delivery{{one(report{2, completed, 90 * time.Minute})}},
		two:      [][]delivery{{one(report{2, completed, 90 * time.Minute})}, {one(report{3, created, 0})}},
	},
	{
		name: "reopened-after", reason: "the channel was retired in an earlier sweep, and a task has opened since",
		backends: reversible,
		before:   []past{dueTask, {finishes: true}, {reports: []report{{2, created, 110 * time.Minute}}}},
		one:      [][]delivery{{one(report{2, completed, 90 * time.Minute})}},
		two:      [][]delivery{{one(report{2, completed, 90 * time.Minute})}, {one(report{3, created, 0})}},
	},
	{
		name: "customer-writes", reason: "a message comes in whose task is heard of only later",
		backends: everywhere, before: []past{dueTask},
		one: [][]delivery{{{reports: []report{{2, created, 0}}, message: true}}},
		two: [][]delivery{{{reports: []report{{2, created, 0}}, message: true}}, {one(report{1, completed, 2 * time.Hour})}},
	},
}

// scenarios returns every story on every backend with every set of actors. Deep adds
// schedules with two failures.
func scenarios(deep bool) []scenario {
	var list []scenario
	for _, st := range stories {
		for _, b := range st.backends {
			for _, handlers := range [][][]delivery{st.one, st.two} {
				for sweeps := 1; sweeps <= 2; sweeps++ {
					list = append(list, scenario{story: st, backend: b, handlers: handlers, sweeps: sweeps, faults: 1})
					if deep && len(handlers)+sweeps < most {
						list = append(list, scenario{story: st, backend: b, handlers: handlers, sweeps: sweeps, faults: 2})
					}
				}
			}
			if st.cached && b == onChat { // the cache does not know of backends
				list = append(list, scenario{story: st, backend: b, handlers: st.two, sweeps: 1, shared: true})
			}
		}
	}
	return list
}

// find returns the scenario of that name.
func find(name string) (scenario, bool) {
	all := scenarios(true)
	i := slices.IndexFunc(all, func(s scenario) bool { return s.name() == name })
	if i < 0 {
		return scenario{}, false
	}
	return all[i], true
}
