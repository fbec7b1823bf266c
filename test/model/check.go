package main

import (
	"fmt"
)

// watch is what the checks remember of an actor.
type watch struct {
	claims bool // it has claimed the record, rightly
	warned bool // it has looked for messages when there was one of just now
}

// checker says what a step, or the end of a schedule, breaks. It keeps its verdicts,
// since few of the many steps are different.
type checker struct {
	setting
	*table
	steps map[change]facts
	acks  map[promise]string
	rests map[final]string
}

// change is what an actor made of the world.
type change struct {
	actor         int
	before, after int
}

// facts are what a change says by itself.
type facts struct {
	claims   bool // the actor claims the record
	retires  bool // the channel
	restores bool
	broken   string
}

// promise is what Twilio was told with 200 while the world was so.
type promise struct {
	acknowledged parcels
	world        int
}

// final is what the end of a schedule depends on.
type final struct {
	acknowledged parcels
	world        int
}

func newChecker(s setting, t *table) checker {
	return checker{setting: s, table: t, steps: map[change]facts{}, acks: map[promise]string{}, rests: map[final]string{}}
}

// step checks what must hold after every step, and notes in the state what later checks
// need to know.
func (c checker) step(before, after state, by choice, was wait, told parcels) (state, string) {
	f := c.change(change{by.actor, before.world, after.world})
	w := before.actors[by.actor].watch
	if was.looks {
		w.warned = c.views[before.world].messages > 0
	}
	broken := f.broken
	if broken == "" && (f.retires || f.restores) {
		broken = c.touch(by.actor, w)
	}
	if broken == "" && told != 0 {
		broken = c.promise(promise{told, after.world})
	}
	w.claims = w.claims || f.claims
	if now := &after.actors[by.actor]; !now.over {
		now.watch = w
		if by.effect == diesBefore || by.effect == diesAfter {
			now.watch = watch{}
		}
	}
	return after, broken
}

// name returns the actor's, which is also the name of a sweep's run.
func (c checker) name(actor int) string {
	if actor < len(c.parcels) {
		return fmt.Sprintf("H%d", actor+1)
	}
	return fmt.Sprintf("S%d", actor-len(c.parcels)+1)
}

func (c checker) change(key change) facts {
	f, known := c.steps[key]
	if !known {
		f = facts{}
		if key.before != key.after {
			f = judgeChange(c.name(key.actor), c.views[key.before], c.views[key.after])
		}
		c.steps[key] = f
	}
	return f
}

// judgeChange checks one change of the world: whatever happens, only the two attributes
// of a retirement change; a write of the record never forgets what was known of a task;
// a sweep claims only what is due.
func judgeChange(name string, before, after view) facts {
	f := facts{retires: after.retired() && !before.retired(), restores: before.retired() && !after.retired()}
	if broken := attributesOf(after); broken != "" {
		f.broken = broken
		return f
	}
	was, is := before.record(), after.record()
	for sid, known := range was.Tasks {
		if rank[is.Tasks[sid].Phase] < rank[known.Phase] {
			f.broken = fmt.Sprintf("%s overwrote what was known: task %s was %s, and is %q", name, sid, known.Phase, is.Tasks[sid].Phase)
			return f
		}
	}
	f.claims = claimedBy(name, is) && !claimedBy(name, was)
	if v := judge(was.Tasks, scheduleStart); f.claims && is.Status == "retiring" && v != mustRetire {
		f.broken = fmt.Sprintf("%s claimed a record that it must %s", name, v)
	}
	return f
}

func attributesOf(v view) string {
	if v.attributes != liveAttributes && v.attributes != retiredAttributes {
		return "an attribute is lost or changed: " + v.attributes
	}
	return ""
}

func claimedBy(run string, r record) bool {
	return r.Claim != nil && r.Claim.Run == run && !r.Claim.Done
}

// touch: a channel is retired and put back only under a claim, and closed only if the
// look for messages before it found nobody writing.
func (c checker) touch(actor int, w watch) string {
	switch {
	case !w.claims:
		return c.name(actor) + " changed a channel that it had not claimed"
	case w.warned:
		return c.name(actor) + " closed a conversation although it saw that somebody had just written"
	}
	return ""
}

// promise: Twilio never sends a delivery again that was acknowledged, so it must be in
// the ledger.
func (c checker) promise(key promise) string {
	broken, known := c.acks[key]
	if !known {
		tasks := c.views[key.world].record().Tasks
		for sid, told := range expected(c.reports(key.acknowledged)) {
			if rank[tasks[sid].Phase] < rank[told.Phase] {
				broken = fmt.Sprintf("a handler acknowledged that task %s is %s before the ledger had it", sid, told.Phase)
			}
		}
		c.acks[key] = broken
	}
	return broken
}

// rest lets the schedule of the path, which has come to its end, come to rest.
func (c checker) rest(s state, path []choice) string {
	key := final{s.acknowledged, s.world}
	broken, known := c.rests[key]
	if !known {
		o := c.observe(c.setting)
		defer o.cut()
		for _, step := range path {
			o.take(step)
		}
		broken = o.rest(s.acknowledged)
		c.rests[key] = broken
	}
	return broken
}
