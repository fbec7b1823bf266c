// Package ui is what the tool looks like: colour and progress on a terminal,
// plain lines elsewhere, tables, questions.
package ui

import (
	"fmt"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// IsPerson reports whether v is a terminal that a person sits at.
func IsPerson(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// IsTerminal reports whether v is a terminal that can be drawn on: that of an editor
// or a log (TERM=dumb) cannot.
func IsTerminal(v any) bool { return IsPerson(v) && os.Getenv("TERM") != "dumb" }

// Width is how many columns v has; 0 where there is no end, as in a file.
func Width(v any) int {
	f, ok := v.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// fit cuts a line to what fits beside the cursor in so many columns.
func fit(line string, columns int) string {
	if columns == 0 {
		columns = 80
	}
	return text.Snip(line, max(columns-1, 20), "…")
}

// Count is a number with its word: "1 channel", "2 channels".
func Count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Colours are the colours of the tool; each is the identity when off.
type Colours struct{ Good, Bad, Change, Faint, Bold func(string) string }

// NewColours gives colours, or, with on false, plain text.
func NewColours(on bool) Colours {
	paint := func(cs ...text.Color) func(string) string {
		if !on {
			return func(s string) string { return s }
		}
		return func(s string) string { return text.Colors(cs).Sprint(s) }
	}
	if on {
		text.EnableColors() // go-pretty looks at the environment; the decision was made above it
	}
	return Colours{
		Good: paint(text.FgGreen), Bad: paint(text.FgRed), Change: paint(text.FgYellow),
		Faint: paint(text.Faint), Bold: paint(text.Bold),
	}
}

// Table writes rows, aligned, under a header if there is one. On a terminal that is too
// narrow the last column is wrapped.
func Table(w io.Writer, header []string, rows [][]string) {
	t := table.NewWriter()
	if last, most := lastColumn(Width(w), header, rows); most > 0 {
		t.SetColumnConfigs([]table.ColumnConfig{{Number: last, WidthMax: most, WidthMaxEnforcer: text.WrapHard}})
	}
	t.SetOutputMirror(w)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	if len(header) > 0 {
		t.AppendHeader(cells(header))
	}
	for _, r := range rows {
		t.AppendRow(cells(r))
	}
	t.Render()
}

// lastColumn is the number of the last column and what is left for it of so many
// columns of the terminal; 0 if everything fits.
func lastColumn(columns int, header []string, rows [][]string) (number, most int) {
	widths := map[int]int{}
	for _, r := range append([][]string{header}, rows...) {
		for i, c := range r {
			widths[i] = max(widths[i], text.LongestLineLen(c))
		}
	}
	number = len(widths)
	total := 0
	for _, w := range widths {
		total += w + 2 // go-pretty's space on either side
	}
	if columns == 0 || total <= columns || number == 0 {
		return number, 0
	}
	return number, max(widths[number-1]-(total-columns), 16)
}

func cells(in []string) table.Row {
	row := make(table.Row, len(in))
	for i, c := range in {
		row[i] = c
	}
	return row
}
