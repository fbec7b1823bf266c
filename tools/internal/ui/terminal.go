// Package ui is what the tool looks like: colour and progress on a terminal,
// plain lines elsewhere, tables, questions.
package ui

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// IsTerminal reports whether v is a terminal that a person sits at.
func IsTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
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

// Table writes rows, aligned, under a header if there is one.
func Table(w io.Writer, header []string, rows [][]string) {
	t := table.NewWriter()
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

func cells(in []string) table.Row {
	row := make(table.Row, len(in))
	for i, c := range in {
		row[i] = c
	}
	return row
}

// Ask puts a question and reads one line. Nothing but "yes" is a yes.
func Ask(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprintf(out, "%s Only \"yes\" is taken as yes: ", question)
	line, _ := bufio.NewReader(in).ReadString('\n')
	return strings.TrimSpace(line) == "yes"
}
