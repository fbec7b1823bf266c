package sweep

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
)

// Did is what a run did about one record.
type Did string

const (
	RetiredNow      Did = "retired"
	WasAlready      Did = "already"          // it was retired before; only the record was settled
	WasGone         Did = "gone"             // Twilio does not know it any more
	Restored        Did = "restored"         // it was retired and is put back
	Cleared         Did = "cleared"          // it had not been touched; only the record was put right
	Irrecoverable   Did = "irrecoverable"    // it was closed or deleted under an open task, for good
	Busy            Did = "busy"             // somebody uses it just now
	Conflict        Did = "conflict"         // something happened to it since it was walked
	StillUnreadable Did = "still-unreadable" // its attributes are none to change, as an earlier run has said
	FailedNow       Did = "failed"
	LeftOver        Did = "left-over" // the run was stopped, paused or refused before it
	WouldRetire     Did = "would-retire"
	WouldRestore    Did = "would-restore"
	WouldTell       Did = "would-tell"
)

// Item is what a run did about one record.
type Item struct {
	Channel  string         `json:"channel"`
	Did      Did            `json:"did"`
	Reason   channel.Reason `json:"reason,omitempty"`
	Since    time.Time      `json:"since,omitzero"` // due since, or kept until
	Text     string         `json:"text,omitempty"`
	Failures int            `json:"failures,omitempty"` // in a row

	late   time.Duration // how long after it was due it was retired
	missed bool          // its record does not show that a sweep was there
}

// keepsFailing is from how many failures in a row on a channel is said to keep failing.
const keepsFailing = 3

func planned(c candidate) Item {
	item := Item{Channel: c.entry.Record.SID, Did: WouldRetire, Reason: c.decision.Reason, Since: c.decision.At, Text: c.decision.Text}
	switch c.decision.Action {
	case channel.Restore:
		item.Did = WouldRestore
	case channel.Tell:
		item.Did = WouldTell
	}
	return item
}

func (i *Item) fail(err error) { i.Did, i.Text = FailedNow, err.Error() }

// miss notes a failure of which nothing is written down.
func (i *Item) miss(err error) {
	i.fail(err)
	i.missed = true
}

// retired notes how the channel of a settled record came to be retired.
func (i *Item) retired(r channel.Record, at time.Time) {
	i.late = at.Sub(i.Since)
	switch {
	case len(r.ClosedUnder()) > 0:
		i.Did = Irrecoverable
	case r.Retirement.Result == channel.Already:
		i.Did = WasAlready
	case r.Retirement.Result == channel.Gone:
		i.Did = WasGone
	default:
		i.Did = RetiredNow
	}
}

// restored notes what came of putting the channel back.
func (i *Item) restored(r retire.Restoration, inUse bool) {
	switch {
	case r == retire.Restored:
		i.Did = Restored
	case r == retire.HalfDone && inUse:
		i.Did = Irrecoverable
	default:
		i.Did = Cleared
	}
}

func (i *Item) log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	if i.Did == FailedNow || i.Did == Irrecoverable {
		level = slog.LevelError
	}
	log.Log(ctx, level, "channel "+string(i.Did), "channel", i.Channel, "did", string(i.Did), "reason", string(i.Reason), "detail", i.Text, "failures", i.Failures)
}

// normal returns the record as it comes back from its document.
func normal(r channel.Record) (n channel.Record) {
	if raw, err := json.Marshal(r); err == nil {
		_ = json.Unmarshal(raw, &n) // it was just written
	}
	return n
}
