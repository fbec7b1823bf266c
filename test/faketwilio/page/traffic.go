package page

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// streams are the sinks of Event Streams, each with its subscriptions.
func streams(state faketwilio.State) section {
	s := section{ID: "sinks", Title: "Sinks", Nothing: "No sink has been made yet: events go nowhere.", Total: len(state.Sinks)}
	for _, sink := range state.Sinks {
		r := row{
			ID: sink.SID, Name: sink.SID, Note: sink.Destination, Chips: []chip{{sink.Status, lifeTone(sink.Status)}},
			Facts: []fact{
				{"SID", sink.SID}, {"Destination", sink.Destination}, {"Type", sink.Type}, {"Description", sink.Description},
			},
		}
		types := 0
		for _, subscription := range state.Subscriptions {
			if subscription.Sink == sink.SID {
				types += len(subscription.Types)
				r.Facts = append(r.Facts, fact{"Subscription", subscription.SID})
				r.Blocks = append(r.Blocks, block{"Event types of " + short(subscription.SID), strings.Join(subscription.Types, "\n")})
			}
		}
		r.Chips = append(r.Chips, chip{count(types, "event type"), ""})
		s.Rows = append(s.Rows, r)
	}
	return s
}

// deliveries are the batches of events on their way to sinks.
func deliveries(state faketwilio.State, latest []faketwilio.Delivery) section {
	s := section{ID: "deliveries", Title: "Deliveries", Nothing: "Nothing has been delivered yet."}
	for _, n := range state.Deliveries {
		s.Total += n
	}
	for _, d := range latest {
		s.Rows = append(s.Rows, delivery(d))
	}
	return s
}

func delivery(d faketwilio.Delivery) row {
	tones := map[string]string{"delivered": "good", "pending": "warn", "dropped": "bad"}
	r := row{
		ID: fmt.Sprintf("delivery-%d", d.Number), Name: "Delivery " + fmt.Sprint(d.Number), Note: shortTypes(d.EventTypes), Time: d.Created,
		Chips: []chip{{d.Outcome, tones[d.Outcome]}},
		Facts: []fact{
			{"To", d.URL}, {"Sink", d.Sink}, {"Subscription", d.Subscription}, {"Reason", d.Reason}, {"Created", stamp(d.Created)},
		},
		Blocks:   []block{{"Events", strings.Join(pairs(d.EventTypes, d.EventIDs), "\n")}},
		Attempts: d.Attempts,
	}
	if n := len(d.Attempts); n > 0 {
		r.Chips = append(r.Chips, chip{result(d.Attempts[n-1]), ""})
		if n > 1 { // one is what everybody expects
			r.Chips = append(r.Chips, chip{count(n, "attempt"), "warn"})
		}
	}
	return r
}

// result is what an attempt ended in.
func result(a faketwilio.Attempt) string {
	if a.Status == 0 {
		return "no answer"
	}
	return fmt.Sprint(a.Status)
}

// shortTypes are the event types of a delivery without what they all begin with.
func shortTypes(types []string) string {
	names := make([]string, len(types))
	for i, name := range types {
		names[i] = strings.TrimPrefix(strings.TrimPrefix(name, "com.twilio."), "taskrouter.")
	}
	return strings.Join(slices.Compact(names), ", ")
}

// pairs are the lines of two lists side by side.
func pairs(left, right []string) []string {
	lines := make([]string, min(len(left), len(right)))
	for i := range lines {
		lines[i] = left[i] + "  " + right[i]
	}
	return lines
}

// journal is what was asked of the fake, and what it answered.
func journal(state faketwilio.State, latest []faketwilio.Exchange) section {
	s := section{ID: "journal", Title: "Requests", Nothing: "Nothing has been asked of the fake yet.", Total: state.Calls}
	for _, e := range latest {
		s.Rows = append(s.Rows, exchange(e))
	}
	return s
}

func exchange(e faketwilio.Exchange) row {
	query := ""
	if e.Query != "" {
		query = "?" + e.Query
	}
	r := row{
		ID: fmt.Sprintf("request-%d", e.Number), Name: e.Method + " " + e.Product, Note: e.Path + query, Time: e.Time,
		Chips: []chip{{outcome(e), statusTone(e.Status)}},
		Facts: []fact{
			{"Number", fmt.Sprint(e.Number)}, {"Address", "https://" + e.Host + e.Path + query}, {"Route", e.Route}, {"Time", stamp(e.Time)},
		},
		Blocks: []block{
			{"Request headers", headers(e.Header)}, {"Request form", form(e.Form)}, {"Request body", pretty(e.Body)},
			{"Response headers", plainHeaders(e.ResponseHeader)}, {"Response body", pretty(e.Response)},
		},
	}
	if e.Fault != "" {
		r.Chips = append(r.Chips, chip{e.Fault, "bad"})
		r.Facts = append(r.Facts, fact{"Fault", e.Fault})
	}
	return r
}

// outcome is the status, or what came instead of one.
func outcome(e faketwilio.Exchange) string {
	if e.Status == 0 {
		return e.Outcome
	}
	return fmt.Sprint(e.Status)
}

func statusTone(status int) string {
	switch {
	case status == 0 || status >= 500:
		return "bad"
	case status >= 400:
		return "warn"
	}
	return "good"
}

func headers(header http.Header) string {
	plain := make(map[string]string, len(header))
	for name, values := range header {
		plain[name] = strings.Join(values, ", ")
	}
	return plainHeaders(plain)
}

func plainHeaders(header map[string]string) string {
	lines := make([]string, 0, len(header))
	for name, value := range header {
		lines = append(lines, name+": "+value)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// form is a form's fields, one a line; those that hold JSON are indented.
func form(values url.Values) string {
	var lines []string
	for name, list := range values {
		for _, value := range list {
			lines = append(lines, name+" = "+pretty(value))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
