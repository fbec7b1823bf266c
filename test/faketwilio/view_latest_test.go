package faketwilio

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The newest exchanges come first, however often the ring of the journal has gone round.
func TestJournalLatest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		calls, n int
		want     []uint64
		reason   string
	}{
		{"none", 0, 5, []uint64{}, "nothing has been asked yet"},
		{"fewer than asked for", 2, 5, []uint64{2, 1}, "there are no more"},
		{"ring not full", 2, 1, []uint64{2}, "only the newest"},
		{"ring just full", 3, 2, []uint64{3, 2}, "the newest stands at the ring's end"},
		{"ring gone round", 7, 5, []uint64{7, 6, 5}, "a ring of three remembers three"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t, Options{JournalSize: 3})
			for range test.calls {
				c.get("sync.twilio.com/v1/Services").want(t, 200, 0, "a request for the journal")
			}
			numbers := []uint64{}
			for _, e := range s.Journal().Latest(test.n) {
				numbers = append(numbers, e.Number)
			}
			if diff := cmp.Diff(test.want, numbers); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestLatestDeliveries(t *testing.T) {
	t.Parallel()
	_, s := newClient(t, Options{})
	s.NewSubscription(s.NewSink("http://127.0.0.1:1/"), "com.twilio.taskrouter.task.created")
	workspace := s.NewWorkspace("Flex")
	for range 3 {
		s.NewTask(workspace, "{}")
	}
	s.Flush()
	latest := s.LatestDeliveries(2)
	if len(latest) != 2 || latest[0].Number != 3 || latest[1].Number != 2 || len(latest[0].Attempts) == 0 {
		t.Errorf("latest deliveries are %+v, want the third and the second with their attempts", latest)
	}
	if all := s.LatestDeliveries(10); len(all) != 3 {
		t.Errorf("%d deliveries, want all three", len(all))
	}
}

func TestFaultStrikes(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	spent := s.Faults().Add(Fault{Status: 500, Times: 1})
	waiting := s.Faults().Add(Fault{Product: "chat", Latency: time.Second, Virtual: true})
	for range 2 {
		c.get("sync.twilio.com/v1/Services")
	}
	if diff := cmp.Diff(map[string]int{spent: 1, waiting: 0}, s.Faults().Strikes()); diff != "" {
		t.Errorf("strikes (-want +got):\n%s", diff)
	}
}

func TestClockReal(t *testing.T) {
	t.Parallel()
	running := New(Options{RealClock: true})
	defer running.Close()
	if New(Options{}).Clock().Real() || !running.Clock().Real() {
		t.Error("Real must tell a running clock from a frozen one")
	}
}
