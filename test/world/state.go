package world

import (
	"encoding/json"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// State of a thread, as Twilio has it.
type State string

const (
	Usable  State = "usable"
	Retired State = "retired"
	Gone    State = "gone"
)

// State returns the thread's, as Twilio has it now.
func (c *Thread) State() State {
	if c.Chat {
		return c.chatState()
	}
	found, ok := c.Fake.Conversation(c.SID)
	switch {
	case !ok:
		return Gone
	case found.State == "closed":
		return Retired
	}
	return Usable
}

func (c *Thread) chatState() State {
	found, ok := c.Fake.Channel(c.SID)
	if !ok {
		return Gone
	}
	var two struct {
		LongLived bool   `json:"long_lived"`
		Status    string `json:"status"`
	}
	if err := json.Unmarshal([]byte(found.Attributes), &two); err != nil {
		c.T.Fatalf("attributes of %s: %v", c.SID, err)
	}
	if !two.LongLived && two.Status == "INACTIVE" {
		return Retired
	}
	return Usable
}

// Attributes returns the channel's, byte by byte; "" if it is gone.
func (c *Thread) Attributes() string {
	found, _ := c.Fake.Channel(c.SID)
	return found.Attributes
}

// MustBe fails the test if Twilio does not have the thread in that state.
func (c *Thread) MustBe(want State, when string) {
	c.T.Helper()
	if got := c.State(); got != want {
		c.T.Fatalf("%s: the channel is %s, want %s", when, got, want)
	}
}

// MustHave fails the test if the chat channel's attributes differ in any byte.
func (c *Thread) MustHave(attributes, when string) {
	c.T.Helper()
	if got := c.Attributes(); got != attributes {
		c.T.Fatalf("%s: attributes are\n%s\nwant\n%s", when, got, attributes)
	}
}

// Record returns the thread's record in the ledger, which must be there.
func (c *Thread) Record() channel.Record {
	c.T.Helper()
	r, found := c.Records()[c.SID]
	if !found {
		c.T.Fatalf("the ledger has no record of %s", c.SID)
	}
	return r
}

// Records returns the ledger's records by channel.
func (w *World) Records() map[string]channel.Record {
	w.T.Helper()
	records := map[string]channel.Record{}
	for _, d := range w.Fake.Documents(w.Ledger) {
		if !strings.HasPrefix(d.UniqueName, Prefix+"CH") {
			continue // the control document, or the history of the sweeps
		}
		r, err := channel.Decode(d.Data)
		if err != nil {
			w.T.Fatalf("document %s: %v", d.UniqueName, err)
		}
		if d.UniqueName != Prefix+r.SID {
			w.T.Fatalf("document %s holds the record of %s", d.UniqueName, r.SID)
		}
		records[r.SID] = r
	}
	return records
}
