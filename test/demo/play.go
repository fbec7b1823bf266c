package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// moment is one step of one story, or a tick of the scheduler, at a time after the
// demo's beginning.
type moment struct {
	at    time.Duration
	story *story
	step  step
}

// play is one run of the demo.
type play struct {
	world    *world
	sweepURL string
	token    string
	client   *http.Client
	stories  []*story
	lives    map[string]*life // by channel SID
	now      time.Duration
	sweeps   sweepTotals
	hook     int // requests to Twilio that the webhook made
	day      int // the last one that was announced
}

// sweepTotals adds up the reports of all sweeps.
type sweepTotals struct {
	runs, calls, retired, gone int
	overhead                   int // requests that a sweep makes whatever it retires: control, pages, history
}

// timeline lists the steps of all stories and the scheduler's ticks, in order.
func timeline(stories []*story) []moment {
	var all []moment
	for _, s := range stories {
		for _, st := range s.steps {
			all = append(all, moment{s.begins + st.after, s, st})
		}
	}
	for at := tick; at <= days; at += tick {
		all = append(all, moment{at: at})
	}
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	return all
}

func (p *play) run(ctx context.Context) error {
	for _, m := range timeline(p.stories) {
		if m.at > days {
			break
		}
		if err := p.turnTo(ctx, m.at); err != nil {
			return err
		}
		if err := p.happen(ctx, m); err != nil {
			return fmt.Errorf("after %s: %w", hours(m.at), err)
		}
		p.announce(m.at)
	}
	return p.turnTo(ctx, days)
}

// announce prints a line for each day that has passed.
func (p *play) announce(at time.Duration) {
	if day := int(at / (24 * time.Hour)); day > p.day {
		p.day = day
		fmt.Printf("day %d has passed: %d channels, %d sweeps, %d channels retired, %d requests to Twilio\n",
			day, len(p.lives), p.sweeps.runs, p.sweeps.retired+p.sweeps.gone, p.hook+p.sweeps.calls)
	}
}

func (p *play) happen(ctx context.Context, m moment) error {
	if m.story == nil {
		return p.sweep(ctx)
	}
	m.story.tellLine(m.at, m.step.line)
	return p.step(ctx, m.story, m.step)
}

// turnTo turns the fake's clock: events are delivered as their time comes.
func (p *play) turnTo(ctx context.Context, at time.Duration) error {
	before, err := p.world.Calls(ctx)
	if err != nil {
		return err
	}
	if err := p.world.Advance(ctx, at-p.now); err != nil {
		return err
	}
	p.now = at
	after, err := p.world.Calls(ctx)
	p.hook += after - before
	return err
}

func (p *play) sweep(ctx context.Context) error {
	report, err := sweepOnce(ctx, p.client, p.sweepURL, p.token)
	if err != nil {
		return err
	}
	t := &p.sweeps
	t.runs++
	t.calls += report.Calls
	const control, history, historyDocument, pageSize = 1, 2, 1, 100
	pages := (report.Walked + historyDocument + pageSize - 1) / pageSize
	t.overhead += control + history + pages
	t.retired += report.Retired
	t.gone += report.Gone
	for _, item := range report.Items {
		l := p.lives[item.Channel]
		if l == nil {
			return fmt.Errorf("the sweep acted on channel %s, which the demo did not make", item.Channel)
		}
		l.told.tellLine(p.now, "sweep: "+item.Did+strings.TrimRight(" "+item.Text, " "))
		if item.Did == "retired" || item.Did == "gone" {
			l.retired, l.retiredAfter = true, p.now
		}
	}
	return nil
}

// step lets one step of a story happen, in the fake and in what the demo knows.
func (p *play) step(ctx context.Context, s *story, st step) error {
	var l *life
	if len(s.channels) > 0 {
		l = s.current()
	}
	switch st.verb {
	case arrive:
		return p.arrive(ctx, s)
	case open:
		attributes := s.taskAttributes(l)
		sid, err := p.world.NewTask(ctx, attributes)
		s.tasks[st.task] = sid
		s.taskOn[st.task] = l
		if l != nil {
			l.open[st.task] = true
		}
		return err
	case say:
		l.messages++
		return p.world.Say(ctx, l.sid, "hello again")
	case vanish:
		l.deleted = true
		return p.world.deleteChannel(ctx, l)
	}
	if on := s.taskOn[st.task]; on != nil && st.verb.ends() {
		delete(on.open, st.task)
		on.everEnded, on.lastEnd = true, max(on.lastEnd, p.now)
	}
	return p.world.SetTask(ctx, s.tasks[st.task], taskStatus[st.verb])
}

func (v verb) ends() bool { return v == complete || v == cancel || v == deleteTask }

// taskStatus is TaskRouter's word for what happens to a task.
var taskStatus = map[verb]string{
	accept: "assigned", wrap: "wrapping", complete: "completed", cancel: "canceled", deleteTask: "deleted",
}

// arrive makes the story's next channel.
func (p *play) arrive(ctx context.Context, s *story) error {
	l := &life{chat: s.chat, open: map[int]bool{}, told: s}
	l.attributes = fmt.Sprintf(`{"long_lived":true,"status":"ACTIVE","case":"%d-%d","ratio":1.50,"note":"kept as it is"}`, s.number, len(s.channels))
	if !s.chat {
		l.attributes = fmt.Sprintf(`{"case":"%d-%d","ratio":1.50}`, s.number, len(s.channels))
	}
	if err := p.world.newChannel(ctx, l, s.kind); err != nil {
		return err
	}
	s.channels = append(s.channels, l)
	p.lives[l.sid] = l
	return nil
}

// taskAttributes are those that Flex gives a task: of both generations, and of a call.
func (s *story) taskAttributes(l *life) string {
	switch {
	case l == nil:
		return `{"direction":"inbound","call_sid":"CA00000000000000000000000000000000"}`
	case l.chat:
		return fmt.Sprintf(`{"channelSid":%q,"channelType":%q}`, l.sid, s.kind)
	case l.interaction == "" || s.number%3 == 0:
		return fmt.Sprintf(`{"channelType":%q,"conversations":{"media":[{"conversation_sid":%q}]}}`, s.kind, l.sid)
	}
	l.interactionTold = true
	return fmt.Sprintf(`{"conversationSid":%q,"channelType":%q,"flexInteractionSid":%q,"flexInteractionChannelSid":%q}`, l.sid, s.kind, l.interaction, l.unit)
}
