package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// tally counts the channels of one use case.
type tally struct {
	channels, retired, kept, wrong int
}

// faulted is a channel that is not what it must be.
type faulted struct {
	life *life
	text string
}

func writeTable(w io.Writer, stories []*story, byCase map[string]*tally) {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"use case", "told", "channels", "retired", "kept", "wrong", ""})
	told := map[string]int{}
	for _, s := range stories {
		told[s.useCase.name]++
	}
	var sum tally
	for i := range useCases {
		u := &useCases[i]
		c := byCase[u.name]
		t.AppendRow(table.Row{u.name, told[u.name], c.channels, c.retired, c.kept, c.wrong, u.comment})
		sum.channels, sum.retired, sum.kept, sum.wrong = sum.channels+c.channels, sum.retired+c.retired, sum.kept+c.kept, sum.wrong+c.wrong
	}
	t.AppendFooter(table.Row{"", len(stories), sum.channels, sum.retired, sum.kept, sum.wrong, ""})
	numbers := []table.ColumnConfig{}
	for column := 2; column <= 6; column++ {
		numbers = append(numbers, table.ColumnConfig{Number: column, Align: text.AlignRight, AlignFooter: text.AlignRight})
	}
	t.SetColumnConfigs(numbers)
	t.Render()
}

// writeStories shows one example of each use case, line by line.
func writeStories(w io.Writer, stories []*story) {
	shown := map[string]bool{}
	for _, s := range stories {
		if wantChat := len(shown)%2 == 0; shown[s.useCase.name] || s.chat != wantChat {
			continue // chat channels and conversations in turn
		}
		shown[s.useCase.name] = true
		backend := "conversation"
		if s.chat {
			backend = "chat channel"
		}
		if s.useCase.voice {
			backend = "no channel"
		}
		fmt.Fprintf(w, "\n%s (%s, %s)\n", s.useCase.name, backend, s.kind)
		for _, line := range s.lines {
			fmt.Fprintf(w, "  %s\n", line)
		}
		for _, l := range s.channels {
			_, why := l.mustBe(days)
			fmt.Fprintf(w, "  %s %s: %s\n", strings.Repeat(" ", 11)+"at the end", word(l.retired), why)
		}
	}
}
