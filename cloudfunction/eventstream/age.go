package eventstream

import (
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// maxAge is how old an event may be and still begin something. Event Streams repeats for 4
// hours (https://www.twilio.com/docs/events/event-delivery-and-duplication), so an older one
// is not Twilio's doing: somebody plays a delivery again that he has captured. A record
// remembers its ended tasks for 25 hours ([channel.TaskMemory]), and so knows every younger
// event already.
const maxAge = 24 * time.Hour

// current parts the events into those that may change the record, and stale ones. An old event
// counts where it is about a task that the record knows. Of other tasks it opens none, and
// makes no record; but where there is one, an end later than all that it knows still counts:
// it can only delay.
func current(entry ledger.Entry, events []channel.Event, now time.Time) (fresh, stale []channel.Event) {
	old := func(e channel.Event) bool {
		if now.Sub(e.Time) <= maxAge {
			return false
		}
		if _, known := entry.Record.Tasks[e.TaskSID]; known {
			return false
		}
		last, _ := entry.Record.LastEnd()
		return entry.Revision == "" || e.Phase != channel.Ended || !e.Time.After(last)
	}
	fresh = make([]channel.Event, 0, len(events))
	for _, e := range events {
		if old(e) {
			stale = append(stale, e)
		} else {
			fresh = append(fresh, e)
		}
	}
	return fresh, stale
}
