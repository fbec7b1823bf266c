package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// skewed is how far from its due time a channel may be judged either way: the clocks of
// the functions are seconds off.
const skewed = 10 * time.Second

// judge compares what Twilio and the ledger show with what happened.
func (c *centre) judge(ctx context.Context) (report, error) {
	state, err := c.State(ctx)
	if err != nil {
		return report{}, err
	}
	deliveries, err := c.Deliveries(ctx)
	if err != nil {
		return report{}, err
	}
	r := report{Channels: len(c.truths), Kills: c.kills, Sweeps: c.sweeps, BrokenSweeps: c.broken, Requests: state.Calls}
	r.countDeliveries(deliveries)
	c.heard = acknowledged(deliveries)
	shown := map[string]faketwilio.Conversation{}
	for _, service := range state.ChatServices {
		for _, channel := range service.Channels {
			shown[channel.SID] = channel
		}
	}
	records, err := ledger(state, c.Ledger)
	if err != nil {
		return report{}, err
	}
	for sid, t := range c.truths {
		c.judgeChannel(&r, sid, t, shown[sid], records[sid])
		c.judgeRecord(&r, sid, t, records[sid])
	}
	slices.Sort(r.Faults)
	return r, nil
}

// countDeliveries counts events, repetitions of what had failed, and duplicates: events
// that came again although the function had said that it has them, or had stored them.
func (r *report) countDeliveries(deliveries []faketwilio.Delivery) {
	copies := map[string]int{}
	for _, d := range deliveries {
		r.Retries += max(0, len(d.Attempts)-1)
		for _, id := range d.EventIDs {
			copies[id]++
		}
		if d.Outcome != "delivered" {
			r.fault(&r.Lost, "delivery %d of %d events was %s: %s", d.Number, len(d.EventIDs), d.Outcome, d.Reason)
		}
	}
	r.Events = len(copies)
	for _, n := range copies {
		r.DuplicatesKept += n - 1
	}
}

func (r *report) fault(count *int, format string, args ...any) {
	*count++
	if len(r.Faults) < 50 {
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	}
}

// judgeChannel compares one channel with what it must be.
func (c *centre) judgeChannel(r *report, sid string, t *truth, shown faketwilio.Conversation, held record) {
	got := retired(shown, t.chat)
	if got {
		r.Retired++
	}
	due := t.lastEnd.Add(retention)
	want := len(t.open) == 0 && !t.lastEnd.IsZero() && due.Before(c.now)
	borderline := len(t.open) == 0 && due.Sub(c.now).Abs() <= skewed
	switch {
	case got == want || borderline:
	case got && !t.chat && !c.heardBefore(t, held.Retirement.Run):
		r.TooLate++ // closed is final: what is heard of only then comes too late
	default:
		r.fault(&r.Wrong, "channel %s (chat: %t): retired is %t, must be %t; %d open tasks; last end %s, due %s; record %+v",
			sid, t.chat, got, want, len(t.open), t.lastEnd, due, held)
	}
	if attributes := foreign(shown.Attributes); attributes != "1.0" {
		r.fault(&r.Wrong, "channel %s: the attribute n has become %q", sid, attributes)
	}
}

// acknowledged tells when the function first said that it has the beginning of each task.
func acknowledged(deliveries []faketwilio.Delivery) map[string]time.Time {
	heard := map[string]time.Time{}
	for _, d := range deliveries {
		last := len(d.Attempts) - 1
		if d.Outcome != "delivered" || last < 0 {
			continue
		}
		at := d.Attempts[last].Time
		for i, task := range d.Tasks {
			if before, known := heard[task]; strings.HasSuffix(d.EventTypes[i], "task.created") && (!known || at.Before(before)) {
				heard[task] = at
			}
		}
	}
	return heard
}

// heardBefore tells whether the function had acknowledged one of the open tasks when the
// sweep began, whose name begins with that time: then it must not have closed anything.
func (c *centre) heardBefore(t *truth, run string) bool {
	stamp, _, _ := strings.Cut(run, "-")
	began, err := time.Parse("20060102T150405Z", stamp)
	if err != nil {
		return true
	}
	for task := range t.open {
		if at, known := c.heard[task]; known && at.Before(began.Add(-skewed)) {
			return true
		}
	}
	return false
}

// foreign is the attribute that is not flexsweep's, digit by digit.
func foreign(attributes string) string {
	var a struct{ N json.RawMessage }
	if json.Unmarshal([]byte(attributes), &a) != nil {
		return "unreadable: " + attributes
	}
	return string(a.N)
}

// record is what the soak test reads of a record in the ledger.
type record struct {
	SID        string `json:"sid"`
	Status     string `json:"status"`
	Retirement struct {
		Run string `json:"run"`
	} `json:"retirement"`
	Tasks map[string]struct {
		Phase string `json:"phase"`
	} `json:"tasks"`
}

func ledger(state faketwilio.State, service string) (map[string]record, error) {
	records := map[string]record{}
	for _, s := range state.SyncServices {
		if s.SID != service {
			continue
		}
		for _, d := range s.Documents {
			var r record
			if err := json.Unmarshal(d.Data, &r); err != nil {
				return nil, fmt.Errorf("read document %s: %w", d.UniqueName, err)
			}
			records[r.SID] = r
		}
	}
	return records, nil
}

// judgeRecord compares the open tasks of a record with those of the truth.
func (c *centre) judgeRecord(r *report, sid string, t *truth, held record) {
	if len(t.open) == 0 && t.lastEnd.IsZero() {
		return // nothing ever happened on it
	}
	if held.SID == "" {
		r.fault(&r.Lost, "channel %s: there is no record", sid)
		return
	}
	for task := range t.open {
		if phase := held.Tasks[task].Phase; phase == "" || phase == "ended" {
			r.fault(&r.Lost, "channel %s: task %s is open, its record says %q", sid, task, phase)
		}
	}
	for task, known := range held.Tasks {
		if known.Phase != "ended" && !t.open[task] {
			r.fault(&r.Lost, "channel %s: task %s has ended, its record says %q", sid, task, known.Phase)
		}
	}
}
