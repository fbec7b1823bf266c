package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/local"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

type processStatus struct {
	local.Process
	Running bool `json:"running"`
}

// localStatus shows what of the local environment runs; an error if something has ended.
func (p *Program) localStatus() ([]processStatus, error) {
	env, err := p.load(environment.Local)
	if err != nil {
		return nil, err
	}
	processes, err := p.stack(env).Status()
	if err != nil {
		return nil, err
	}
	list, ended := []processStatus{}, 0
	c := p.colours(p.people())
	var rows [][]string
	for _, proc := range processes {
		s, state := processStatus{proc, proc.Alive()}, c.Good("running")
		if !s.Running {
			ended++
			state = c.Bad("ended")
		}
		list = append(list, s)
		rows = append(rows, []string{s.Name, s.What, state, strconv.Itoa(s.PID), s.Address, s.Log})
	}
	if len(list) == 0 {
		p.say("Nothing of local runs. Start it with: flexsweep apply local")
		return list, nil
	}
	if !p.json {
		ui.Table(p.Out, []string{"PROCESS", "WHAT", "STATE", "PID", "ADDRESS", "LOG"}, rows)
		fmt.Fprintln(p.Out)
	}
	if ended > 0 {
		return list, fmt.Errorf("%d of %d processes have ended; bring them up again with: flexsweep apply local", ended, len(list))
	}
	return list, nil
}

// deployedStatus shows the functions and the schedule.
func (p *Program) deployedStatus(o deploy.Outputs) any {
	if !p.json {
		var rows [][]string
		for entry, f := range o.Functions {
			rows = append(rows, []string{entry, f.Name, f.URL})
		}
		slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
		when := o.SchedulerJob.Schedule + " " + o.SchedulerJob.TimeZone
		if o.SchedulerJob.Paused {
			when += " (paused)"
		}
		ui.Table(p.Out, []string{"WHAT", "NAME", "WHERE / WHEN"}, append(rows, []string{"schedule", o.SchedulerJob.Name, when}))
		fmt.Fprintln(p.Out)
	}
	return map[string]any{"functions": o.Functions, "scheduler_job": o.SchedulerJob}
}

func (p *Program) printOverview(s *operate.Snapshot) {
	c := p.colours(p.Out)
	warn := func(n int, text string) string {
		if n == 0 {
			return text
		}
		return c.Bad(text)
	}
	o := s.Overview
	due := fmt.Sprintf("%d, of them %s", o.DueNow, warn(o.Overdue, fmt.Sprintf("%d overdue", o.Overdue)))
	if !o.Oldest.IsZero() {
		due += fmt.Sprintf("; the oldest since %s (%s)", operate.Stamp(o.Oldest), operate.Span(s.At.Sub(o.Oldest)))
	}
	var next []string
	for _, w := range o.Next {
		next = append(next, fmt.Sprintf("%d within %dh", w.Channels, w.Hours))
	}
	sweeps := "not paused"
	if s.Pause.Paused {
		sweeps = c.Change(pauseText(s.Pause))
	}
	ui.Table(p.Out, nil, [][]string{
		{"ledger", fmt.Sprintf("%d channels at %s", o.Channels, operate.Stamp(s.At))},
		{"sweeps", sweeps},
		{"last sweep", lastSweep(s)},
		{"due now", due},
		{"due next", strings.Join(next, ", ")},
		{"held", strconv.Itoa(o.Held)},
		{"failing", warn(o.Failing, strconv.Itoa(o.Failing))},
		{"unreadable", warn(o.Faulty, strconv.Itoa(o.Faulty))},
	})
	for _, f := range s.Faulty {
		fmt.Fprintf(p.Out, "  %s\n", c.Bad(f))
	}
	if len(o.Kinds) > 0 {
		fmt.Fprintln(p.Out)
		p.printKinds(o.Kinds)
	}
}

func lastSweep(s *operate.Snapshot) string {
	if len(s.Sweeps) == 0 {
		return "none is remembered"
	}
	l := s.Sweeps[len(s.Sweeps)-1]
	return fmt.Sprintf("%s ago, %s: walked %d, due %d, retired %d, failed %d", operate.Span(s.At.Sub(l.Started)), l.Outcome, l.Walked, l.Due, l.Retired, l.Failed)
}

func pauseText(c ledger.Control) string {
	return fmt.Sprintf("paused by %s since %s: %s", c.By, operate.Stamp(c.Since), c.Reason)
}

func (p *Program) printKinds(kinds []operate.Kind) {
	header := []string{"BACKEND", "TYPE", "CHANNELS"}
	for _, state := range operate.States() {
		header = append(header, string(state))
	}
	var rows [][]string
	for _, k := range kinds {
		row := []string{string(k.Backend), k.Type, strconv.Itoa(k.Channels)}
		for _, state := range operate.States() {
			row = append(row, strconv.Itoa(k.States[state]))
		}
		rows = append(rows, row)
	}
	ui.Table(p.Out, header, rows)
}

func (p *Program) printRows(s status, html string) {
	if len(s.Ledger.Rows) > 0 {
		c := p.colours(p.Out)
		var rows [][]string
		for _, r := range s.Ledger.Rows {
			note := r.Note()
			if r.Failures > 0 || r.Overdue {
				note = c.Bad(note)
			}
			rows = append(rows, []string{r.Channel, string(r.State), r.Type, r.When(s.Ledger.At), note})
		}
		fmt.Fprintln(p.Out)
		ui.Table(p.Out, []string{"CHANNEL", "STATE", "TYPE", "WHEN", "NOTE"}, rows)
	}
	if shown := len(s.Ledger.Rows); shown < s.Of {
		p.say("\n%d of %d channels; more with --limit, fewer with --filter.", shown, s.Of)
	}
	if html != "" {
		p.say("\nWrote %s.", html)
	}
}
