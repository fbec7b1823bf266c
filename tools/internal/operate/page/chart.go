package page

import (
	"fmt"
	"math"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// The drawing area of a chart in its own units; at this width the text is as large on a
// phone as on the page.
const (
	width  = 360.0
	height = 180.0
	left   = 34.0 // for the numbers
	bottom = 24.0 // for the labels
	top    = 10.0
	right  = 8.0 // for half of the last label
)

// chart is a bar chart. Each bar is a stack of parts.
type chart struct {
	Title, Caption string
	Width, Height  float64
	Left, Base     float64 // where the axes meet
	Right          float64 // where the lines end
	Grid           []line
	Bars           []bar
	Labels         []label
	Legend         []key
	Empty          string // said instead of a chart
}

type line struct {
	Y    float64
	Text string
}

type bar struct {
	X, Width float64
	Title    string // shown under the pointer, and read aloud
	Parts    []part
}

type part struct {
	Y, Height float64
	Class     string
}

type label struct {
	X    float64
	Text string
}

type key struct{ Class, Text string }

// column is a bar before it is laid out.
type column struct {
	label, title string
	parts        []int
	classes      []string
}

// lay places the columns; every n-th is labelled.
func (c *chart) lay(columns []column, every int) {
	c.Width, c.Height, c.Left, c.Base, c.Right = width, height, left, height-bottom, width-right
	most := 0
	for _, col := range columns {
		most = max(most, sum(col.parts))
	}
	scale := niceTop(most)
	for _, share := range []float64{0, 0.5, 1} {
		value := share * float64(scale)
		if value == math.Trunc(value) {
			c.Grid = append(c.Grid, line{c.y(value, scale), fmt.Sprint(int(value))})
		}
	}
	step := (width - left - right) / float64(max(1, len(columns)))
	for i, col := range columns {
		b := bar{X: left + step*float64(i) + step*0.1, Width: step * 0.8, Title: col.title}
		below := 0
		for j, n := range col.parts {
			if n > 0 {
				y := c.y(float64(below+n), scale)
				b.Parts = append(b.Parts, part{y, c.y(float64(below), scale) - y, col.classes[j]})
			}
			below += n
		}
		c.Bars = append(c.Bars, b)
		if i%every == 0 {
			c.Labels = append(c.Labels, label{b.X + b.Width/2, col.label})
		}
	}
}

func (c *chart) y(value float64, scale int) float64 {
	return math.Round((c.Base-(c.Base-top)*value/float64(scale))*10) / 10
}

// niceTop is the smallest of 1, 2, 4, 6, 8, 10, 20, 40… that is no less than n.
func niceTop(n int) int {
	for power := 1; ; power *= 10 {
		for _, digit := range []int{1, 2, 4, 6, 8} {
			if digit*power >= n {
				return digit * power
			}
		}
	}
}

func sum(parts []int) (total int) {
	for _, n := range parts {
		total += n
	}
	return total
}

// slots is how many bars the time to come is divided into.
const slots = 12

// dueChart shows how many channels are due now, and when the others come due.
func dueChart(rows []operate.Row, now time.Time) chart {
	c := chart{Title: "Due over time", Legend: []key{{"s-due", "due now"}, {"s-waiting", "will be due"}}}
	last, waiting, due := now, 0, 0
	for _, r := range rows {
		switch r.State {
		case operate.StateDue:
			due++
		case operate.StateWaiting:
			waiting++
			if r.At.After(last) {
				last = r.At
			}
		}
	}
	if waiting+due == 0 {
		c.Empty = "Nothing is due, and nothing waits."
		return c
	}
	slot := niceSlot(last.Sub(now))
	columns := []column{{"now", fmt.Sprintf("%d due now", due), []int{due}, []string{"s-due"}}}
	counts := make([]int, slots)
	for _, r := range rows {
		if r.State == operate.StateWaiting {
			counts[min(int(r.At.Sub(now)/slot), slots-1)]++
		}
	}
	for i, n := range counts {
		end := slot * time.Duration(i+1)
		columns = append(columns, column{ahead(end), fmt.Sprintf("%d due between %s and %s from now", n, operate.Span(slot*time.Duration(i)), operate.Span(end)), []int{n}, []string{"s-waiting"}})
	}
	c.lay(columns, 3)
	c.Caption = fmt.Sprintf("%d due now, %d more by %s; each bar is %s.", due, waiting, operate.Stamp(last), operate.Span(slot))
	return c
}

// ahead is a label in one unit: there is no room for two.
func ahead(d time.Duration) string {
	if hours := int(d.Hours()); hours <= 72 {
		return fmt.Sprintf("+%dh", hours)
	}
	return fmt.Sprintf("+%dd", int(d.Hours()/24))
}

// niceSlot is the shortest of some round spans that covers the time with all slots.
func niceSlot(span time.Duration) time.Duration {
	for _, hours := range []int{1, 2, 4, 6, 12, 24, 48, 96, 168} {
		if slot := time.Duration(hours) * time.Hour; slot*slots >= span {
			return slot
		}
	}
	return span/slots + time.Hour
}

// ages are the upper ends of the classes of age.
var ages = []struct {
	below time.Duration
	name  string
}{
	{time.Hour, "<1h"}, {6 * time.Hour, "<6h"}, {24 * time.Hour, "<1d"}, {48 * time.Hour, "<2d"},
	{7 * 24 * time.Hour, "<7d"}, {30 * 24 * time.Hour, "<30d"}, {math.MaxInt64, "older"},
}

// ageChart shows how long ago the last task ended on the channels that are not retired.
func ageChart(rows []operate.Row, now time.Time) chart {
	c := chart{Title: "Time since the last task", Legend: []key{{"s-open", "with an open task"}, {"s-age", "without, and not retired"}}}
	counts, open, total := make([]int, len(ages)), 0, 0
	for _, r := range rows {
		switch {
		case r.State == operate.StateOpen:
			open++
		case r.State != operate.StateRetired && !r.LastEnd.IsZero():
			total++
			for i, age := range ages {
				if now.Sub(r.LastEnd) < age.below {
					counts[i]++
					break
				}
			}
		}
	}
	if total+open == 0 {
		c.Empty = "No channel is in use."
		return c
	}
	columns := []column{{"open", fmt.Sprintf("%d with an open task", open), []int{open}, []string{"s-open"}}}
	for i, n := range counts {
		columns = append(columns, column{ages[i].name, fmt.Sprintf("%d whose last task ended %s ago", n, ages[i].name), []int{n}, []string{"s-age"}})
	}
	c.lay(columns, 1)
	c.Caption = fmt.Sprintf("%d channels with an open task, %d without.", open, total)
	return c
}

// sweepChart shows what the last sweeps did.
func sweepChart(sweeps []ledger.Summary) chart {
	c := chart{Title: "The last sweeps", Legend: []key{{"s-retired", "retired"}, {"s-undone", "put back"}, {"s-failed", "failed"}, {"s-stopped", "did not complete"}}}
	if len(sweeps) == 0 {
		c.Empty = "No sweep is remembered."
		return c
	}
	classes := []string{"s-retired", "s-undone", "s-failed", "s-stopped"}
	retired, failed := 0, 0
	var columns []column
	for _, p := range sweeps {
		stopped := 0
		if p.Outcome != "completed" {
			stopped = max(1, p.Due-p.Retired-p.Failed)
		}
		retired, failed = retired+p.Retired, failed+p.Failed+p.Irrecoverable
		title := fmt.Sprintf("%s: %s; due %d, retired %d, put back %d, failed %d", operate.Stamp(p.Started), p.Outcome, p.Due, p.Retired, p.Restored, p.Failed+p.Irrecoverable)
		columns = append(columns, column{p.Started.UTC().Format("15:04"), title, []int{p.Retired, p.Restored, p.Failed + p.Irrecoverable, stopped}, classes})
	}
	c.lay(columns, max(1, (len(columns)+5)/6))
	c.Caption = fmt.Sprintf("%d sweeps: %d channels retired, %d failed.", len(sweeps), retired, failed)
	return c
}
