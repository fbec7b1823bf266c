package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/backfill"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

func (p *Program) printBackfill(s *backfill.Summary, f backfillFlags) error {
	if p.json {
		return p.printJSON(s)
	}
	p.printAdopted(s, f.show)
	ui.Table(p.Out, nil, p.backfillTotals(s))
	if s.DryRun {
		fmt.Fprintf(p.Out, "\nThis was a dry run: nothing was written. To adopt: flexsweep backfill %s --apply\n", s.Environment)
	}
	if s.Limited {
		fmt.Fprintf(p.Out, "\nIt ended with its limit of %d; there may be more.\n", f.limit)
	}
	return nil
}

// printAdopted lists the first channels; failed ones before all others.
func (p *Program) printAdopted(s *backfill.Summary, show int) {
	c := p.colours(p.Out)
	var rows, failed [][]string
	for _, i := range s.Items {
		end := ""
		if !i.LastEnd.IsZero() {
			end = operate.Stamp(i.LastEnd)
		}
		if i.Did == backfill.Failed {
			failed = append(failed, []string{i.Channel, c.Bad(string(i.Did)), i.Type, "", "", i.Text})
			continue
		}
		rows = append(rows, []string{i.Channel, string(i.Did), i.Type, end, string(i.Source), string(i.State)})
	}
	rows = append(failed, rows...)
	if len(rows) == 0 {
		return
	}
	of := len(rows)
	if show > 0 && of > show {
		rows = rows[:show]
	}
	ui.Table(p.Out, []string{"CHANNEL", "DID", "TYPE", "LAST TASK ENDED", "SAYS THE", "STATE"}, rows)
	if len(rows) < of {
		fmt.Fprintf(p.Out, "… %d more; all with --show 0 or --json.\n", of-len(rows))
	}
	fmt.Fprintln(p.Out)
}

func (p *Program) backfillTotals(s *backfill.Summary) [][]string {
	adopted := "adopted"
	if s.DryRun {
		adopted = "to adopt"
	}
	rows := [][]string{
		{"seen", fmt.Sprintf("%d chat channels, %d conversations", s.Seen[channel.Chat], s.Seen[channel.Conversations])},
		{"known already", strconv.Itoa(s.Known + s.Raced)},
		{"retired already", strconv.Itoa(s.Retired)},
		{"not long-lived", fmt.Sprintf("%d in chat's lists", s.NotLongLived)},
	}
	if s.OutsideDates > 0 {
		rows = append(rows, []string{"of other days", strconv.Itoa(s.OutsideDates)})
	}
	if s.SampleRecords+s.SampleUnreadable > 0 {
		rows = append(rows, []string{"the sample's", fmt.Sprintf("%d records, %d of them of no channel that was seen, %d more unreadable", s.SampleRecords, s.SampleOnly, s.SampleUnreadable)})
	}
	rows = append(rows, []string{adopted, strconv.Itoa(s.Adopted)})
	var states, sources []string
	for _, state := range operate.States() {
		if n := s.States[state]; n > 0 {
			states = append(states, fmt.Sprintf("%d %s", n, state))
		}
	}
	for _, source := range []backfill.Source{backfill.FromTask, backfill.FromSample, backfill.FromTrace, backfill.FromMessage, backfill.FromUpdate} {
		if n := s.Sources[source]; n > 0 {
			sources = append(sources, fmt.Sprintf("%d by the %s", n, source))
		}
	}
	if len(states) > 0 {
		rows = append(rows, []string{"  of them", strings.Join(states, ", ")})
	}
	if len(sources) > 0 {
		rows = append(rows, []string{"  last end", strings.Join(sources, ", ")})
	}
	if s.Failed > 0 {
		rows = append(rows, []string{"failed", p.colours(p.Out).Bad(strconv.Itoa(s.Failed))})
	}
	return append(rows, []string{"requests", strconv.FormatInt(s.Calls, 10)})
}
