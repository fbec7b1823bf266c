package faketwilio

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Outcomes of an exchange.
const (
	outcomeAnswered = "answered"
	outcomeReset    = "reset"
	outcomeHang     = "hang"
)

// Fault is something that goes wrong on demand. The first fields say on which requests, the others what happens.
type Fault struct {
	ID string `json:"id,omitempty"` // given by Add

	Product     string  `json:"product,omitempty"`     // sync, chat, conversations, flex-api, taskrouter or events; any if empty
	Method      string  `json:"method,omitempty"`      // any if empty
	Path        string  `json:"path,omitempty"`        // regular expression; any path if empty
	Nth         int     `json:"nth,omitempty"`         // only the nth request that matches, counted from 1; each if 0
	Times       int     `json:"times,omitempty"`       // strike at most so often; for ever if 0
	Probability float64 `json:"probability,omitempty"` // of each strike; always if 0

	Latency time.Duration `json:"-"`                 // before the answer; "latency" in JSON, as text
	Virtual bool          `json:"virtual,omitempty"` // the latency passes on the server's clock, at once; otherwise in real time

	Status     int    `json:"status,omitempty"`      // answer this status instead
	Code       int    `json:"code,omitempty"`        // Twilio's error code; 20429 or 20500 if 0
	RetryAfter string `json:"retry_after,omitempty"` // a Retry-After header
	HTML       bool   `json:"html,omitempty"`        // the body is a page, as a gateway's is
	Hang       bool   `json:"hang,omitempty"`        // never answer
	Reset      bool   `json:"reset,omitempty"`       // break the connection
	Late       bool   `json:"late,omitempty"`        // the request takes effect first, and only then fails
}

// ends tells whether the fault takes the place of the answer.
func (f Fault) ends() bool { return f.Status != 0 || f.Hang || f.Reset }

// answer is what the client gets.
func (f Fault) answer() answer {
	switch {
	case f.Reset:
		return answer{outcome: outcomeReset}
	case f.Hang:
		return answer{outcome: outcomeHang}
	}
	code := f.Code
	if code == 0 {
		code = codeServer
		if f.Status == http.StatusTooManyRequests {
			code = codeTooManyRequests
		}
	}
	out := fail(f.Status, code, "%s", http.StatusText(f.Status)).reply()
	if f.RetryAfter != "" {
		out = out.with("Retry-After", f.RetryAfter)
	}
	if f.HTML {
		out.body = []byte("<html><head><title>" + strconv.Itoa(f.Status) + "</title></head><body>upstream error</body></html>")
		out = out.with("Content-Type", "text/html")
	}
	return out.answer()
}

// Faults is the set of faults in force.
type Faults struct {
	mu     sync.Mutex
	random *rand.Rand
	last   int
	active []*armed
}

// armed is a fault with its counters.
type armed struct {
	Fault
	path         *regexp.Regexp
	seen, struck int
}

func newFaults(seed uint64) *Faults {
	return &Faults{random: rand.New(rand.NewPCG(seed, seedFaults))}
}

// Add puts a fault in force and returns its id. It panics if Path is no regular expression, or Late has nothing to follow it.
func (f *Faults) Add(fault Fault) string {
	id, err := f.add(fault)
	if err != nil {
		panic("faketwilio: " + err.Error())
	}
	return id
}

func (f *Faults) add(fault Fault) (string, error) {
	path, err := regexp.Compile(fault.Path)
	if err != nil {
		return "", fmt.Errorf("read path of fault: %w", err)
	}
	if fault.Late && !fault.ends() {
		return "", fmt.Errorf("read fault: late needs a status, a hang or a reset")
	}
	if !fault.ends() && fault.Latency <= 0 {
		return "", fmt.Errorf("read fault: it has no effect")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	fault.ID = "fault-" + strconv.Itoa(f.last)
	f.active = append(f.active, &armed{Fault: fault, path: path})
	return fault.ID, nil
}

// Remove takes a fault out of force. An unknown id is ignored.
func (f *Faults) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = slices.DeleteFunc(f.active, func(a *armed) bool { return a.ID == id })
}

// Clear takes all faults out of force.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = nil
}

// List returns the faults in force.
func (f *Faults) List() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Fault, 0, len(f.active))
	for _, a := range f.active {
		list = append(list, a.Fault)
	}
	return list
}

// pick returns what happens to a request: the first fault that strikes and ends it, with the latencies of all that strike.
func (f *Faults) pick(product, method, path string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var effect Fault
	for _, a := range f.active {
		if effect.ends() {
			break
		}
		if !a.strikes(f.random, product, method, path) {
			continue
		}
		latency, virtual := effect.Latency+a.Latency, effect.Virtual || a.Virtual
		effect = a.Fault
		effect.Latency, effect.Virtual = latency, virtual
	}
	return effect
}

func (a *armed) strikes(random *rand.Rand, product, method, path string) bool {
	switch {
	case a.Product != "" && a.Product != product, a.Method != "" && a.Method != method, !a.path.MatchString(path):
		return false
	case a.Times > 0 && a.struck >= a.Times:
		return false
	}
	a.seen++
	if a.Nth > 0 && a.seen != a.Nth {
		return false
	}
	if a.Probability > 0 && random.Float64() >= a.Probability {
		return false
	}
	a.struck++
	return true
}
