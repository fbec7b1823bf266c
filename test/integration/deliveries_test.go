package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

func TestDeliveriesThatFail(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, reason string
		attempts     int // until it is delivered
		broken       func(w *world.World, r *http.Request) (*http.Response, error)
	}{
		{"the answer comes too late", "Twilio waits 5 seconds; what was stored meanwhile comes a second time", 3,
			func(w *world.World, r *http.Request) (*http.Response, error) {
				if _, err := w.ToWebhook(r); err != nil {
					return nil, err
				}
				return nil, context.DeadlineExceeded
			}},
		{"nobody listens", "a cold start that fails, a revision that is being replaced", 3, func(*world.World, *http.Request) (*http.Response, error) {
			return nil, errors.New("connection refused")
		}},
		{"429 by Google", "no instance is free", 3, func(*world.World, *http.Request) (*http.Response, error) {
			return world.Answer(http.StatusTooManyRequests), nil
		}},
		{"500 by Google", "the instance fell over", 3, func(*world.World, *http.Request) (*http.Response, error) {
			return world.Answer(http.StatusInternalServerError), nil
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			var attempts int
			w.Deliver = func(r *http.Request) (*http.Response, error) {
				if attempts++; attempts < row.attempts {
					return row.broken(w, r)
				}
				return w.ToWebhook(r)
			}
			c := w.NewChat()
			task := c.NewWaitingTask()
			w.Pass(time.Hour)
			want(t, "attempts", len(w.Fake.Deliveries()[0].Attempts), row.attempts)
			want(t, "outcome", w.Fake.Deliveries()[0].Outcome, "delivered")
			want(t, "phase", c.Record().Tasks[task.SID].Phase, channel.Open)
			want(t, "calls to Twilio, however often it came", w.WebhookWire.Calls(), 2)
		})
	}
}

func TestTwilioAsksForMorePatienceThanThereIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "a Retry-After beyond the 5 seconds cannot be waited for: 503 at once, and the redelivery does it", nil)
	strike(w, faketwilio.Fault{Status: http.StatusTooManyRequests, RetryAfter: "30"}, 1)
	c := w.NewChat()
	task := c.NewWaitingTask()
	want(t, "status of the first attempt", w.Fake.Deliveries()[0].Attempts[0].Status, http.StatusServiceUnavailable)
	want(t, "records meanwhile", len(w.Records()), 0)
	w.Pass(time.Minute)
	mustKnow(t, c, task, channel.Open)
}

func TestTwoInstancesMeet(t *testing.T) {
	t.Parallel()
	for request, what := range map[int]string{1: "before the load", 2: "before the create"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "two instances hear of a channel for the first time at once: "+
				"the second one's create meets 409, and it reads again at once, without a redelivery", nil)
			c := w.NewChat()
			sid := w.Fake.NewTask(w.Workspace, c.TaskAttributes())
			before := capture(c) // another task's event, which the other instance gets
			other := w.Newest.SID
			w.WebhookWire.At(request, func() {
				restartedAlongside(w, func() { want(t, "HTTP status of the other", post(w, before), http.StatusOK) })
			})
			w.Fake.Event("com.twilio.taskrouter.task.created", w.Fake.Clock().Now(), map[string]any{"task_sid": sid, "task_attributes": c.TaskAttributes()})
			w.Fake.Flush()
			deliveries := w.Fake.Deliveries()
			last := deliveries[len(deliveries)-1]
			want(t, "attempts", len(last.Attempts), 1)
			want(t, "outcome", last.Outcome, "delivered")
			for _, task := range []string{sid, other} {
				want(t, "phase of "+task, c.Record().Tasks[task].Phase, channel.Open)
			}
			want(t, "conflicts in the log", w.Logs.Last(t, "delivery")["conflicts"].(float64), float64(request-1))
		})
	}
}

func TestPartOfABatchFails(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, "one channel's record cannot be written: the others are durable at once, and the repetition of the whole batch brings the one", nil,
		faketwilio.Options{Seed: 1, BatchSize: 100})
	var threads []*world.Thread
	var tasks []string
	for range 5 {
		c := w.NewChat()
		threads, tasks = append(threads, c), append(tasks, w.Fake.NewTask(w.Workspace, c.TaskAttributes()))
	}
	w.Fake.Faults().Add(faketwilio.Fault{Product: "sync", Path: threads[2].SID, Status: http.StatusInternalServerError})
	w.Fake.Flush()
	want(t, "status of the first attempt", w.Fake.Deliveries()[0].Attempts[0].Status, http.StatusServiceUnavailable)
	want(t, "records meanwhile", len(w.Records()), 4)
	want(t, "failed, in the log", w.Logs.Last(t, "delivery")["failed"].(float64), 1)
	w.Fake.Faults().Clear()
	w.WebhookWire.Calls()
	w.Pass(time.Minute)
	for i, c := range threads {
		mustKnow(t, c, &world.Job{World: w, SID: tasks[i]}, channel.Open)
	}
	want(t, "calls of the repetition", w.WebhookWire.Calls(), 2)
}

func TestLostEvents(t *testing.T) {
	t.Parallel()
	for _, lost := range []string{"created", "completed"} {
		t.Run(lost, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "after 4 hours Event Streams drops an event; the other events of the task say enough", nil)
			c := w.NewChat()
			sid := ""
			create := func() { sid = c.NewTask().SID }
			complete := func() { (&world.Job{World: w, SID: sid}).Becomes("completed") }
			if lost == "created" {
				w.Lose(create)
				complete()
			} else {
				create()
				w.Lose(complete)
			}
			w.Pass(10 * time.Minute)
			want(t, "phase", c.Record().Tasks[sid].Phase, channel.Ended)
			w.Pass(retention)
			if lost == "created" { // nothing says that the task was made on this channel
				want(t, "unconfirmed", w.Sweep().Skipped[channel.ReasonUnconfirmed], 1)
				w.Pass(7*24*time.Hour - retention)
			}
			want(t, "retired", w.Sweep().Retired, 1)
		})
	}
}

// A contact centre's morning, told twice: once with perfect deliveries, once with
// duplicates, reordering, delays, lost answers, batches of any size and two instances
// of the webhook that know nothing of each other. The ledgers must be the same.
func TestDeliveriesInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			const reason = "Event Streams promises at least once, and no order"
			tell := func(w *world.World) map[string]channel.Record {
				var threads []*world.Thread
				for i := range 40 {
					begin := []func(*world.World) *world.Thread{(*world.World).NewChat, (*world.World).NewConversation,
						(*world.World).NewPlainConversation}[i%3]
					threads = append(threads, begin(w))
				}
				names := map[string]string{} // SIDs of tasks are made up as they come, so they differ
				for i, c := range threads {
					first := c.NewTask()
					w.Pass(time.Duration(i) * time.Second)
					second := c.NewTask()
					names[first.SID], names[second.SID] = fmt.Sprint(i, " first"), fmt.Sprint(i, " second")
					first.Becomes("wrapping", "completed")
					switch i % 4 {
					case 0:
						second.Becomes("canceled")
					case 1:
						second.Becomes("deleted")
					case 2:
						second.Complete()
					}
				}
				w.Pass(3 * time.Hour)
				records := w.Records()
				for sid, r := range records {
					named := map[string]channel.Task{}
					for task, t := range r.Tasks {
						named[names[task]] = t
					}
					r.Tasks = named
					records[sid] = r
				}
				return records
			}
			calm := tell(newWorld(t, reason, nil))

			w := newWorldWith(t, reason, nil, faketwilio.Options{Seed: 1, ChaosSeed: seed + 1, DeliveryParallel: 4})
			w.Fake.Chaos(faketwilio.Chaos{Duplicate: 0.3, Reorder: 0.5, LostAnswer: 0.2, MaxDelay: 2 * time.Minute, BatchMin: 1, BatchMax: 20})
			instances := []http.Handler{w.Webhook, nil}
			w.RestartWebhook()
			instances[1] = w.Webhook
			var n atomic.Int64
			w.Deliver = func(r *http.Request) (*http.Response, error) {
				return world.Serve(instances[n.Add(1)%2], r)
			}
			wild := tell(w)
			if diff := cmp.Diff(calm, wild); diff != "" {
				t.Errorf("the ledger depends on the deliveries (-calm +wild):\n%s", diff)
			}
		})
	}
}
