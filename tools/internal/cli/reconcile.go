package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/reconcile"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

type reconcileFlags struct {
	operateFlags
	fix, yes bool
	grace    time.Duration
}

func (p *Program) reconcileCommand() *cobra.Command {
	var f reconcileFlags
	cmd := &cobra.Command{
		Use:     "reconcile ENV [--fix]",
		GroupID: "operate",
		Short:   "Find what the ledger and Twilio disagree about, and mend it",
		Long: `Reconcile compares the ledger with Twilio: open tasks that the ledger has not heard of, tasks that it
believes open and that have ended, records whose channel is gone or was retired by somebody else, and
records that cannot be read. Run it when the webhook was away for longer than the four hours for which
Twilio sends an event again.

With --fix it mends the ledger, and nothing but the ledger: no channel is touched. A task is noted down
as its event would have been; where nobody knows when it ended, it ended now, so that its channel is kept
too long rather than too short. Channels that the ledger has never heard of are for backfill.

Exit codes: 0 they agree, or everything is mended; 1 something could not be compared or mended;
2 they differ.`,
		Example: `  flexsweep reconcile prod
  flexsweep reconcile prod --fix`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.reconcile(cmd.Context(), args[0], f) },
	}
	f.register(cmd, false)
	cmd.Flags().BoolVar(&f.fix, "fix", false, "mend the ledger")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask (with --fix)")
	cmd.Flags().DurationVar(&f.grace, "grace", reconcile.DefaultGrace, "news that is younger counts as on its way")
	return cmd
}

func (p *Program) reconcile(ctx context.Context, name string, f reconcileFlags) error {
	if f.grace < 0 {
		return &exit{ExitUsage, errors.New("--grace must be 0 or more")}
	}
	env, err := p.operator(ctx, name, f.operateFlags)
	if err != nil {
		return err
	}
	if f.fix {
		if err := p.confirm(f.yes, "Mend the ledger of "+name+" by what Twilio says?"); err != nil {
			return err
		}
	}
	progress := p.counter()
	report, err := reconcile.Run(ctx, env, reconcile.Options{Fix: f.fix, Grace: f.grace, Tell: func(at reconcile.Progress) {
		if at.Of > 0 {
			progress.Show("%s: %d of %d", at.Doing, at.Done, at.Of)
			return
		}
		progress.Show("%s: %d", at.Doing, at.Done)
	}})
	progress.Close()
	if err != nil {
		return err
	}
	if p.json {
		if err := p.printJSON(report); err != nil {
			return err
		}
	} else {
		p.printReconciled(report)
	}
	switch {
	case report.Failed > 0:
		return fmt.Errorf("%d of %d differences could not be mended", report.Failed, len(report.Findings))
	case report.Open > 0:
		return &exit{code: ExitChanges}
	}
	return nil
}

func (p *Program) printReconciled(r *reconcile.Report) {
	c := p.colours(p.Out)
	mendable := 0
	for _, f := range r.Findings {
		fmt.Fprintf(p.Out, "%s  %s: %s\n", f.Channel, c.Change(string(f.Kind)), f.Text)
		switch {
		case f.Failure != "":
			fmt.Fprintf(p.Out, "  %s: %s\n", c.Bad("not mended"), f.Failure)
		case f.Fixed:
			fmt.Fprintf(p.Out, "  %s: %s\n", c.Good("mended"), f.Mend)
		case f.Mend != "":
			mendable++
			fmt.Fprintf(p.Out, "  --fix: %s\n", f.Mend)
		}
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(p.Out)
	}
	ui.Table(p.Out, nil, [][]string{
		{"ledger", fmt.Sprintf("%d records, %d of them compared with their channel", r.Records, r.Compared)},
		{"TaskRouter", fmt.Sprintf("%d tasks on channels", r.Tasks)},
		{"differences", fmt.Sprintf("%d, of them %d stand", len(r.Findings), r.Open)},
		{"requests", strconv.FormatInt(r.Calls, 10)},
	})
	switch {
	case len(r.Findings) == 0:
		fmt.Fprintln(p.Out, "\nLedger and Twilio agree.")
	case r.DryRun && mendable > 0:
		fmt.Fprintf(p.Out, "\nNothing was changed. To mend %d of them: flexsweep reconcile %s --fix\n", mendable, r.Environment)
	}
}
