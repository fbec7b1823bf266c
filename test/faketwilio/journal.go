package faketwilio

import (
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Exchange is one request to a product of Twilio, and its answer.
type Exchange struct {
	Number   uint64      `json:"number"` // counts from 1
	Time     time.Time   `json:"time"`   // by the server's clock
	Product  string      `json:"product"`
	Method   string      `json:"method"`
	Host     string      `json:"host"`
	Path     string      `json:"path"`
	Query    string      `json:"query"`
	Route    string      `json:"route"`  // method, host and path pattern, as in CallsByRoute; empty if there is none
	Header   http.Header `json:"header"` // of the request, without Authorization
	Form     url.Values  `json:"form,omitempty"`
	Body     string      `json:"body,omitempty"`     // of a request that is no form
	Outcome  string      `json:"outcome"`            // answered, reset or hang
	Fault    string      `json:"fault,omitempty"`    // id of the fault that struck
	Status   int         `json:"status"`             // 0 if nothing was answered
	Response string      `json:"response,omitempty"` // as much of it as the journal keeps
	// ResponseHeader are the headers of the answer.
	ResponseHeader map[string]string `json:"response_header,omitempty"`
}

// Journal keeps the latest exchanges in a ring, and exact counts of all of them.
type Journal struct {
	mu        sync.Mutex
	ring      []Exchange
	size      int
	bodies    int
	calls     int
	number    uint64
	byRoute   map[string]int
	observers []func(Exchange)
}

func newJournal(size, bodies int) *Journal {
	return &Journal{size: size, bodies: bodies, byRoute: map[string]int{}}
}

// Calls returns the number of requests to Twilio's API since the last Reset, those that faults struck included.
func (j *Journal) Calls() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.calls
}

// CallsByRoute returns the number of requests per method, host and path pattern, such as
// "POST sync.twilio.com/v1/Services/{ServiceSid}/Documents". Requests to no known path are under "unknown".
func (j *Journal) CallsByRoute() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.byRoute)
}

// Entries returns the exchanges that the ring still holds, oldest first.
func (j *Journal) Entries() []Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ring) < j.size {
		return append([]Exchange{}, j.ring...)
	}
	oldest := int(j.number % uint64(j.size))
	return append(append([]Exchange(nil), j.ring[oldest:]...), j.ring[:oldest]...)
}

// Reset forgets the exchanges and sets the counters to zero.
func (j *Journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ring, j.calls, j.number = nil, 0, 0
	clear(j.byRoute)
}

// Observe calls f after each exchange, with the whole response. f must not call the journal.
func (j *Journal) Observe(f func(Exchange)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.observers = append(j.observers, f)
}

// record writes an exchange down.
func (j *Journal) record(c *call, product, fault string, out answer) {
	e := Exchange{
		Time: c.now, Product: product, Method: c.method, Host: c.host, Path: c.path, Query: c.query.Encode(),
		Header: c.header.Clone(), Form: c.form, Outcome: out.outcome, Fault: fault, Status: out.status,
		Response: string(out.body), ResponseHeader: out.header,
	}
	e.Header.Del("Authorization")
	if c.form == nil {
		e.Body = c.raw
	}
	key := "unknown"
	if c.route != nil {
		key, e.Route = c.route.key, c.route.key
	}

	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls++
	j.byRoute[key]++
	e.Number = j.number + 1
	for _, observe := range j.observers {
		observe(e)
	}
	e.Response = e.Response[:min(len(e.Response), max(j.bodies, 0))]
	if len(j.ring) < j.size {
		j.ring = append(j.ring, e)
	} else {
		j.ring[j.number%uint64(j.size)] = e
	}
	j.number++
}
