package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

func (p *Program) retireCommand() *cobra.Command {
	var f operateFlags
	var yes bool
	cmd := &cobra.Command{
		Use:     "retire ENV CH…",
		GroupID: "operate",
		Short:   "Retire one channel now, whatever its retention",
		Long: `Retire shows what is known of one channel, asks, and retires it as a sweep would: by the policy's
disposition, under a claim in the ledger, so that an event that comes in meanwhile wins. A channel
with an open task, a hold, or a sweep at work on it is refused. A pause of the sweeps does not stop
this: you ask for it by name.`,
		Example:           "  flexsweep retire prod CH0123456789abcdef0123456789abcdef",
		Args:              channelsOf(1),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.retire(cmd.Context(), args[0], args[1], yes, f)
		},
	}
	f.register(cmd, false)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (p *Program) retire(ctx context.Context, name, sid string, yes bool, f operateFlags) error {
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	entry, err := env.Load(ctx, sid)
	if err != nil {
		return err
	}
	if err := env.MayRetire(ctx, entry); err != nil {
		return refused(fmt.Errorf("%s is not retired now: %w", sid, err))
	}
	row := operate.NewRow(entry, env.Config.Policy, env.Now())
	p.say("%s (%s, %s) is %s: %s", sid, row.Backend, row.Type, row.State, row.Text)
	if err := p.confirm(yes, retireQuestion(env.Config.Policy.DispositionOf(entry.Record))); err != nil {
		return err
	}
	return p.printChanges([]operate.Changed{env.Retire(ctx, entry)})
}

// retireQuestion says what cannot be taken back.
func retireQuestion(d channel.Disposition) string {
	switch d {
	case channel.Close:
		return "Close it now? That is final: nobody can reopen it."
	case channel.Delete:
		return "Delete it now, with its history? That is final."
	default:
		return "Deactivate it now? That can be undone with flexsweep undo."
	}
}
