package faketwilio

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// receiver is a webhook that answers the statuses it is given, one after another, and the last one for ever.
type receiver struct {
	t        *testing.T
	statuses []int
	bodies   []string
	requests []*http.Request
}

func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		r.t.Errorf("read delivery: %v", err)
	}
	status := http.StatusOK
	if len(r.statuses) > 0 {
		status = r.statuses[min(len(r.requests), len(r.statuses)-1)]
	}
	r.bodies, r.requests = append(r.bodies, string(body)), append(r.requests, request)
	return &http.Response{StatusCode: status, Body: http.NoBody, Request: request}, nil
}

const hookURL = "https://user:pass@hook.example.com/events?x=1"

// deliveryWorld is a server with one subscription to the ends of tasks, whose deliveries go to a receiver.
func deliveryWorld(t *testing.T, options Options, statuses ...int) (*Server, *receiver, string) {
	t.Helper()
	hook := &receiver{t: t, statuses: statuses}
	options.DeliveryTransport = hook
	s := New(options)
	s.NewSubscription(s.NewSink(hookURL), "com.twilio.taskrouter.task.created", "com.twilio.taskrouter.task.completed")
	return s, hook, s.NewWorkspace("Flex")
}

func TestDeliveryOutcomes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		reason   string
		statuses []int
		outcome  string
		attempts int // 0: more than 20
	}{
		{"accepted", "2xx is success", []int{200}, outcomeDelivered, 1},
		{"accepted later", "202 is success too", []int{202}, outcomeDelivered, 1},
		{"forbidden", "a 4xx drops the event for good", []int{403}, outcomeDropped, 1},
		{"not found", "404 is no exception", []int{404}, outcomeDropped, 1},
		{"throttled", "429 is the one 4xx that is retried", []int{429, 200}, outcomeDelivered, 2},
		{"broken", "5xx is retried", []int{500, 503, 200}, outcomeDelivered, 3},
		{"redirected", "a redirect is neither success nor refusal", []int{302, 200}, outcomeDelivered, 2},
		{"never accepted", "after 4 hours the event is dropped", []int{503}, outcomeDropped, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _, workspace := deliveryWorld(t, Options{}, test.statuses...)
			s.NewTask(workspace, `{"channelSid":"CH1"}`)
			s.Clock().Advance(5 * time.Hour)
			got := s.Deliveries()
			if len(got) != 1 {
				t.Fatalf("%d deliveries, want 1", len(got))
			}
			if got[0].Outcome != test.outcome {
				t.Errorf("outcome %s (%s), want %s: %s", got[0].Outcome, got[0].Reason, test.outcome, test.reason)
			}
			if n := len(got[0].Attempts); n != test.attempts && (test.attempts != 0 || n <= 20) {
				t.Errorf("%d attempts, want %d: %s", n, test.attempts, test.reason)
			}
			last := got[0].Attempts[len(got[0].Attempts)-1].Time.Sub(got[0].Created)
			if last > retryWindow || (test.attempts == 0 && last < retryWindow-2*retryMost) {
				t.Errorf("last attempt after %s, want within 4 hours and near their end: %s", last, test.reason)
			}
		})
	}
}
