package eventstream_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// What a task's attributes say may change before it ends. Where the instance that gets the
// end has heard the beginning, the task ends where it began.
func TestEndsFindTheirChannel(t *testing.T) {
	t.Parallel()
	type phases map[string]channel.Phase // of task 1, by channel
	one, two := sid("CH", 1), sid("CH", 2)
	both := `{"conversationSid":"` + one + `","channelSid":"` + two + `"}`
	for name, row := range map[string]struct {
		reason string
		events [][2]string // kind, attributes
		cold   bool        // another instance gets the last one
		want   phases
		counts map[string]int // of the last one
	}{
		"unchanged":                    {"the ordinary task", [][2]string{{"created", chat(1)}, {"completed", chat(1)}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"taken out":                    {"legacy transfers do so", [][2]string{{"created", chat(1)}, {"completed", `{}`}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"emptied":                      {"a plugin may", [][2]string{{"created", chat(1)}, {"canceled", ``}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"broken":                       {"a plugin may, and then the end is no poison", [][2]string{{"created", chat(1)}, {"deleted", `{channelSid`}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"malformed":                    {"nor is it here", [][2]string{{"created", chat(1)}, {"deleted", `{"channelSid":"general"}`}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"taken out before the wrap-up": {"it wraps up where it began, too", [][2]string{{"created", chat(1)}, {"wrapup", `{}`}}, false, phases{one: "wrapping"}, map[string]int{"received": 1, "applied": 1}},
		"another at the end":           {"whichever is meant, it is open on neither", [][2]string{{"created", chat(1)}, {"completed", chat(2)}}, false, phases{one: "ended", two: "ended"}, map[string]int{"received": 1, "applied": 2, "contradictions": 1}},
		"another in between":           {"moved, and then taken out", [][2]string{{"created", chat(1)}, {"wrapup", chat(2)}, {"completed", `{}`}}, false, phases{one: "ended", two: "ended"}, map[string]int{"received": 1, "applied": 2}},
		"named late":                   {"the first that names one is remembered", [][2]string{{"created", `{}`}, {"wrapup", chat(1)}, {"completed", `{}`}}, false, phases{one: "ended"}, map[string]int{"received": 1, "applied": 1}},
		"two from the start":           {"booked on both", [][2]string{{"created", both}}, false, phases{one: "open", two: "open"}, map[string]int{"received": 1, "applied": 2, "contradictions": 1}},
		"two, and none at the end":     {"ended on both", [][2]string{{"created", both}, {"completed", `{}`}}, false, phases{one: "ended", two: "ended"}, map[string]int{"received": 1, "applied": 2}},
		"two, and one at the end":      {"on the other, too", [][2]string{{"created", both}, {"completed", chat(1)}}, false, phases{one: "ended", two: "ended"}, map[string]int{"received": 1, "applied": 2, "contradictions": 1}},
		"created again":                {"a beginning opens what it names, and no more", [][2]string{{"created", chat(1)}, {"created", chat(2)}}, false, phases{one: "open", two: "open"}, map[string]int{"received": 1, "applied": 1}},
		"taken out, another instance":  {"the sweep's look-up in TaskRouter is the net", [][2]string{{"created", chat(1)}, {"completed", `{}`}}, true, phases{one: "open"}, map[string]int{"received": 1, "ignored": 1}},
		"never on a channel":           {"a voice task", [][2]string{{"created", `{}`}, {"completed", `{}`}}, false, phases{}, map[string]int{"received": 1, "ignored": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			for i, e := range row.events {
				if row.cold && i == len(row.events)-1 {
					s.hook = s.instance(s.memory)
				}
				s.tell(happening{task: 1, kind: e[0], at: noon, attributes: e[1]})
			}
			got := phases{}
			for channelSID, r := range s.memory.records() {
				got[channelSID] = r.Tasks[sid("WT", 1)].Phase
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if d := cmp.Diff(row.counts, s.summary(t)); d != "" {
				t.Errorf("%s; the summary (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// One task cannot be made to write to any number of channels at its end.
func TestPlacesOfOneTaskAreBounded(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for n := range 50 {
		s.tell(happening{task: 1, kind: "created", at: noon, attributes: chat(n)})
	}
	s.memory.took()
	s.tell(happening{task: 1, kind: "completed", at: noon, attributes: `{}`})
	if calls := s.memory.took(); !slices.Equal(calls, []string{"save", "save", "save", "save"}) {
		t.Errorf("the end makes %v", calls)
	}
}

// What is on no channel takes no place from what is.
func TestVoiceTasksAreNotRemembered(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.tell(happening{task: 1, kind: "created", at: noon, attributes: chat(1)})
	var voice []string
	for n := range 10_000 { // as many as an instance remembers
		voice = append(voice, happening{task: 2 + n, kind: "created", at: noon, attributes: `{}`}.String())
	}
	for part := range slices.Chunk(voice, 5_000) {
		s.deliver(array(part...))
	}
	s.tell(happening{task: 1, kind: "completed", at: noon, attributes: `{}`})
	if open := s.memory.records()[sid("CH", 1)].OpenTasks(); len(open) > 0 {
		t.Errorf("%v is open for ever", open)
	}
}

// Only the created event that names one channel is evidence for it: later anybody who may
// write a task's attributes could have put anything there, an interaction of another customer too.
func TestEvidence(t *testing.T) {
	t.Parallel()
	interaction := `"flexInteractionSid":"` + sid("KD", 1) + `","flexInteractionChannelSid":"` + sid("UO", 1) + `"`
	conversation := func(n string, more string) string { return `{"conversationSid":"` + n + `",` + more + `}` }
	one, two := sid("CH", 1), sid("CH", 2)
	for name, row := range map[string]struct {
		reason      string
		kind        string
		attributes  string
		evidence    bool
		interaction bool
	}{
		"created":                 {"the task is the channel's from the start", "created", conversation(one, interaction), true, true},
		"wrapup":                  {"whoever writes attributes could have written these", "wrapup", conversation(one, interaction), false, false},
		"completed":               {"whoever writes attributes could have written these", "completed", conversation(one, interaction), false, false},
		"created on two channels": {"it is not clear which is meant", "created", conversation(one, interaction+`,"channelSid":"`+two+`"`), false, false},
		"created, Insights only":  {"outbound messages have no other", "created", `{"conversations":{"media":[{"sid":"` + one + `"}]},` + interaction + `}`, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t)
			s.tell(happening{task: 1, kind: row.kind, at: noon, attributes: row.attributes})
			for channelSID, r := range s.memory.records() {
				task := r.Tasks[sid("WT", 1)]
				if task.Created.IsZero() == row.evidence || (r.Interaction != nil) != row.interaction {
					t.Errorf("%s: %s has evidence of %s and interaction %v", row.reason, channelSID, task.Created, r.Interaction)
				}
				if task.Phase != channel.Ended && task.Workspace != workspace {
					t.Errorf("%s: the record does not say where TaskRouter can be asked", channelSID)
				}
			}
		})
	}
}

// A phone number, or whatever else an agent's desktop writes there, stays out of the ledger.
func TestTypesAreOfTheList(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	for n, kind := range []string{"WhatsApp", "15550100", "", "other"} {
		body := array(happening{task: n, kind: "created", at: noon, attributes: `{"channelSid":"` + sid("CH", n) + `","channelType":"` + kind + `"}`}.String())
		if w := s.deliver(body); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	got := map[string][]string{}
	for channelSID, r := range s.memory.records() {
		got[channelSID] = r.Types
	}
	want := map[string][]string{sid("CH", 0): {"whatsapp"}, sid("CH", 1): {"other"}, sid("CH", 2): nil, sid("CH", 3): {"other"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the channel types (-want +got):\n%s", d)
	}
}
