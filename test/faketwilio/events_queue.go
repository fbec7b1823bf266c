package faketwilio

import (
	"container/heap"
	"encoding/json"
	"time"
)

// queueKey names a queue: the events of one subscription, or (with no subscription) a sink's test events.
type queueKey struct{ sink, subscription string }

// queue holds the events that wait for their first delivery, by the time they are due.
type queue struct {
	to           *sink
	subscription string
	events       eventHeap
	seq          uint64
}

// queued is one event in a queue.
type queued struct {
	event CloudEvent
	due   time.Time
	seq   uint64
}

func (s *Server) queueOf(to *sink, subscription string) *queue {
	key := queueKey{to.sid, subscription}
	q, known := s.events.queues[key]
	if !known {
		q = &queue{to: to, subscription: subscription}
		s.events.queues[key] = q
	}
	return q
}

// enqueue puts an event in a queue, as often and as late as chaos has it. The caller holds s.mu.
func (s *Server) enqueue(q *queue, event CloudEvent, now time.Time) {
	for _, fate := range s.events.chaos.fates() {
		if fate.lost {
			s.newDelivery(q, []CloudEvent{event}, now).finish(outcomeDropped, "lost before it was sent")
			continue
		}
		delay := s.options.DeliveryDelay + fate.delay
		q.seq++
		heap.Push(&q.events, queued{event: event, due: now.Add(delay), seq: q.seq})
		s.pumpAfter(q, delay)
	}
}

func (s *Server) pumpAfter(q *queue, delay time.Duration) {
	s.clock.AfterFunc(delay, func() { s.pump(q) })
}

// pump sends the events that are due, in batches.
func (s *Server) pump(q *queue) {
	s.mu.Lock()
	now := s.clock.Now()
	var due []*delivery
	for {
		batch := s.nextBatch(q, now)
		if len(batch) == 0 {
			break
		}
		due = append(due, s.newDelivery(q, batch, now))
	}
	s.mu.Unlock()
	s.attemptAll(due)
}

// nextBatch takes a batch out of a queue. One that is not full waits for more, until its oldest event has waited long enough.
func (s *Server) nextBatch(q *queue, now time.Time) []CloudEvent {
	if len(q.events) == 0 || q.events[0].due.After(now) {
		return nil
	}
	size := s.events.chaos.batchSize(s.options.BatchSize)
	oldest := q.events[0].due
	var batch []queued
	for len(batch) < size && len(q.events) > 0 && !q.events[0].due.After(now) {
		batch = append(batch, heap.Pop(&q.events).(queued))
	}
	if deadline := oldest.Add(s.options.BatchWait); len(batch) < size && now.Before(deadline) {
		for _, waiting := range batch {
			heap.Push(&q.events, waiting)
		}
		s.pumpAfter(q, deadline.Sub(now))
		return nil
	}
	events := make([]CloudEvent, len(batch))
	for i, taken := range batch {
		events[i] = taken.event
	}
	return events
}

// newDelivery records a delivery that is about to be made. The caller holds s.mu.
func (s *Server) newDelivery(q *queue, events []CloudEvent, now time.Time) *delivery {
	body, err := json.Marshal(events)
	if err != nil {
		panic("faketwilio: encode events: " + err.Error())
	}
	s.events.delivered++
	d := &delivery{body: body}
	d.Delivery = Delivery{
		Number: s.events.delivered, Sink: q.to.sid, Subscription: q.subscription, URL: q.to.destination,
		Created: now, Outcome: outcomePending,
	}
	for _, event := range events {
		d.EventIDs = append(d.EventIDs, event.ID)
		d.EventTypes = append(d.EventTypes, event.Type)
		d.Tasks = append(d.Tasks, taskOf(event))
	}
	s.events.remember(d)
	return d
}

// eventHeap orders events by due time, then by arrival.
type eventHeap []queued

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(queued)) }
func (h *eventHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = queued{}
	*h = old[:len(old)-1]
	return last
}

// taskOf is the task that an event is about, or "".
func taskOf(event CloudEvent) string {
	var data struct {
		Payload struct {
			Task string `json:"task_sid"`
		} `json:"payload"`
	}
	_ = json.Unmarshal(event.Data, &data) // an event that was injected raw need not be about a task
	return data.Payload.Task
}
