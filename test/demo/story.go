package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// days is how long the contact centre lives, and retention how long the demo's functions
// keep a channel.
const (
	days      = 6 * 24 * time.Hour
	retention = 48 * time.Hour
	tick      = time.Hour // between two sweeps
)

// verb is what happens in one step of a story.
type verb string

const (
	arrive     verb = "arrive"      // a new channel comes into being
	open       verb = "open"        // a task is created on it
	accept     verb = "accept"      // an agent takes the task
	wrap       verb = "wrap"        // the agent ends the conversation, and tidies up
	complete   verb = "complete"    // the agent closes the task
	cancel     verb = "cancel"      // nobody took the task
	deleteTask verb = "delete task" // somebody deletes the task
	say        verb = "say"         // the customer writes
	vanish     verb = "vanish"      // somebody deletes the channel by hand
)

// step is one thing that happens, at a time after the story's beginning.
type step struct {
	after time.Duration
	verb  verb
	task  int // which of the story's tasks
	line  string
}

// useCase is a kind of story, told many times at different hours.
type useCase struct {
	name    string
	count   int
	voice   bool // its tasks are on no channel
	script  func(r *rand.Rand) []step
	comment string // what it shows, for the table
}

// minutes returns a time between two numbers of minutes.
func minutes(r *rand.Rand, least, most int) time.Duration {
	return time.Duration(least+r.IntN(most-least)) * time.Minute
}

// talk is a task from its creation to its end, with the given time until the wrap-up.
func talk(task int, from, length time.Duration, opening string) []step {
	return []step{
		{from, open, task, opening},
		{from + 2*time.Minute, accept, task, "an agent takes it"},
		{from + length, wrap, task, "the agent wraps up"},
		{from + length + 3*time.Minute, complete, task, "the agent closes the task"},
	}
}

func steps(groups ...[]step) []step {
	var all []step
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

func begin() []step { return []step{{0, arrive, 0, "a new channel"}} }

// useCases is the life of the contact centre. The first three are the ones that
// flexsweep was made for.
var useCases = []useCase{
	{name: "1 no answer", count: 70, comment: "outbound SMS, never answered", script: func(r *rand.Rand) []step {
		return steps(begin(), talk(1, time.Minute, minutes(r, 5, 60), "an agent writes to a customer, who never answers"))
	}},
	{name: "2 late answer", count: 60, comment: "the clock starts anew", script: func(r *rand.Rand) []step {
		late := 20*time.Hour + minutes(r, 0, 20*60)
		return steps(begin(), talk(1, time.Minute, minutes(r, 5, 60), "an agent writes to a customer"),
			[]step{{late, say, 0, "the customer answers late"}}, talk(2, late+time.Minute, minutes(r, 5, 90),
				"the answer makes a new task on the same channel"))
	}},
	{name: "2 answers again and again", count: 20, comment: "never quiet for two days", script: func(r *rand.Rand) []step {
		all := steps(begin(), talk(1, time.Minute, minutes(r, 5, 60), "an agent writes to a customer"))
		for task, at := 2, time.Duration(0); task <= 4; task++ {
			at += 38*time.Hour + minutes(r, 0, 120)
			all = steps(all, []step{{at, say, 0, "the customer answers late"}}, talk(task, at+time.Minute, minutes(r, 5, 60), "a new task on the same channel"))
		}
		return all
	}},
	{name: "3 next message, new channel", count: 40, comment: "the old one stays retired", script: func(r *rand.Rand) []step {
		again := 80*time.Hour + minutes(r, 0, 600)
		return steps(begin(), talk(1, time.Minute, minutes(r, 5, 60), "a customer writes"),
			[]step{{again, arrive, 0, "the same customer writes again: the old channel is retired, so Flex opens a new one"}},
			talk(2, again+time.Minute, minutes(r, 5, 60), "a new task on the new channel"))
	}},
	{name: "transfer", count: 40, comment: "two tasks on one channel", script: func(r *rand.Rand) []step {
		long := 50*time.Hour + minutes(r, 0, 600)
		return steps(begin(), []step{
			{time.Minute, open, 1, "a customer writes"},
			{3 * time.Minute, accept, 1, "an agent takes it"},
			{20 * time.Minute, open, 2, "the agent transfers it: a second task on the same channel"},
			{22 * time.Minute, accept, 2, "a specialist takes it"},
			{23 * time.Minute, wrap, 1, "the first agent wraps up"},
			{25 * time.Minute, complete, 1, "the first task is closed; the second is still open"},
			{long, wrap, 2, "the specialist wraps up, two days later"},
			{long + 5*time.Minute, complete, 2, "the second task is closed"},
		})
	}},
	{name: "nobody takes it", count: 25, comment: "ends as canceled", script: func(r *rand.Rand) []step {
		return steps(begin(), []step{{time.Minute, open, 1, "a customer writes"}, {minutes(r, 10, 120), cancel, 1, "nobody takes the task; it is canceled"}})
	}},
	{name: "task deleted", count: 15, comment: "never completed", script: func(r *rand.Rand) []step {
		return steps(begin(), []step{{time.Minute, open, 1, "a customer writes"}, {minutes(r, 10, 120), deleteTask, 1, "somebody deletes the task"}})
	}},
	{name: "still open", count: 20, comment: "the agent is at work", script: func(*rand.Rand) []step {
		return steps(begin(), []step{{time.Minute, open, 1, "a customer writes"}, {4 * time.Minute, accept, 1, "an agent takes it, and is at work ever since"}})
	}},
	{name: "in wrap-up", count: 10, comment: "not ended either", script: func(r *rand.Rand) []step {
		return steps(begin(), []step{
			{time.Minute, open, 1, "a customer writes"}, {4 * time.Minute, accept, 1, "an agent takes it"},
			{minutes(r, 10, 60), wrap, 1, "the agent wraps up, and forgets to close the task"},
		})
	}},
	{name: "channel deleted by hand", count: 10, comment: "nothing left to retire", script: func(r *rand.Rand) []step {
		return steps(begin(), talk(1, time.Minute, minutes(r, 5, 60), "a customer writes"),
			[]step{{30*time.Hour + minutes(r, 0, 300), vanish, 0, "somebody deletes the channel"}})
	}},
	{name: "voice", count: 40, voice: true, comment: "no channel at all", script: func(r *rand.Rand) []step {
		return talk(1, 0, minutes(r, 2, 20), "a call")
	}},
}

// channelTypes are dealt out to the stories in turn.
var channelTypes = []string{"sms", "whatsapp", "web"}

// story is one telling of a use case.
type story struct {
	useCase  *useCase
	number   int
	chat     bool // else a conversation
	kind     string
	begins   time.Duration
	steps    []step
	channels []*life // each channel of the story, in the order of arrival
	tasks    map[int]string
	taskOn   map[int]*life
	lines    []string
}

// life is what the demo itself knows of one channel: the ground truth.
type life struct {
	sid         string
	chat        bool
	attributes  string // as the channel came into being
	interaction string
	// interactionTold: a task's attributes named the interaction, so it must be closed, too.
	interactionTold bool
	unit            string        // the interaction's channel
	open            map[int]bool  // tasks that have not ended
	lastEnd         time.Duration // of the latest ended task, since the demo's beginning
	everEnded       bool
	deleted         bool
	messages        int
	retiredAfter    time.Duration // when a sweep reported it retired
	retired         bool
	told            *story
}

// tell makes the stories, the same ones for the same seed.
func tell(seed uint64) []*story {
	r := rand.New(rand.NewPCG(seed, 1))
	var stories []*story
	for i := range useCases {
		for n := range useCases[i].count {
			stories = append(stories, &story{
				useCase: &useCases[i], number: n, chat: n%2 == 0, kind: channelTypes[n%len(channelTypes)],
				begins: minutes(r, 1, 23*60) + time.Duration(r.IntN(60))*time.Second,
				steps:  useCases[i].script(r), tasks: map[int]string{}, taskOn: map[int]*life{},
			})
		}
	}
	return stories
}

// current is the channel that the story is on.
func (s *story) current() *life { return s.channels[len(s.channels)-1] }

func (s *story) tellLine(at time.Duration, line string) {
	s.lines = append(s.lines, fmt.Sprintf("day %d %02d:%02d  %s", int(at.Hours())/24+1, int(at.Hours())%24, int(at.Minutes())%60, line))
}
