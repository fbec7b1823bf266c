package eventstream_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// Twilio's answer to the save that should make a tombstone a record again shows that it still
// expires: 200 would be a promise that nobody keeps.
func TestNewsOnATombstoneMustLast(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	r := channel.Apply(channel.Record{}, channel.Event{ChannelSID: sid("CH", 1), TaskSID: sid("WT", 1), Phase: channel.Ended, Time: noon.Add(-time.Hour)})
	r.Status, r.Retirement = channel.Retired, &channel.Retirement{Target: channel.Target{Disposition: channel.Deactivate}, Result: channel.Done}
	entry := s.memory.put(r)
	entry.Expires = noon.Add(24 * time.Hour)
	s.memory.entries[r.SID] = entry
	s.memory.stubborn = true
	body := array(happening{task: 2, kind: "created", at: noon, attributes: chat(1)}.String())
	for range 2 { // the second time the event itself is no news any more
		if w := s.deliver(body); w.Code != http.StatusServiceUnavailable {
			t.Fatalf("status %d while the document expires", w.Code)
		}
	}
	s.memory.stubborn = false
	s.memory.took()
	for range 2 {
		if w := s.deliver(body); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	if d := cmp.Diff([]string{"load", "save"}, s.memory.took()); d != "" {
		t.Errorf("the calls (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]ledger.TTL{ledger.NoTTL, ledger.NoTTL, ledger.NoTTL}, s.memory.ttls); d != "" {
		t.Errorf("the times to live (-want +got):\n%s", d)
	}
	if expires := s.memory.entries[r.SID].Expires; !expires.IsZero() {
		t.Errorf("the record still expires at %s", expires)
	}
}

// A document that went, and another that came under its name, has revisions that begin anew:
// an instance that remembers the old one must not write over it.
func TestAnotherDocumentOfTheName(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.tell(happening{task: 1, kind: "completed", at: noon, attributes: chat(1)})
	other := s.instance(s.memory)
	s.memory.collect(sid("CH", 1))
	if w := other.deliver(array(happening{task: 2, kind: "created", at: noon, attributes: chat(1)}.String())); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	s.memory.took()
	s.tell(happening{task: 3, kind: "created", at: noon, attributes: chat(1)})
	if open := s.memory.records()[sid("CH", 1)].OpenTasks(); len(open) != 2 {
		t.Errorf("the open tasks are %v: one was acknowledged and is lost", open)
	}
	if d := cmp.Diff([]string{"save", "load", "save"}, s.memory.took()); d != "" {
		t.Errorf("the calls (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{"received": 1, "applied": 1, "conflicts": 1}, s.summary(t)); d != "" {
		t.Errorf("the summary (-want +got):\n%s", d)
	}
	s.memory.collect(sid("CH", 1))
	s.tell(happening{task: 4, kind: "created", at: noon, attributes: chat(1)})
	if d := cmp.Diff([]string{"save", "load", "create"}, s.memory.took()); d != "" {
		t.Errorf("the calls where none came after it (-want +got):\n%s", d)
	}
}

// What is remembered ages out, long before a document and its successor could both be heard of.
func TestRevisionsAreForgotten(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for _, step := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{"load", "create"}},
		{time.Hour - time.Second, []string{"save"}},
		{time.Hour, []string{"load", "save"}},
		{time.Second, []string{"save"}},
	} {
		s.memory.took()
		s.now = s.now.Add(step.after)
		s.tell(happening{task: int(s.now.Unix() % 1e6), kind: "created", at: s.now, attributes: chat(1)})
		if d := cmp.Diff(step.want, s.memory.took()); d != "" {
			t.Errorf("after %s (-want +got):\n%s", step.after, d)
		}
	}
}
