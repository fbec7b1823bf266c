package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
)

// line is one customer's line of conversation: a channel at a time, as Flex keeps it.
type line struct {
	channel string // "" before the first message, and after the channel is known to be retired
	chat    bool
	open    []string // tasks that have not ended
}

// truth is what happened on one channel.
type truth struct {
	chat    bool
	open    map[string]bool
	lastEnd time.Time // zero: none has ended
}

// centre is the contact centre: it makes what happens, and remembers it.
type centre struct {
	*stage
	random   *rand.Rand
	now      time.Time
	lines    []*line
	truths   map[string]*truth
	made     int // events
	sweeps   int
	broken   int
	sweeping atomic.Bool
	heard    map[string]time.Time // when the function acknowledged a task's beginning
	pending  sync.WaitGroup
}

func newCentre(s *stage, seed uint64) *centre {
	c := &centre{stage: s, random: rand.New(rand.NewPCG(seed, 3)), now: faketwilio.DefaultStart, truths: map[string]*truth{}}
	for i := range 300 {
		c.lines = append(c.lines, &line{chat: i%2 == 0})
	}
	return c
}

// live lets time pass, a few minutes at a time, until there have been enough events, while
// functions are killed. When it returns nothing is killed or started any more.
func (c *centre) live(ctx context.Context, events int) error {
	killing, stopKilling := context.WithCancel(ctx)
	killed := make(chan error, 1)
	go func() { killed <- c.killAtRandom(killing) }()
	err := c.work(ctx, events)
	stopKilling()
	c.pending.Wait()
	return errors.Join(err, <-killed, ctx.Err())
}

// work is what people do, and the scheduler.
func (c *centre) work(ctx context.Context, events int) error {
	announced, down := 0, time.Duration(0)
	for minute := 0; c.made < events && ctx.Err() == nil; minute += 5 {
		for range 12 {
			if err := c.something(ctx); err != nil {
				return err
			}
		}
		if minute%30 == 0 {
			c.startSweep(ctx)
		}
		if err := c.pass(ctx, 5*time.Minute); err != nil {
			return err
		}
		down = c.outage(down, 5*time.Minute)
		if done := c.made * 10 / events; done > announced {
			announced = done
			fmt.Printf("soak: %d events, %d channels, %d sweeps (%d broken), %d kills\n", c.made, len(c.truths), c.sweeps, c.brokenCount(), c.killCount())
		}
	}
	return nil
}

func (c *centre) brokenCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

func (c *centre) killCount() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kills
}

// killAtRandom restarts one of the functions every now and then, in real time.
func (c *centre) killAtRandom(ctx context.Context) error {
	random := rand.New(rand.NewPCG(uint64(c.random.Int64()), 4))
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Duration(200+random.IntN(1500)) * time.Millisecond):
		}
		target := []string{"EventStreams", "Sweep"}[random.IntN(2)]
		if err := c.restart(context.WithoutCancel(ctx), target); err != nil {
			return fmt.Errorf("restart %s: %w", target, err)
		}
	}
}

func (c *centre) pass(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return c.Advance(ctx, d)
}

// something lets one thing happen on one of the lines.
func (c *centre) something(ctx context.Context) error {
	l := c.lines[c.random.IntN(len(c.lines))]
	switch {
	case len(l.open) > 0 && c.random.IntN(3) > 0:
		return c.finish(ctx, l)
	case len(l.open) < 3:
		return c.begin(ctx, l)
	}
	return nil
}

// begin lets a customer write: a task on the line's channel, or on a new one if the old
// one takes no messages any more.
func (c *centre) begin(ctx context.Context, l *line) error {
	if l.channel != "" && len(l.open) == 0 {
		shown, err := c.look(ctx, l)
		if err != nil {
			return err
		}
		if retired(shown, l.chat) {
			l.channel = ""
		}
	}
	if l.channel == "" {
		if err := c.newChannel(ctx, l); err != nil {
			return err
		}
	}
	attributes := fmt.Sprintf(`{"channelSid":%q,"channelType":"sms"}`, l.channel)
	if !l.chat {
		attributes = fmt.Sprintf(`{"conversationSid":%q,"channelType":"web"}`, l.channel)
	}
	if err := c.Say(ctx, l.channel, "hello"); err != nil {
		return c.closedMeanwhile(ctx, l, err)
	}
	task, err := c.NewTask(ctx, attributes)
	if err != nil {
		return err
	}
	c.made++
	l.open = append(l.open, task)
	t := c.truths[l.channel]
	t.open[task] = true
	return c.SetTask(ctx, task, "assigned")
}

// closedMeanwhile forgives a message that could not be sent because a sweep has closed the
// conversation: whether it should have is judged at the end. The customer's next message
// opens a new channel, and the agents are left with what they had.
func (c *centre) closedMeanwhile(ctx context.Context, l *line, cause error) error {
	shown, err := c.look(ctx, l)
	if err != nil || !retired(shown, l.chat) {
		return cause
	}
	l.channel, l.open = "", nil
	return nil
}

// finish ends one of the line's tasks, in one of the ways there are.
func (c *centre) finish(ctx context.Context, l *line) error {
	i := c.random.IntN(len(l.open))
	task := l.open[i]
	ways := [][]string{{"wrapping", "completed"}, {"wrapping", "completed"}, {"wrapping", "completed"}, {"canceled"}, {"deleted"}}
	for _, status := range ways[c.random.IntN(len(ways))] {
		if err := c.SetTask(ctx, task, status); err != nil {
			return err
		}
		c.made++
	}
	l.open = slices.Delete(l.open, i, i+1)
	t := c.truths[l.channel]
	delete(t.open, task)
	t.lastEnd = c.now
	return nil
}

func (c *centre) newChannel(ctx context.Context, l *line) error {
	sid, err := c.newThread(ctx, l.chat)
	if err != nil {
		return err
	}
	l.channel = sid
	c.truths[sid] = &truth{chat: l.chat, open: map[string]bool{}}
	return nil
}

func (c *centre) newThread(ctx context.Context, chat bool) (string, error) {
	if !chat {
		return c.NewConversation(ctx, `{"n":1.0}`)
	}
	made, err := c.NewChannels(ctx, 1, `{"long_lived":true,"status":"ACTIVE","n":1.0}`)
	if err != nil {
		return "", err
	}
	return made[0], nil
}

// look shows the line's channel, as Flex sees it.
func (c *centre) look(ctx context.Context, l *line) (shown faketwilio.Conversation, err error) {
	err = c.Control(ctx, http.MethodGet, "channels/"+l.channel, nil, &shown)
	return shown, err
}

// retired tells whether the channel takes no messages any more.
func retired(shown faketwilio.Conversation, chat bool) bool {
	if chat {
		return strings.Contains(shown.Attributes, `"long_lived":false`) && strings.Contains(shown.Attributes, `"status":"INACTIVE"`)
	}
	return shown.State == "closed"
}

// startSweep calls the sweep, and does not wait for it: life goes on meanwhile.
func (c *centre) startSweep(ctx context.Context) {
	if !c.sweeping.CompareAndSwap(false, true) {
		return // the Scheduler does not overlap its own calls either
	}
	c.sweeps++
	c.pending.Go(func() {
		defer c.sweeping.Store(false)
		if err := c.sweepOnce(ctx); err != nil {
			c.mu.Lock()
			c.broken++
			c.mu.Unlock()
		}
	})
}

func (c *centre) sweepOnce(ctx context.Context) error {
	var answer struct{ Outcome, Text string }
	if _, err := rig.CallSweep(ctx, http.DefaultClient, c.deployment.URL("Sweep"), "", &answer); err != nil {
		return err
	}
	if answer.Outcome != "completed" {
		return fmt.Errorf("the sweep is %s: %s", answer.Outcome, answer.Text)
	}
	return nil
}

// calmDown ends the bad times, waits until every delivery has arrived, and lets two
// sweeps put right what was left: by then every claim's lease has run out.
func (c *centre) calmDown(ctx context.Context) error {
	if err := c.calm(ctx); err != nil {
		return err
	}
	for range 2 {
		if err := c.pass(ctx, time.Hour); err != nil {
			return err
		}
		if err := c.sweepOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}
