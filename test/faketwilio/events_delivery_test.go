package faketwilio

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

func TestDeliveryIsSigned(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, sink string
		unverified         Unverified
		request, signed    string // before bodySHA256
	}{
		{"plain", "the address as it stands in the sink", "https://h.example.com/e", Unverified{},
			"https://h.example.com/e", "https://h.example.com/e"},
		{"query", "an existing query is kept", "https://h.example.com/e?x=1", Unverified{},
			"https://h.example.com/e?x=1", "https://h.example.com/e?x=1"},
		{"userinfo", "becomes Basic auth and is not signed", "https://u:p@h.example.com/e", Unverified{},
			"https://h.example.com/e", "https://h.example.com/e"},
		{"userinfo signed", "or it is: no source tells", "https://u:p@h.example.com/e", Unverified{SignUserinfo: true},
			"https://h.example.com/e", "https://u:p@h.example.com/e"},
		{"port signed", "some of Twilio's callbacks sign the port", "https://h.example.com/e", Unverified{SignPort: true},
			"https://h.example.com/e", "https://h.example.com:443/e"},
		{"own port", "a port of one's own stays", "https://h.example.com:8443/e", Unverified{SignPort: true},
			"https://h.example.com:8443/e", "https://h.example.com:8443/e"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			hook := &receiver{t: t}
			s := New(Options{DeliveryTransport: hook, Unverified: test.unverified})
			s.NewSubscription(s.NewSink(test.sink), "com.twilio.taskrouter.task.created")
			s.NewTask(s.NewWorkspace("flex"), "{}")
			s.Flush()
			if len(hook.requests) != 1 {
				t.Fatalf("%d requests, want 1", len(hook.requests))
			}
			request, body := hook.requests[0], []byte(hook.bodies[0])
			if got, want := request.URL.String(), SignedURL(test.request, body); got != want {
				t.Errorf("sent to %s, want %s: %s", got, want, test.reason)
			}
			want := Sign(s.Credentials().AuthToken, SignedURL(test.signed, body), body)
			if got := request.Header.Get("X-Twilio-Signature"); got != want {
				t.Errorf("signature %s, want %s: %s", got, want, test.reason)
			}
			user, password, basic := request.BasicAuth()
			if wantBasic := strings.Contains(test.sink, "@"); basic != wantBasic || (basic && (user != "u" || password != "p")) {
				t.Errorf("Basic auth %v %s %s, want %v: %s", basic, user, password, wantBasic, test.reason)
			}
		})
	}
}

func TestTokenRotation(t *testing.T) {
	t.Parallel()
	s, hook, workspace := deliveryWorld(t, Options{})
	s.SetAuthToken("new")
	s.NewTask(workspace, "{}")
	s.Flush()
	url := SignedURL("https://hook.example.com/events?x=1", []byte(hook.bodies[0]))
	if got := hook.requests[0].Header.Get("X-Twilio-Signature"); got != Sign("new", url, nil) {
		t.Errorf("signature %s is not made with the new token", got)
	}
}

func TestOnlySubscribedTypes(t *testing.T) {
	t.Parallel()
	s, hook, workspace := deliveryWorld(t, Options{})
	wt := s.NewTask(workspace, "{}")
	s.SetTask(wt, "wrapping")
	s.SetTask(wt, "completed")
	s.Clock().Advance(time.Hour)
	if diff := cmp.Diff([]string{"task.created", "task.completed"}, hook.events()); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
}

// meeting answers no delivery until so many are under way at once.
type meeting struct{ arrived sync.WaitGroup }

func (m *meeting) RoundTrip(r *http.Request) (*http.Response, error) {
	m.arrived.Done()
	m.arrived.Wait()
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func TestParallelDeliveries(t *testing.T) {
	t.Parallel()
	hooks := &meeting{}
	hooks.arrived.Add(3)
	s := New(Options{DeliveryTransport: hooks, DeliveryParallel: 3})
	s.NewSubscription(s.NewSink(hookURL), "com.twilio.taskrouter.task.created")
	workspace := s.NewWorkspace("flex")
	for range 3 {
		s.NewTask(workspace, "{}")
	}
	s.Flush() // would wait for ever if the deliveries came one after another
	for _, d := range s.Deliveries() {
		if d.Outcome != outcomeDelivered {
			t.Errorf("delivery %d is %s, want it delivered", d.Number, d.Outcome)
		}
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		options      Options
		want         []int
	}{
		{"one by one", "the default", Options{}, []int{1, 1, 1, 1, 1}},
		{"by two", "as many as fit, and the rest", Options{BatchSize: 2}, []int{2, 2, 1}},
		{"all", "room for more", Options{BatchSize: 500}, []int{5}},
		{"in parallel", "what runs at once does not change the batches", Options{DeliveryParallel: 4, BatchSize: 4}, []int{4, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _, workspace := deliveryWorld(t, test.options)
			for range 5 {
				s.NewTask(workspace, "{}")
			}
			s.Flush()
			var sizes []int
			for _, d := range s.Deliveries() {
				sizes = append(sizes, len(d.EventIDs))
			}
			if diff := cmp.Diff(test.want, sizes); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestBatchWait(t *testing.T) {
	t.Parallel()
	s, hook, workspace := deliveryWorld(t, Options{BatchSize: 3, BatchWait: 10 * time.Second})
	s.NewTask(workspace, "{}")
	s.Clock().Advance(6 * time.Second)
	s.NewTask(workspace, "{}")
	s.Flush()
	if len(hook.bodies) != 0 {
		t.Fatal("a batch that is not full waits")
	}
	s.Clock().Advance(4 * time.Second)
	if len(hook.bodies) != 1 || len(hook.events()) != 2 {
		t.Errorf("%d deliveries of %d events, want one of two when the oldest has waited long enough", len(hook.bodies), len(hook.events()))
	}
	for range 3 {
		s.NewTask(workspace, "{}")
	}
	s.Flush()
	if len(hook.bodies) != 2 {
		t.Errorf("%d deliveries, want 2: a full batch does not wait", len(hook.bodies))
	}
}

// shares are what chaos did to a thousand events, or between which bounds it may.
type shares struct{ lost, repeated, overtaken int }

func TestChaos(t *testing.T) {
	t.Parallel()
	const tasks = 1000
	tests := []struct {
		name, reason string
		chaos        Chaos
		least, most  shares
	}{
		{"none", "every event once, in order", Chaos{}, shares{}, shares{}},
		{"duplicates", "a tenth twice", Chaos{Duplicate: 0.1}, shares{0, 50, 0}, shares{0, 200, 0}},
		{"reordering", "some are overtaken, none is lost", Chaos{Reorder: 0.1}, shares{0, 0, 50}, shares{0, 0, 200}},
		{"loss", "a tenth never comes", Chaos{Loss: 0.1}, shares{50, 0, 0}, shares{200, 0, 0}},
		{"lost answers", "what was received is sent again", Chaos{LostAnswer: 0.1}, shares{0, 50, 0}, shares{0, 200, 0}},
		{"delay", "a common delay reorders too", Chaos{MaxDelay: time.Minute}, shares{0, 0, 50}, shares{0, 0, tasks}},
		{"batches", "sizes vary, nothing else", Chaos{BatchMin: 1, BatchMax: 7}, shares{}, shares{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, hook, workspace := deliveryWorld(t, Options{Seed: 7})
			s.Chaos(test.chaos)
			order := map[string]int{}
			for i := range tasks {
				order[s.NewTask(workspace, "{}")] = i
				s.Clock().Advance(time.Second)
			}
			s.Clock().Advance(5 * time.Hour)
			first, repeated, overtaken := hook.judge(order)
			got := shares{tasks - first, repeated, overtaken}
			if !got.within(test.least, test.most) {
				t.Errorf("%+v, want between %+v and %+v: %s", got, test.least, test.most, test.reason)
			}
			dropped := 0
			for _, d := range s.Deliveries() {
				if d.Outcome == outcomeDropped {
					dropped++
				}
			}
			if dropped != got.lost {
				t.Errorf("%d deliveries on record as dropped, but %d events lost: %s", dropped, got.lost, test.reason)
			}
		})
	}
}

func (s shares) within(least, most shares) bool {
	return least.lost <= s.lost && s.lost <= most.lost && least.repeated <= s.repeated && s.repeated <= most.repeated &&
		least.overtaken <= s.overtaken && s.overtaken <= most.overtaken
}

// judge counts what a receiver got: how many tasks' creations, how many of those again, and how many after a later one.
func (r *receiver) judge(order map[string]int) (first, repeated, swapped int) {
	seen, latest := map[string]bool{}, -1
	for _, body := range r.bodies {
		var batch []struct {
			Data struct {
				Payload struct {
					TaskSID string `json:"task_sid"`
				} `json:"payload"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(body), &batch); err != nil {
			r.t.Fatalf("read delivery: %v", err)
		}
		for _, event := range batch {
			sid := event.Data.Payload.TaskSID
			switch {
			case seen[sid]:
				repeated++
				continue
			case order[sid] < latest:
				swapped++
			}
			seen[sid], latest = true, max(latest, order[sid])
		}
	}
	return len(seen), repeated, swapped
}

func TestInjectedEvents(t *testing.T) {
	t.Parallel()
	s, hook, _ := deliveryWorld(t, Options{})
	s.Event("com.twilio.taskrouter.task.created", s.Clock().Now().Add(-time.Hour), map[string]any{
		"eventtype": "task.created", "task_attributes": nil,
	})
	s.Inject(CloudEvent{Type: "com.twilio.taskrouter.task.completed", ID: "x", Data: json.RawMessage(`"no object"`)})
	s.Event("com.twilio.taskrouter.task.updated", s.Clock().Now(), nil)
	s.Flush()
	if len(hook.bodies) != 2 {
		t.Fatalf("%d deliveries, want 2: nobody subscribed to the third", len(hook.bodies))
	}
	if !strings.Contains(hook.bodies[0], `"task_attributes":null`) || !strings.Contains(hook.bodies[0], `"time":"2026-01-05T07:00:00.000Z"`) {
		t.Errorf("injected event: %s", hook.bodies[0])
	}
	if !strings.Contains(hook.bodies[1], `"data":"no object"`) {
		t.Errorf("injected envelope: %s", hook.bodies[1])
	}
}

func TestReceiverThatNeverAnswers(t *testing.T) {
	t.Parallel()
	stuck := roundTripper(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	s := New(Options{DeliveryTransport: stuck, DeliveryTimeout: time.Millisecond})
	s.NewSubscription(s.NewSink(hookURL), "com.twilio.taskrouter.task.created")
	s.NewTask(s.NewWorkspace("flex"), "{}")
	s.Flush()
	got := s.Deliveries()[0]
	if got.Outcome != outcomePending || len(got.Attempts) != 1 || got.Attempts[0].Error == "" || got.Attempts[0].Status != 0 {
		t.Errorf("delivery %+v, want one attempt without an answer, and another to come", got)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
