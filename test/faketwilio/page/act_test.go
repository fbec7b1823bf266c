package page

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

func TestTurnClock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		form   url.Values
		by     time.Duration
		says   string // part of the answer
		reason string
	}{
		{"a minute", url.Values{"turn": {"1m"}}, time.Minute, "08:01:00", "a button"},
		{"a day", url.Values{"turn": {"24h"}}, 24 * time.Hour, "Tue 6 Jan 2026", "a button"},
		{"the next timer", url.Values{"turn": {"next"}}, 5 * time.Minute, "08:05:00", "the deletion of a task that ended"},
		{"a time", url.Values{"set": {"2026-01-07T08:00"}}, 48 * time.Hour, "Wed 7 Jan", "as a browser's field gives it"},
		{"a time with seconds", url.Values{"set": {"2026-01-05T08:00:07"}}, 7 * time.Second, "08:00:07", "the seconds are there if they are not zero"},
		{"the present", url.Values{"set": {"2026-01-05T08:00"}}, 0, "08:00:00", "no step at all"},
		{"the past", url.Values{"set": {"2026-01-05T07:59"}}, 0, "backwards", "Twilio's time does not run backwards"},
		{"backwards", url.Values{"turn": {"-1h"}}, 0, "backwards", "the same by a duration"},
		{"no duration", url.Values{"turn": {"soon"}}, 0, `"soon" is no duration`, "a mistake is named"},
		{"no time", url.Values{"set": {"tomorrow"}}, 0, `"tomorrow" is no time`, "a mistake is named"},
		{"nothing", url.Values{}, 0, "is no time", "an empty form asks for nothing that can be done"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.fake.SetTask(s.fake.NewTask(s.workspace, "{}"), "completed")
			s.fake.Flush()
			_, _, body := s.ask(http.MethodPost, prefix+"clock", test.form, "Accept: text/plain")
			if !strings.Contains(body, test.says) {
				t.Errorf("the answer %q does not say %q: %s", body, test.says, test.reason)
			}
			if got := s.fake.Clock().Now().Sub(faketwilio.DefaultStart); got != test.by {
				t.Errorf("the clock was turned by %v, want %v: %s", got, test.by, test.reason)
			}
		})
	}
}

func TestNextTimerWithoutOne(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	status, _, body := s.ask(http.MethodPost, prefix+"clock", url.Values{"turn": {"next"}}, "Accept: text/plain")
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "no timer is set") {
		t.Errorf("answered %d %s, want 422 and the reason", status, body)
	}
	if _, _, page := s.ask(http.MethodGet, "/", nil); !strings.Contains(page, `aria-keyshortcuts="n" disabled`) {
		t.Error("the button for the next timer can be pressed although there is none")
	}
}

// Each button of the page makes the fault that it says: tried on a request that writes.
func TestEffects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		effect  string
		outcome string
		status  int
		written bool
	}{
		{"429", "answered", 429, false},
		{"500", "answered", 500, false},
		{"503", "answered", 503, false},
		{"reset", "reset", 0, false},
		{"late-reset", "reset", 0, true},
		{"late-500", "answered", 500, true},
		{"hang", "hang", 0, false},
		{"slow", "answered", 201, true},
		{"slower", "answered", 201, true},
	}
	tested := []string{}
	for _, test := range tests {
		tested = append(tested, test.effect)
		t.Run(test.effect, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			status, _, said := s.ask(http.MethodPost, prefix+"faults", url.Values{"effect": {test.effect}, "often": {"always"}}, "Accept: text/plain")
			if status != http.StatusOK || !strings.Contains(said, "Switched on fault-1") {
				t.Fatalf("answered %d %s", status, said)
			}
			faults := s.fake.Faults().List()
			if strings.HasPrefix(test.effect, "slow") {
				if len(faults) != 1 || faults[0].Latency <= 0 {
					t.Fatalf("faults are %+v, want one with a latency", faults)
				}
				return // to wait for it would only be slow
			}
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			s.fake.Journal().Observe(func(e faketwilio.Exchange) {
				if e.Outcome == "hang" {
					giveUp()
				}
			})
			s.callWith(ctx, http.MethodPost, "https://sync.twilio.com/v1/Services/"+s.sync+"/Documents", url.Values{"UniqueName": {"x"}, "Data": {"{}"}})
			last := s.fake.Journal().Latest(1)[0]
			if last.Outcome != test.outcome || last.Status != test.status {
				t.Errorf("the request ended in %s %d, want %s %d", last.Outcome, last.Status, test.outcome, test.status)
			}
			if _, written := s.fake.Document(s.sync, "x"); written != test.written {
				t.Errorf("the document was written: %v, want %v", written, test.written)
			}
		})
	}
	offered := []string{}
	for _, e := range effects {
		offered = append(offered, e.Value)
	}
	if diff := cmp.Diff(tested, offered); diff != "" {
		t.Errorf("not every button is tested (-tested +offered):\n%s", diff)
	}
}

func TestAddFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		form   url.Values
		want   []faketwilio.Fault
		says   string
		reason string
	}{
		{"everywhere", url.Values{"effect": {"500"}, "often": {"always"}}, []faketwilio.Fault{{ID: "fault-1", Status: 500}}, "500 for every request", "the form as it stands at first"},
		{"somewhere, once", url.Values{"effect": {"429"}, "often": {"once"}, "product": {"sync"}, "method": {"POST"}, "path": {"/Documents"}},
			[]faketwilio.Fault{{ID: "fault-1", Status: 429, RetryAfter: "1", Product: "sync", Method: "POST", Path: "/Documents", Times: 1}},
			"429 with Retry-After 1 for POST sync /Documents at most 1 time", "every field"},
		{"at random", url.Values{"effect": {"reset"}, "often": {"tenth"}}, []faketwilio.Fault{{ID: "fault-1", Reset: true, Probability: 0.1}}, "with probability 0.1", "a chance"},
		{"no regular expression", url.Values{"effect": {"500"}, "often": {"always"}, "path": {"("}}, []faketwilio.Fault{}, `"(" is no regular expression`, "the fake would panic"},
		{"no effect", url.Values{"often": {"always"}}, []faketwilio.Fault{}, `no effect ""`, "Enter in a field presses no button"},
		{"no frequency", url.Values{"effect": {"500"}, "often": {"never"}}, []faketwilio.Fault{}, `no frequency "never"`, "a mistake is named"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			status, _, body := s.ask(http.MethodPost, prefix+"faults", test.form, "Accept: text/plain")
			if !strings.Contains(body, test.says) {
				t.Errorf("the answer %q does not say %q: %s", body, test.says, test.reason)
			}
			if refused := status == http.StatusUnprocessableEntity; refused != (len(test.want) == 0) {
				t.Errorf("answered %d: %s", status, test.reason)
			}
			if diff := cmp.Diff(test.want, s.fake.Faults().List()); diff != "" {
				t.Errorf("faults in force (-want +got), %s:\n%s", test.reason, diff)
			}
		})
	}
}

func TestRemoveFault(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fault string
		left        int
		says        string
	}{
		{"one", "fault-1", 1, "Switched off fault-1"},
		{"all", "all", 0, "all faults"},
		{"one that has gone", "fault-9", 2, "Switched off fault-9"},
		{"none", "", 2, `no fault ""`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.fake.Faults().Add(faketwilio.Fault{Status: 500})
			s.fake.Faults().Add(faketwilio.Fault{Hang: true})
			_, _, body := s.ask(http.MethodPost, prefix+"mend", url.Values{"fault": {test.fault}}, "Accept: text/plain")
			if left := len(s.fake.Faults().List()); left != test.left || !strings.Contains(body, test.says) {
				t.Errorf("%d faults are left and the answer is %q, want %d and %q", left, body, test.left, test.says)
			}
		})
	}
}

// Without a script a form leads back to the page, or shows why it was refused.
func TestFormsWithoutScript(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	status, header, _ := s.ask(http.MethodPost, prefix+"clock", url.Values{"turn": {"1h"}})
	if status != http.StatusSeeOther || header.Get("Location") != "/" {
		t.Errorf("answered %d to %q, want 303 to the page", status, header.Get("Location"))
	}
	status, _, body := s.ask(http.MethodPost, prefix+"clock", url.Values{"turn": {"soon"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert">turn clock: &#34;soon&#34;`) || !strings.Contains(body, "<h1>") {
		t.Errorf("answered %d, want 422 and the page with the reason", status)
	}
	if status, _, _ := s.ask(http.MethodPost, prefix+"clock", url.Values{"turn": {strings.Repeat("1", maxForm)}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a form larger than any of the page is answered by %d, want 422", status)
	}
}
