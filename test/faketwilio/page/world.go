package page

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// latestMessages is how many messages of a channel are shown.
const latestMessages = 20

// channels are the channels of Chat and Conversations, which are one kind of thing.
func channels(state faketwilio.State) section {
	s := section{ID: "channels", Title: "Channels", Nothing: "No channel or conversation has been made yet."}
	interactions := map[string]faketwilio.InteractionChannel{}
	for _, uo := range state.Interactions {
		interactions[uo.Conversation] = uo
	}
	for _, service := range state.ChatServices {
		s.Total += service.Total
		for _, ch := range service.Channels {
			r := channel(ch)
			r.Facts = append(r.Facts, fact{"Service", service.SID})
			if uo, known := interactions[ch.SID]; known {
				r.Chips = append(r.Chips, chip{"interaction " + uo.Status, lifeTone(uo.Status)})
				r.Facts = append(r.Facts, fact{"Interaction", uo.Interaction}, fact{"Interaction channel", uo.SID}, fact{"Channel type", uo.Type})
			}
			s.Rows = append(s.Rows, r)
		}
	}
	return s
}

func channel(ch faketwilio.Conversation) row {
	r := row{
		ID: ch.SID, Name: ch.SID, Note: count(len(ch.Messages), "message"), Time: ch.Updated,
		Chips: []chip{{ch.State, lifeTone(ch.State)}},
		Facts: []fact{
			{"SID", ch.SID}, {"Unique name", ch.UniqueName}, {"Type", ch.Type}, {"Created", stamp(ch.Created)}, {"Updated", stamp(ch.Updated)},
		},
		Blocks: []block{{"Attributes", pretty(ch.Attributes)}},
	}
	r.Chips = append(r.Chips, attributeChips(ch.Attributes)...)
	r.Messages = ch.Messages[max(len(ch.Messages)-latestMessages, 0):]
	return r
}

// attributeChips are the two attributes by which a Chat channel is retired.
func attributeChips(attributes string) []chip {
	var two struct {
		LongLived *bool  `json:"long_lived"`
		Status    string `json:"status"`
	}
	if json.Unmarshal([]byte(attributes), &two) != nil {
		return []chip{{"attributes are no object", "warn"}}
	}
	var chips []chip
	if two.LongLived != nil {
		chips = append(chips, chip{fmt.Sprintf("long_lived %v", *two.LongLived), ""})
	}
	if two.Status != "" {
		chips = append(chips, chip{"status " + two.Status, ""})
	}
	return chips
}

// lifeTone is the tone of a state in which something is alive, resting or over.
func lifeTone(state string) string {
	switch strings.ToLower(state) {
	case "active", "open", "tracking":
		return "good"
	case "inactive", "wrapup", "wrapping", "retiring":
		return "warn"
	}
	return ""
}

// ledger is the documents of Sync. Whose they are is not the fake's business: it shows the
// field "status" of any document that has one.
func ledger(state faketwilio.State) section {
	s := section{ID: "ledger", Title: "Ledger records", Nothing: "No Sync document has been made yet."}
	for _, service := range state.SyncServices {
		s.Total += service.Total
		for _, d := range service.Documents {
			r := document(d, state.Now)
			r.Facts = append(r.Facts, fact{"Service", service.SID})
			s.Rows = append(s.Rows, r)
		}
	}
	return s
}

func document(d faketwilio.Document, now time.Time) row {
	r := row{
		ID: d.SID, Name: d.UniqueName, Note: "revision " + d.Revision, Time: d.Updated,
		Facts: []fact{
			{"SID", d.SID}, {"Unique name", d.UniqueName}, {"Revision", d.Revision}, {"Created", stamp(d.Created)},
			{"Updated", stamp(d.Updated)},
		},
		Blocks: []block{{"Data", pretty(string(d.Data))}},
	}
	if r.Name == "" {
		r.Name = d.SID
	}
	var data struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(d.Data, &data) == nil && data.Status != "" {
		r.Chips = append(r.Chips, chip{data.Status, lifeTone(data.Status)})
	}
	if !d.Expires.IsZero() {
		r.Chips = append(r.Chips, chip{"expires " + age(now, d.Expires), ""})
		r.Facts = append(r.Facts, fact{"Expires", stamp(d.Expires)})
	}
	return r
}

// tasks are the tasks of TaskRouter.
func tasks(state faketwilio.State) section {
	s := section{ID: "tasks", Title: "Tasks", Nothing: "No task has been made yet, or all have been deleted."}
	for _, workspace := range state.Workspaces {
		s.Total += workspace.Total
		for _, t := range workspace.Tasks {
			s.Rows = append(s.Rows, task(t))
		}
	}
	return s
}

var channelPattern = regexp.MustCompile(`CH[0-9a-f]{32}`)

func task(t faketwilio.Task) row {
	return row{
		ID: t.SID, Name: t.SID, Note: strings.TrimSpace(channelPattern.FindString(t.Attributes) + " " + t.Reason), Time: t.Updated, Chips: []chip{{t.Status, taskTone(t.Status)}},
		Facts: []fact{
			{"SID", t.SID}, {"Workspace", t.Workspace}, {"Version", fmt.Sprint(t.Version)}, {"Reason", t.Reason},
			{"Created", stamp(t.Created)}, {"Updated", stamp(t.Updated)},
		},
		Blocks: []block{{"Attributes", pretty(t.Attributes)}},
	}
}

func taskTone(status string) string {
	switch status {
	case "pending", "reserved", "assigned":
		return "good"
	case "wrapping":
		return "warn"
	}
	return ""
}
