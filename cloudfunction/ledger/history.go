package ledger

import (
	"context"
	"encoding/json"
	"time"
)

// historyName is the name of the history document behind the prefix.
const historyName = "history"

// historyLength is how many sweeps the history keeps: at 250 bytes each, with the pass, below the
// 10 KiB from which Sync slows writes down.
const historyLength = 30

// Summary is one sweep in the history, in short.
type Summary struct {
	Run           string    `json:"run"`
	Started       time.Time `json:"started"`
	Seconds       float64   `json:"seconds"`
	Outcome       string    `json:"outcome"`
	DryRun        bool      `json:"dry_run,omitempty"`
	Walked        int       `json:"walked"`
	Due           int       `json:"due"`
	Retired       int       `json:"retired"`
	Restored      int       `json:"restored,omitempty"`
	Failed        int       `json:"failed,omitempty"`
	Irrecoverable int       `json:"irrecoverable,omitempty"`
	Calls         int64     `json:"calls"`
}

// Pass is one reading of the whole ledger, which may take several sweeps.
type Pass struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it is under way
	Place   Place     `json:"place,omitempty"`
	Pages   int       `json:"pages"`
	// Partial: not everything due that it met was worked on, so what the next pass finds due
	// need not have come since.
	Partial     bool `json:"partial,omitempty"`
	Unexplained int  `json:"unexplained,omitempty"`
	Missed      int  `json:"missed,omitempty"` // due, and nothing could even be written down about them
	Live        int  `json:"live"`             // records that are not retired
	Tombstones  int  `json:"tombstones"`
	Due         int  `json:"due"`
	Retired     int  `json:"retired"`
	// OldestOpen is since when the longest open task is known; zero if none is open.
	OldestOpen time.Time `json:"oldest_open,omitzero"`
	// Lateness counts the retired channels by how long after they were due: below 2^i seconds.
	Lateness []int `json:"lateness,omitempty"`
}

// History is what sweeps leave for the next ones and for the operators.
type History struct {
	Sweeps []Summary `json:"sweeps"`         // the latest last
	Pass   *Pass     `json:"pass,omitempty"` // the latest one, under way or ended
	// Complete is the last pass that ended and left nothing due undone.
	Complete *Pass `json:"complete,omitempty"`
	// Refused counts how often in a row Twilio has not taken the place up again.
	Refused int `json:"refused,omitempty"`

	revision string
}

// Add adds a sweep.
func (h *History) Add(s Summary) {
	h.Sweeps = append(h.Sweeps, s)
	h.Sweeps = h.Sweeps[max(0, len(h.Sweeps)-historyLength):]
}

// History reads what sweeps have left: one request. Without a history document it is zero.
func (l *Ledger) History(ctx context.Context) (History, error) {
	var raw json.RawMessage
	revision, err := l.get(ctx, historyName, &raw)
	if err != nil || revision == "" {
		return History{}, err
	}
	var h History
	if err := json.Unmarshal(raw, &h); err != nil {
		h = History{} // nothing but a convenience and a place: a new one begins
	}
	h.revision = revision
	return h, nil
}

// SetHistory replaces the history that was read: one request. [ErrConflict] if another sweep
// has written it since.
func (l *Ledger) SetHistory(ctx context.Context, h History) error {
	return l.put(ctx, historyName, h.revision, h)
}
