package faketwilio

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	const create = "POST"
	tests := []struct {
		name, reason string
		fault        Fault
		status, code int // 0: the connection breaks
		made         bool
	}{
		{"throttled", "a 429 is never processed", Fault{Status: 429, RetryAfter: "3"}, 429, 20429, false},
		{"own code", "a product's code", Fault{Status: 429, Code: 54009}, 429, 54009, false},
		{"broken", "a 500 before the write", Fault{Status: 500}, 500, 20500, false},
		{"broken late", "a 500 after the write", Fault{Status: 500, Late: true}, 500, 20500, true},
		{"reset", "the connection breaks before the write", Fault{Reset: true}, 0, 0, false},
		{"reset late", "the connection breaks after the write", Fault{Reset: true, Late: true}, 0, 0, true},
		{"other product", "the fault is for another product", Fault{Product: productChat, Status: 500}, 201, 0, true},
		{"other method", "the fault is for another method", Fault{Method: "GET", Status: 500}, 201, 0, true},
		{"other path", "the fault is for another path", Fault{Path: "/Maps$", Status: 500}, 201, 0, true},
		{"this path", "the path matches", Fault{Product: productSync, Method: create, Path: "/Documents$", Status: 503}, 503, 20500, false},
		{"second request", "only the second one", Fault{Nth: 2, Status: 500}, 201, 0, true},
		{"latency only", "late, but right", Fault{Latency: time.Hour, Virtual: true}, 201, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s, documents := ledger(t, Options{})
			s.Faults().Add(test.fault)
			service := strings.Split(documents, "/")[3]
			response, err := s.Transport().RoundTrip(c.request(create, documents, []string{"UniqueName", "a"}))
			if test.status == 0 {
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("error %v, want a reset connection: %s", err, test.reason)
				}
			} else if err != nil || response.StatusCode != test.status {
				t.Errorf("answered %v, %v, want status %d: %s", response, err, test.status, test.reason)
			} else if got := response.Header.Get("Retry-After"); got != test.fault.RetryAfter {
				t.Errorf("Retry-After %q, want %q: %s", got, test.fault.RetryAfter, test.reason)
			}
			if _, made := s.Document(service, "a"); made != test.made {
				t.Errorf("document made: %v, want %v: %s", made, test.made, test.reason)
			}
			if test.fault.Virtual && s.Clock().Now().Sub(DefaultStart) != test.fault.Latency {
				t.Errorf("the clock stands at %s, want the latency to have passed: %s", s.Clock().Now(), test.reason)
			}
			if s.Journal().Calls() != 1 {
				t.Errorf("%d calls in the journal, want 1: faults are calls too", s.Journal().Calls())
			}
		})
	}
}

func TestFaultCounts(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	id := s.Faults().Add(Fault{Status: 503, Times: 2})
	statuses := func(n int) (list []int) {
		for range n {
			list = append(list, c.get(documents).status)
		}
		return list
	}
	if got := statuses(3); got[0] != 503 || got[1] != 503 || got[2] != 200 {
		t.Errorf("answered %v, want two faults and then none", got)
	}
	s.Faults().Remove(id)
	s.Faults().Add(Fault{Status: 500, Probability: 0.5})
	failed := 0
	for _, status := range statuses(1000) {
		if status == 500 {
			failed++
		}
	}
	if failed < 400 || failed > 600 {
		t.Errorf("%d of 1000 failed, want about half", failed)
	}
	s.Faults().Clear()
	if got := statuses(1); got[0] != 200 {
		t.Errorf("answered %v after all faults were cleared", got)
	}
}

func TestFaultHTML(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	s.Faults().Add(Fault{Status: 502, HTML: true})
	response, err := s.Transport().RoundTrip(c.request("GET", documents, nil))
	if err != nil || response.StatusCode != 502 || response.Header.Get("Content-Type") != "text/html" {
		t.Errorf("answered %v, %v, want a gateway's page", response, err)
	}
}

func TestBadFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]Fault{
		"no effect": {Product: productSync}, "late alone": {Late: true, Latency: time.Second}, "no expression": {Path: "(", Status: 500},
	} {
		if _, err := newFaults(0).add(fault); err == nil {
			t.Errorf("%s: added without an error", name)
		}
	}
}

func TestHangEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	s.Faults().Add(Fault{Hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	request := c.request("GET", documents, nil).WithContext(ctx)
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := s.Transport().RoundTrip(request); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the request's own end", err)
	}
}

// Over HTTP a reset is a connection that closes with no answer.
func TestResetOverHTTP(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	server := httptest.NewServer(s)
	defer server.Close()
	s.Faults().Add(Fault{Reset: true, Late: true, Method: "POST"})
	request := c.request("POST", documents, []string{"UniqueName", "a"})
	request.Host = request.URL.Host
	request.URL.Scheme, request.URL.Host = "http", strings.TrimPrefix(server.URL, "http://")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	if response, err := transport.RoundTrip(request); err == nil {
		t.Errorf("answered %s, want a broken connection", response.Status)
	}
	if _, made := s.Document(strings.Split(documents, "/")[3], "a"); !made {
		t.Error("the write did not take effect")
	}
}
