package eventstream

import (
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

const (
	// remembered is for how many tasks an instance knows their channels, at some 300 bytes each.
	remembered = 10_000
	// maxPlaces bounds the channels of one task: each is written to at the task's end.
	maxPlaces = 4
)

// places remembers which channels tasks are on, since the attributes of a task may change:
// legacy transfers take channelSid out of them before the task completes, plugins empty or
// break them, and then its end names no channel, or another one.
//
// It is only a help: another instance may get the end, and an instance may end. What it
// misses the sweep finds, which looks up in TaskRouter what has been open for too long.
type places struct {
	tasks *lru.Cache[string, []place]
}

func newPlaces() *places {
	tasks, err := lru.New[string, []place](remembered)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &places{tasks: tasks}
}

// complete books the event on the channels, too, that earlier events of its task named, and
// remembers those that this one names.
func (p *places) complete(d decoded) decoded {
	if d.task.TaskSID == "" {
		return d
	}
	known, _ := p.tasks.Get(d.task.TaskSID)
	if len(d.events) > 0 {
		p.tasks.Add(d.task.TaskSID, with(known, d.events))
	}
	if d.task.Phase == channel.Open {
		return d // it opens only what it names
	}
	named := len(d.events)
	for _, at := range known {
		if books(d.events[:named], at.sid) {
			continue
		}
		event := d.task
		event.ChannelSID, event.Backend = at.sid, at.backend
		d.events = append(d.events, event)
	}
	if len(d.events) > named {
		d.disputed = named > 0
		d = d.as(apply, "")
	}
	return d
}

// with returns the known places and those of the events.
func with(known []place, events []channel.Event) []place {
	next := slices.Clone(known)
	for _, e := range events {
		at := place{e.ChannelSID, e.Backend}
		if !slices.Contains(next, at) && len(next) < maxPlaces {
			next = append(next, at)
		}
	}
	return next
}

func books(events []channel.Event, sid string) bool {
	return slices.ContainsFunc(events, func(e channel.Event) bool { return e.ChannelSID == sid })
}
