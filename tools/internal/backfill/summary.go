package backfill

import (
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// Did is what came of one channel.
type Did string

// A channel is or would be adopted, was known after all, or failed.
const (
	Adopted    Did = "adopted"
	WouldAdopt Did = "would-adopt"
	Raced      Did = "known-meanwhile"
	Failed     Did = "failed"
)

// Item is one channel that the ledger did not know.
type Item struct {
	Channel string          `json:"channel"`
	Did     Did             `json:"did"`
	Backend channel.Backend `json:"backend"`
	Type    string          `json:"type,omitempty"`
	LastEnd time.Time       `json:"lastEnd,omitzero"` // of a task; zero while one is open
	Source  Source          `json:"source,omitempty"` // of that time
	State   operate.State   `json:"state,omitempty"`
	Text    string          `json:"text"` // what the policy makes of it, or what failed
}

func (i Item) fail(err error) Item {
	i.Did, i.Text = Failed, err.Error()
	return i
}

// Summary is what a backfill saw and did.
type Summary struct {
	Environment string                  `json:"environment"`
	At          time.Time               `json:"at"`
	DryRun      bool                    `json:"dryRun"`
	Limited     bool                    `json:"limited,omitempty"` // it ended with its limit; there is more
	Seen        map[channel.Backend]int `json:"seen"`
	// Of those seen, which need nothing:
	Known        int `json:"known"`        // to the ledger
	Retired      int `json:"retired"`      // already
	NotLongLived int `json:"notLongLived"` // chat channels that Flex ends by itself
	OutsideDates int `json:"outsideDates"`
	// And the others:
	Adopted int                   `json:"adopted"` // or would be
	Raced   int                   `json:"knownMeanwhile"`
	Failed  int                   `json:"failed"`
	Sources map[Source]int        `json:"sources"`
	States  map[operate.State]int `json:"states"`

	SampleRecords    int `json:"sampleRecords,omitempty"`
	SampleOnly       int `json:"sampleOnly,omitempty"`       // the sample has a record, and no list has the channel
	SampleUnreadable int `json:"sampleUnreadable,omitempty"` // such as the one that the sample makes for calls

	Calls int64  `json:"calls"`
	Items []Item `json:"items"`
}

func newSummary(environment string, apply bool, now time.Time) *Summary {
	return &Summary{
		Environment: environment, At: now, DryRun: !apply, Seen: map[channel.Backend]int{},
		Sources: map[Source]int{}, States: map[operate.State]int{}, Items: []Item{},
	}
}

func (s *Summary) add(i Item) {
	s.Items = append(s.Items, i)
	switch i.Did {
	case Failed:
		s.Failed++
	case Raced:
		s.Raced++
	default:
		s.Adopted++
		s.States[i.State]++
		if i.State != operate.StateOpen {
			s.Sources[i.Source]++
		}
	}
}
