package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// Snapshot is the whole ledger at one moment.
type Snapshot struct {
	Environment string           `json:"environment"`
	At          time.Time        `json:"at"`
	Pause       ledger.Control   `json:"pause"`
	Sweeps      []ledger.Summary `json:"sweeps"` // the latest last
	Overview    Overview         `json:"overview"`
	Faulty      []string         `json:"faulty,omitempty"` // documents that cannot be read as records
	Rows        []Row            `json:"rows"`
}

// Overview counts a ledger.
type Overview struct {
	Channels int      `json:"channels"` // records, those of retired channels too
	Kinds    []Kind   `json:"kinds"`
	DueNow   int      `json:"dueNow"`
	Next     []Within `json:"next"` // of those that wait, how many come due within a time
	Overdue  int      `json:"overdue"`
	Held     int      `json:"held"`
	Failing  int      `json:"failing"`
	Faulty   int      `json:"faulty"`
	// Oldest is since when the most overdue channel is due.
	Oldest time.Time `json:"oldest,omitzero"`
}

// Kind counts the channels of one backend and type.
type Kind struct {
	Backend  channel.Backend `json:"backend"`
	Type     string          `json:"type"`
	Channels int             `json:"channels"`
	States   map[State]int   `json:"states"`
}

// Within counts the channels that come due within so many hours.
type Within struct {
	Hours    int `json:"hours"`
	Channels int `json:"channels"`
}

// horizons are the hours that an overview looks ahead.
var horizons = []int{1, 6, 24, 72}

// Read walks the ledger: a request for each 100 records and two more. seen is told how
// many records were read so far; nil for nobody.
func (e *Environment) Read(ctx context.Context, seen func(records int)) (*Snapshot, error) {
	now := e.Now()
	s := &Snapshot{Environment: e.Name, At: now, Rows: []Row{}}
	var err error
	if s.Pause, err = e.Ledger.Control(ctx); err != nil {
		return nil, fmt.Errorf("read the ledger of %s: %w", e.Name, err)
	}
	history, err := e.Ledger.History(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledger of %s: %w", e.Name, err)
	}
	s.Sweeps = history.Sweeps
	at := map[string]int{} // a walk of a ledger that changes may meet a record twice
	err = e.Ledger.Walk(ctx, now, func(page ledger.Page) error {
		for _, f := range page.Faulty {
			s.Faulty = append(s.Faulty, fmt.Sprintf("%s: %v", f.Document, f.Err))
		}
		for _, entry := range page.Entries {
			row := NewRow(entry, e.Config.Policy, now)
			if i, twice := at[row.Channel]; twice {
				s.Rows[i] = row
				continue
			}
			at[row.Channel] = len(s.Rows)
			s.Rows = append(s.Rows, row)
		}
		if seen != nil {
			seen(len(s.Rows))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the ledger of %s: %w", e.Name, err)
	}
	s.Overview = overview(s.Rows, now)
	s.Overview.Faulty = len(s.Faulty)
	return s, nil
}

func overview(rows []Row, now time.Time) Overview {
	o := Overview{Channels: len(rows)}
	for _, h := range horizons {
		o.Next = append(o.Next, Within{Hours: h})
	}
	kinds := map[[2]string]*Kind{}
	for _, r := range rows {
		key := [2]string{string(r.Backend), r.Type}
		if kinds[key] == nil {
			kinds[key] = &Kind{Backend: r.Backend, Type: r.Type, States: map[State]int{}}
		}
		kinds[key].Channels++
		kinds[key].States[r.State]++
		o.count(r, now)
	}
	for _, k := range kinds {
		o.Kinds = append(o.Kinds, *k)
	}
	slices.SortFunc(o.Kinds, func(a, b Kind) int { return cmp.Or(cmp.Compare(a.Backend, b.Backend), cmp.Compare(a.Type, b.Type)) })
	return o
}

func (o *Overview) count(r Row, now time.Time) {
	if r.Failures > 0 {
		o.Failing++
	}
	if r.Overdue {
		o.Overdue++
	}
	switch r.State {
	case StateHeld:
		o.Held++
	case StateDue:
		o.DueNow++
		if o.Oldest.IsZero() || r.At.Before(o.Oldest) {
			o.Oldest = r.At
		}
	case StateWaiting:
		for i := range o.Next {
			if !r.At.After(now.Add(time.Duration(o.Next[i].Hours) * time.Hour)) {
				o.Next[i].Channels++
			}
		}
	}
}
