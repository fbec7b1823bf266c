// Package page draws the ledger as one self-contained HTML page: no script, no request to
// anywhere, so that it can be mailed, printed and opened on a phone.
package page

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// Data is what a page is drawn from.
type Data struct {
	Snapshot *operate.Snapshot // its rows are the chosen ones
	All      []operate.Row     // every row, for the pictures
	Of       int               // rows that the filters let through, before the limit
	Policy   channel.Policy
}

//go:embed page.html page.css
var files embed.FS

var layout = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"stamp": operate.Stamp, "span": operate.Span, "iso": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"ago": func(from, to time.Time) string { return operate.Span(to.Sub(from)) },
}).ParseFS(files, "page.html"))

// view is what the template reads.
type view struct {
	*operate.Snapshot
	Of     int
	Style  template.CSS
	Policy []string
	Tiles  []tile
	Charts []chart
	States []operate.State
	Rows   []row
	Newest []past
}

// tile is one number with its name.
type tile struct {
	Name, Value, More string
	Bad               bool
}

// row is a channel with its story.
type row struct {
	operate.Row
	When, Note string
	Tasks      []task
	Story      [][2]string
}

// task is one line of a story.
type task struct {
	SID string
	channel.Task
}

// Render writes the page.
func Render(d Data) ([]byte, error) {
	style, err := files.ReadFile("page.css")
	if err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	v := view{
		Snapshot: d.Snapshot, Of: d.Of, Style: template.CSS(style), Policy: policyLines(d.Policy), Tiles: tiles(d.Snapshot),
		Charts: []chart{dueChart(d.All, d.Snapshot.At), ageChart(d.All, d.Snapshot.At), sweepChart(d.Snapshot.Sweeps)},
		States: operate.States(), Newest: newest(d.Snapshot),
	}
	for _, r := range d.Snapshot.Rows {
		v.Rows = append(v.Rows, story(r, d))
	}
	var out bytes.Buffer
	if err := layout.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("draw the page: %w", err)
	}
	return out.Bytes(), nil
}

func policyLines(p channel.Policy) []string {
	lines := []string{"Retention " + operate.Exact(p.Retention) + " after the last task ended"}
	for _, kind := range slices.Sorted(maps.Keys(p.ByChannelType)) {
		lines = append(lines, kind+" "+operate.Exact(p.ByChannelType[kind]))
	}
	return append(lines, fmt.Sprintf("then chat channels: %s, conversations: %s", p.Chat, p.Conversations))
}

func tiles(s *operate.Snapshot) []tile {
	o := s.Overview
	number := func(n int) string { return fmt.Sprint(n) }
	oldest := ""
	if !o.Oldest.IsZero() {
		oldest = "oldest for " + operate.Span(s.At.Sub(o.Oldest))
	}
	day := o.Next[slices.IndexFunc(o.Next, func(w operate.Within) bool { return w.Hours == 24 })]
	return []tile{
		{"Channels", number(o.Channels), "in the ledger", false},
		{"Due now", number(o.DueNow), oldest, false},
		{"Due within 24h", number(day.Channels), "", false},
		{"Overdue", number(o.Overdue), "", o.Overdue > 0},
		{"Held", number(o.Held), "", false},
		{"Failing", number(o.Failing), "", o.Failing > 0},
		{"Unreadable", number(o.Faulty), "", o.Faulty > 0},
	}
}

// story is a row with what it opens to.
func story(r operate.Row, d Data) row {
	out := row{Row: r, When: r.When(d.Snapshot.At), Note: r.Note()}
	record := r.Record
	for sid, t := range record.Tasks {
		out.Tasks = append(out.Tasks, task{sid, t})
	}
	slices.SortFunc(out.Tasks, func(a, b task) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.SID, b.SID)) })
	add := func(name, format string, args ...any) {
		out.Story = append(out.Story, [2]string{name, fmt.Sprintf(format, args...)})
	}
	add("Policy", "%s, then %s", operate.Exact(d.Policy.RetentionOf(record)), d.Policy.DispositionOf(record))
	if i := record.Interaction; i != nil {
		add("Interaction", "%s, channel %s", i.SID, i.ChannelSID)
	}
	if h := record.Hold; h != nil {
		add("Hold", "%s, by %s", h.Reason, h.By)
	}
	if c := record.Claim; c != nil {
		add("Claim", "sweep %s at %s", c.Run, operate.Stamp(c.Time))
	}
	if x := record.Retirement; x != nil {
		add("Retired", "run %s at %s: %s, %s", x.Run, operate.Stamp(x.Time), x.Disposition, x.Result)
	}
	if f := record.Failure; f != nil {
		add("Failing", "%d× in a row, last at %s: %s", f.Count, operate.Stamp(f.Time), operate.FailureText(f))
	}
	if !r.Expires.IsZero() {
		add("Record", "goes at %s", operate.Stamp(r.Expires))
	}
	return out
}

// past is one of the last sweeps as a line of the table.
type past struct {
	Run, When, Outcome string
	Numbers            []int
	Bad                bool
}

func newest(s *operate.Snapshot) []past {
	var lines []past
	for _, p := range slices.Backward(s.Sweeps) {
		lines = append(lines, past{
			Run: p.Run, When: operate.Span(s.At.Sub(p.Started)) + " ago", Outcome: p.Outcome,
			Numbers: []int{p.Walked, p.Due, p.Retired, p.Restored, p.Failed + p.Irrecoverable},
			Bad:     p.Failed+p.Irrecoverable > 0 || strings.Contains("refused broken", p.Outcome),
		})
	}
	return lines
}
