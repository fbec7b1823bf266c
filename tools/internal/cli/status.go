package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/local"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

func (p *Program) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status ENV",
		GroupID: "look",
		Short:   "Say what runs where",
		Long: `Status of local lists the processes: what each is, where it listens, whether it runs. Status of
any other environment lists the applied functions and the schedule.`,
		Example:           "  flexsweep status local",
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == environment.Local {
				return p.localStatus()
			}
			return p.deployedStatus(cmd.Context(), args[0])
		},
	}
}

type processStatus struct {
	local.Process
	Running bool `json:"running"`
}

func (p *Program) localStatus() error {
	env, err := p.load(environment.Local)
	if err != nil {
		return err
	}
	processes, err := p.stack(env).Status()
	if err != nil {
		return err
	}
	list, ended := []processStatus{}, 0
	for _, proc := range processes {
		s := processStatus{proc, proc.Alive()}
		if !s.Running {
			ended++
		}
		list = append(list, s)
	}
	if p.json {
		return p.printJSON(list)
	}
	if len(list) == 0 {
		p.say("Nothing of local runs. Start it with: flexsweep apply local")
		return nil
	}
	c := p.colours(p.Out)
	var rows [][]string
	for _, s := range list {
		state := c.Good("running")
		if !s.Running {
			state = c.Bad("ended")
		}
		rows = append(rows, []string{s.Name, s.What, state, strconv.Itoa(s.PID), s.Address, s.Log})
	}
	ui.Table(p.Out, []string{"PROCESS", "WHAT", "STATE", "PID", "ADDRESS", "LOG"}, rows)
	if ended > 0 {
		return fmt.Errorf("%d of %d processes have ended; bring them up again with: flexsweep apply local", ended, len(list))
	}
	return nil
}

func (p *Program) deployedStatus(ctx context.Context, name string) error {
	_, outputs, _, err := p.client(ctx, name)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(map[string]any{"functions": outputs.Functions, "scheduler_job": outputs.SchedulerJob})
	}
	var rows [][]string
	for entry, f := range outputs.Functions {
		rows = append(rows, []string{entry, f.Name, f.URL})
	}
	state := outputs.SchedulerJob.Schedule + " " + outputs.SchedulerJob.TimeZone
	if outputs.SchedulerJob.Paused {
		state += " (paused)"
	}
	ui.Table(p.Out, []string{"WHAT", "NAME", "WHERE / WHEN"}, append(rows, []string{"schedule", outputs.SchedulerJob.Name, state}))
	return nil
}
