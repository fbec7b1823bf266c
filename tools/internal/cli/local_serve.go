package cli

import (
	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/local"
)

// localServeCommand is the process before the local functions; apply starts it.
func (p *Program) localServeCommand() *cobra.Command {
	o := local.ServeOptions{Log: p.Out}
	cmd := &cobra.Command{
		Use:    local.ServeCommand,
		Hidden: true,
		Short:  "Stand before the local functions (started by apply local)",
		Args:   exactly(0, "no arguments"),
		RunE:   func(cmd *cobra.Command, _ []string) error { return local.Serve(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.Dir, "dir", "", "the local environment's folder")
	cmd.Flags().IntVar(&o.Webhook, "webhook", 0, "port of the EventStreams function")
	cmd.Flags().IntVar(&o.Sweep, "sweep", 0, "port of the Sweep function")
	cmd.Flags().BoolVar(&o.NoScheduler, "no-scheduler", false, "leave the scheduled job alone")
	return cmd
}
