package faketwilio

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Outcomes of a delivery.
const (
	outcomePending   = "pending"
	outcomeDelivered = "delivered"
	outcomeDropped   = "dropped"
)

// How deliveries are retried: exponential back-off with jitter, for four hours [docs events/event-delivery-and-duplication].
// The first wait and the longest are the fake's own; Twilio does not publish its.
const (
	retryFirst  = time.Second
	retryMost   = 10 * time.Minute
	retryWindow = 4 * time.Hour
)

// keptDeliveries is how many deliveries the server remembers. Of more, it forgets the oldest that have ended.
const keptDeliveries = 200_000

// Delivery is one batch of events on its way to a sink.
type Delivery struct {
	Number       int       `json:"number"` // counts from 1
	Sink         string    `json:"sink"`
	Subscription string    `json:"subscription,omitempty"` // none for the test event of a sink
	URL          string    `json:"url"`
	EventIDs     []string  `json:"event_ids"`
	EventTypes   []string  `json:"event_types"`
	Tasks        []string  `json:"tasks"` // that each event is about; "" for one that is about none
	Created      time.Time `json:"created"`
	Attempts     []Attempt `json:"attempts"`
	Outcome      string    `json:"outcome"` // pending, delivered or dropped
	Reason       string    `json:"reason,omitempty"`
}

// Attempt is one request of a delivery.
type Attempt struct {
	Time   time.Time `json:"time"`
	Status int       `json:"status,omitempty"` // 0 if there was no answer
	Error  string    `json:"error,omitempty"`
}

// delivery is a Delivery with its body.
type delivery struct {
	Delivery
	body []byte
}

func (d *delivery) finish(outcome, reason string) {
	d.Outcome, d.Reason, d.body = outcome, reason, nil
}

// remember keeps a delivery for Deliveries.
func (e *eventState) remember(d *delivery) {
	e.deliveries = append(e.deliveries, d)
	if len(e.deliveries) < 2*keptDeliveries {
		return
	}
	excess := len(e.deliveries) - keptDeliveries
	e.deliveries = slices.DeleteFunc(e.deliveries, func(d *delivery) bool {
		if excess == 0 || d.Outcome == outcomePending {
			return false
		}
		excess--
		return true
	})
}

// Deliveries returns the deliveries that were made or are being made, oldest first. One that is waiting for a retry, or for its
// events to fill a batch, is pending.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Delivery, len(s.events.deliveries))
	for i, d := range s.events.deliveries {
		list[i] = d.Delivery
		list[i].Attempts = append([]Attempt{}, d.Attempts...)
	}
	return list
}

// attemptAll makes one attempt at each delivery, as many at once as the options allow, and waits for all.
func (s *Server) attemptAll(due []*delivery) {
	if len(due) == 1 || s.options.DeliveryParallel == 1 {
		for _, d := range due {
			s.attempt(d)
		}
		return
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, s.options.DeliveryParallel)
	for _, d := range due {
		slots <- struct{}{}
		group.Go(func() {
			s.attempt(d)
			<-slots
		})
	}
	group.Wait()
}

// attempt sends a delivery once and decides what becomes of it.
func (s *Server) attempt(d *delivery) {
	s.mu.Lock()
	body, address, token := d.body, d.URL, s.tokens[0]
	lostAnswer := s.events.chaos.losesAnswer()
	s.mu.Unlock()
	if address == "" {
		s.settle(d, Attempt{Time: s.clock.Now(), Error: "the sink is not a webhook"})
		return
	}
	attempt := Attempt{Time: s.clock.Now()}
	attempt.Status, attempt.Error = s.post(address, body, token)
	if lostAnswer {
		attempt.Status, attempt.Error = 0, "answer lost on the way"
	}
	s.settle(d, attempt)
}

// post sends a signed body and returns the status, or the error if there is none. User information in the address is sent as
// Basic auth with the first request; redirects are not followed.
func (s *Server) post(address string, body []byte, token string) (status int, problem string) {
	target, err := s.sign(address, body, token)
	if err != nil {
		return 0, err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.options.DeliveryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.requestURL, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "TwilioProxy/1.1")
	request.Header.Set("X-Twilio-Signature", target.signature)
	if target.user != nil {
		password, _ := target.user.Password()
		request.SetBasicAuth(target.user.Username(), password)
	}
	response, err := s.options.DeliveryTransport.RoundTrip(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	// The connection can be used again only once the answer is read; its content says nothing to Twilio.
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)); err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, ""
}

// settle records an attempt: 2xx is success, 4xx but 429 is the end, and everything else is tried again for four hours.
func (s *Server) settle(d *delivery, attempt Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Attempts = append(d.Attempts, attempt)
	switch {
	case attempt.Status >= 200 && attempt.Status < 300:
		d.finish(outcomeDelivered, "")
		return
	case d.URL == "":
		d.finish(outcomeDropped, attempt.Error)
		return
	case attempt.Status >= 400 && attempt.Status < 500 && attempt.Status != http.StatusTooManyRequests:
		d.finish(outcomeDropped, "refused by the receiver")
		return
	}
	wait := s.events.chaos.backoff(len(d.Attempts))
	if s.clock.Now().Add(wait).After(d.Created.Add(retryWindow)) {
		d.finish(outcomeDropped, "not accepted within 4 hours")
		return
	}
	s.clock.AfterFunc(wait, func() { s.attempt(d) })
}
