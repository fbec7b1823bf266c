package page

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// option is one choice of the form of faults: what it adds to a fault, and its words.
type option struct {
	Value, Label, Help string
	fault              faketwilio.Fault
}

// effects are what may happen to a request.
var effects = []option{
	{"429", "429", "too many requests, try again after 1 s", faketwilio.Fault{Status: http.StatusTooManyRequests, RetryAfter: "1"}},
	{"500", "500", "server error, nothing was done", faketwilio.Fault{Status: http.StatusInternalServerError}},
	{"503", "503 page", "the answer is a gateway's page instead of JSON", faketwilio.Fault{Status: http.StatusServiceUnavailable, HTML: true}},
	{"reset", "Reset", "the connection breaks, nothing was done", faketwilio.Fault{Reset: true}},
	{"late-reset", "Reset after the write", "it was done, then the connection breaks", faketwilio.Fault{Reset: true, Late: true}},
	{"late-500", "500 after the write", "it was done, and is answered by an error", faketwilio.Fault{Status: http.StatusInternalServerError, Late: true}},
	{"hang", "Hang", "never answered", faketwilio.Fault{Hang: true}},
	{"slow", "Slow 0.5 s", "half a second late", faketwilio.Fault{Latency: 500 * time.Millisecond}},
	{"slower", "Slow 3 s", "three seconds late", faketwilio.Fault{Latency: 3 * time.Second}},
}

// frequencies are how often it happens.
var frequencies = []option{
	{Value: "always", Label: "every time"},
	{Value: "once", Label: "once", fault: faketwilio.Fault{Times: 1}},
	{Value: "thrice", Label: "three times", fault: faketwilio.Fault{Times: 3}},
	{Value: "tenth", Label: "1 in 10, at random", fault: faketwilio.Fault{Probability: 0.1}},
	{Value: "half", Label: "1 in 2, at random", fault: faketwilio.Fault{Probability: 0.5}},
}

// products and methods are where it may happen; the first choice is anywhere.
var (
	products = []option{
		{Value: "", Label: "any product"}, {Value: "sync", Label: "Sync"}, {Value: "chat", Label: "Chat"},
		{Value: "conversations", Label: "Conversations"}, {Value: "flex-api", Label: "Flex"},
		{Value: "taskrouter", Label: "TaskRouter"}, {Value: "events", Label: "Event Streams"},
	}
	methods = []option{
		{Value: "", Label: "any method"}, {Value: http.MethodGet, Label: "GET (read)"},
		{Value: http.MethodPost, Label: "POST (write)"}, {Value: http.MethodDelete, Label: "DELETE"},
	}
)

// find returns the option with that value.
func find(options []option, value string) (option, bool) {
	for _, o := range options {
		if o.Value == value {
			return o, true
		}
	}
	return option{}, false
}

// describe says in words what a fault does, whoever made it.
func describe(f faketwilio.Fault) string {
	words := []string{effect(f)}
	if f.Latency > 0 && (f.Status != 0 || f.Reset || f.Hang) {
		words = append(words, "after "+f.Latency.String())
	}
	if f.Late {
		words = append(words, "after the write")
	}
	if f.RetryAfter != "" {
		words = append(words, "with Retry-After "+f.RetryAfter)
	}
	where := strings.Join(strings.Fields(f.Method+" "+f.Product+" "+f.Path), " ")
	if where == "" {
		where = "every request"
	}
	words = append(words, "for "+where)
	if f.Nth > 0 {
		words = append(words, fmt.Sprintf("but only number %d", f.Nth))
	}
	if f.Times > 0 {
		words = append(words, "at most "+count(f.Times, "time"))
	}
	if f.Probability > 0 {
		words = append(words, fmt.Sprintf("with probability %g", f.Probability))
	}
	return strings.Join(words, " ")
}

// effect is what happens, without when and where.
func effect(f faketwilio.Fault) string {
	switch {
	case f.Reset:
		return "reset"
	case f.Hang:
		return "hang"
	case f.Status != 0 && f.HTML:
		return fmt.Sprintf("%d with a page", f.Status)
	case f.Status != 0:
		return fmt.Sprintf("%d", f.Status)
	}
	return f.Latency.String() + " latency"
}
