package page

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// maxForm bounds what a form of the page may send.
const maxForm = 64 << 10

// act does what a form asks for. do returns what it did, in a sentence, or why it cannot.
// A script gets the sentence; a form without one gets the page.
func (p page) act(do func(*http.Request) (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		done, err := "", r.ParseForm()
		if err == nil {
			done, err = do(r)
		}
		scripted := r.Header.Get("Accept") == "text/plain"
		switch {
		case err != nil && scripted:
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		case err != nil:
			p.render(w, r, http.StatusUnprocessableEntity, err.Error())
		case scripted:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = fmt.Fprint(w, done) // the reader went away: nobody is left to tell
		default:
			http.Redirect(w, r, "/", http.StatusSeeOther)
		}
	}
}

// turnClock moves the clock: turn=1h by a duration, turn=next to the next timer, or
// set=2026-01-07T08:00 (UTC) to a time.
func (p page) turnClock(r *http.Request) (string, error) {
	clock := p.fake.Clock()
	by, err := wantedTurn(clock, r.PostForm.Get("turn"), r.PostForm.Get("set"))
	if err != nil {
		return "", err
	}
	if by < 0 {
		return "", errors.New("turn clock: time does not run backwards")
	}
	clock.Advance(by)
	return "It is " + stamp(clock.Now()) + " now, and all that was due has been done.", nil
}

// wantedTurn is how far a form asks the clock to be turned.
func wantedTurn(clock *faketwilio.Clock, turn, set string) (time.Duration, error) {
	switch turn {
	case "":
		return untilSet(clock, set)
	case "next":
		due, ok := clock.Next()
		if !ok {
			return 0, errors.New("turn clock: no timer is set")
		}
		return max(due.Sub(clock.Now()), 0), nil
	}
	by, err := time.ParseDuration(turn)
	if err != nil {
		return 0, fmt.Errorf("turn clock: %q is no duration such as 1h or 48h", turn)
	}
	return by, nil
}

// untilSet is how far away a time is, as a browser's field gives it.
func untilSet(clock *faketwilio.Clock, set string) (time.Duration, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, set); err == nil {
			return at.Sub(clock.Now()), nil
		}
	}
	return 0, fmt.Errorf("set clock: %q is no time such as 2026-01-07T08:00", set)
}

// addFault puts a fault in force: what happens from the presets, to which requests and how
// often from the form.
func (p page) addFault(r *http.Request) (string, error) {
	form := r.PostForm
	kind, known := find(effects, form.Get("effect"))
	if !known {
		return "", fmt.Errorf("switch on fault: there is no effect %q", form.Get("effect"))
	}
	often, known := find(frequencies, form.Get("often"))
	if !known {
		return "", fmt.Errorf("switch on fault: there is no frequency %q", form.Get("often"))
	}
	if _, err := regexp.Compile(form.Get("path")); err != nil {
		return "", fmt.Errorf("switch on fault: %q is no regular expression: %w", form.Get("path"), err)
	}
	fault := kind.fault
	fault.Times, fault.Probability = often.fault.Times, often.fault.Probability
	fault.Product, fault.Method, fault.Path = form.Get("product"), form.Get("method"), form.Get("path")
	id := p.fake.Faults().Add(fault)
	return fmt.Sprintf("Switched on %s: %s.", id, describe(fault)), nil
}

// removeFault switches one fault off, or all of them: fault=all.
func (p page) removeFault(r *http.Request) (string, error) {
	id := r.PostForm.Get("fault")
	switch {
	case id == "all":
		p.fake.Faults().Clear()
		return "Switched off all faults.", nil
	case !strings.HasPrefix(id, "fault-"):
		return "", fmt.Errorf("switch off fault: there is no fault %q", id)
	}
	p.fake.Faults().Remove(id)
	return "Switched off " + id + ".", nil
}
