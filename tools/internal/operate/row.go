package operate

import (
	"fmt"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// State is where a channel stands, in one word.
type State string

// The states, from the most to the least urgent.
const (
	StateToRestore State = "to-restore" // the next sweep puts it back
	StateDue       State = "due"        // the next sweep retires it
	StateWaiting   State = "waiting"    // its retention runs
	StateClaimed   State = "claimed"    // a sweep is at work on it
	StateOpen      State = "open"       // a task on it is not ended
	StateHeld      State = "held"       // an operator holds it
	StateNoTask    State = "no-task"    // no task on it is known
	StateRetired   State = "retired"
)

// States lists them in that order.
func States() []State {
	return []State{StateToRestore, StateDue, StateWaiting, StateClaimed, StateOpen, StateHeld, StateNoTask, StateRetired}
}

// overdueAfter is for how long a channel must have been due to be called overdue: the
// default of the alert that is raised then (alert_overdue_minutes).
const overdueAfter = 4 * time.Hour

// Row is one channel as the policy sees it.
type Row struct {
	Channel  string          `json:"channel"`
	State    State           `json:"state"`
	Backend  channel.Backend `json:"backend"`
	Type     string          `json:"type"`
	At       time.Time       `json:"at,omitzero"` // due since, kept until, open since, held until, retired at
	LastEnd  time.Time       `json:"lastEnd,omitzero"`
	Tasks    int             `json:"tasks"`
	Failures int             `json:"failures,omitempty"` // sweeps in a row that failed on it
	Overdue  bool            `json:"overdue,omitempty"`
	Text     string          `json:"text"` // why, in a sentence

	Record  channel.Record `json:"-"`
	Expires time.Time      `json:"-"`
}

// NewRow says what the policy makes of a record at now.
func NewRow(e ledger.Entry, p channel.Policy, now time.Time) Row {
	decision := channel.Decide(e.Record, p, now)
	row := Row{
		Channel: e.Record.SID, State: stateOf(decision), Backend: e.Record.Backend, Type: strings.Join(e.Record.Types, "/"),
		At: decision.At, Tasks: len(e.Record.Tasks), Text: decision.Text, Record: e.Record, Expires: e.Expires,
	}
	row.LastEnd, _ = e.Record.LastEnd()
	if e.Record.Failure != nil {
		row.Failures = e.Record.Failure.Count
	}
	row.Overdue = row.State == StateDue && now.Sub(row.At) > overdueAfter
	return row
}

func stateOf(d channel.Decision) State {
	if d.Action == channel.Restore {
		return StateToRestore
	}
	return map[channel.Reason]State{
		channel.ReasonDue: StateDue, channel.ReasonOpenTask: StateOpen, channel.ReasonRetention: StateWaiting, channel.ReasonHold: StateHeld,
		channel.ReasonClaimed: StateClaimed, channel.ReasonRetired: StateRetired, channel.ReasonNoTask: StateNoTask,
		channel.ReasonUnconfirmed: StateWaiting, channel.ReasonOverflow: StateOpen, channel.ReasonUnreadable: StateWaiting,
	}[d.Reason]
}

// When says in a few words when it is or was that far, seen from now.
func (r Row) When(now time.Time) string {
	switch {
	case r.State == StateHeld && r.At.IsZero():
		return "for good"
	case r.At.IsZero():
		return ""
	case r.State == StateHeld || r.State == StateClaimed:
		return "until " + Stamp(r.At)
	case r.At.After(now):
		return "in " + Span(r.At.Sub(now))
	default:
		return Span(now.Sub(r.At)) + " ago"
	}
}

// Note is what else must be seen at a glance.
func (r Row) Note() string {
	var notes []string
	if r.Overdue {
		notes = append(notes, "overdue")
	}
	if f := r.Record.Failure; f != nil {
		notes = append(notes, fmt.Sprintf("failed %d× in a row: %s", f.Count, FailureText(f)))
	}
	if h := r.Record.Hold; h != nil && r.State == StateHeld {
		notes = append(notes, h.Reason+" ("+h.By+")")
	}
	if x := r.Record.Retirement; x != nil && r.State == StateRetired {
		notes = append(notes, fmt.Sprintf("%s, %s", x.Disposition, x.Result))
	}
	return strings.Join(notes, "; ")
}

// FailureText says what went wrong at last.
func FailureText(f *channel.Failure) string {
	switch {
	case f.Status == 0:
		return f.Operation
	case f.Code == 0:
		return fmt.Sprintf("%s, HTTP %d", f.Operation, f.Status)
	default:
		return fmt.Sprintf("%s, HTTP %d, code %d", f.Operation, f.Status, f.Code)
	}
}

// Stamp writes a time as people read it, in UTC, to the minute.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + "Z" }

// Span writes a length of time with its two largest units.
func Span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return pair(int(d/time.Hour), "h", int(d/time.Minute)%60, "m")
	default:
		return pair(int(d/(24*time.Hour)), "d", int(d/time.Hour)%24, "h")
	}
}

func pair(large int, a string, small int, b string) string {
	if small == 0 {
		return fmt.Sprintf("%d%s", large, a)
	}
	return fmt.Sprintf("%d%s %d%s", large, a, small, b)
}

// Exact writes a length of time in full, without zeros at its end: 48h, not 48h0m0s.
func Exact(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
