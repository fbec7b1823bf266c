package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

func (p *Program) pauseCommand() *cobra.Command {
	var f operateFlags
	var reason string
	cmd := &cobra.Command{
		Use:     "pause ENV --reason WHY",
		GroupID: "operate",
		Short:   "Stop every sweep within seconds, with no deployment",
		Long: `Pause writes into the ledger that no sweep may retire anything until "flexsweep resume ENV". Events are
still taken. A sweep that runs already looks every five seconds, finishes the channels that it is at
work on, and begins no other. Who paused, when and why is shown by status and in each sweep's report.`,
		Example:           `  flexsweep pause prod --reason "wrong retention was applied"`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.pause(cmd.Context(), args[0], reason, f) },
	}
	f.register(cmd, true)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever finds the sweeps paused (required)")
	return cmd
}

var errNoReason = &exit{ExitUsage, errors.New("say why with --reason: others will find this and ask")}

func (p *Program) pause(ctx context.Context, name, reason string, f operateFlags) error {
	if reason == "" {
		return errNoReason
	}
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	pause, changed, err := env.Pause(ctx, reason)
	if err != nil {
		return err
	}
	if p.json {
		return p.printJSON(map[string]any{"pause": pause, "changed": changed})
	}
	if !changed {
		p.say("Already %s", pauseText(pause))
		return nil
	}
	p.say("Sweeps of %s are %s\nGo on with: flexsweep resume %s", name, pauseText(pause), name)
	return nil
}

func (p *Program) resumeCommand() *cobra.Command {
	var f operateFlags
	cmd := &cobra.Command{
		Use:               "resume ENV",
		GroupID:           "operate",
		Short:             "Let the sweeps go on after a pause",
		Long:              `Resume ends a pause. The next sweep that the schedule triggers does what is due.`,
		Example:           "  flexsweep resume prod",
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.resume(cmd.Context(), args[0], f) },
	}
	f.register(cmd, true)
	return cmd
}

func (p *Program) resume(ctx context.Context, name string, f operateFlags) error {
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	was, err := env.Control(ctx)
	if err != nil {
		return err
	}
	changed := was.Paused
	if changed {
		if err := env.Resume(ctx, was); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(map[string]any{"was": was, "changed": changed})
	}
	if !changed {
		p.say("Sweeps of %s were not paused.", name)
		return nil
	}
	p.say("Sweeps of %s go on. They were %s, for %s.", name, pauseText(was), operate.Span(env.Now().Sub(was.Since)))
	return nil
}
