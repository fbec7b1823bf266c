package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

type sweepFlags struct {
	operateFlags
	dryRun, now, acceptDue, yes bool
	limit                       int
}

func (p *Program) sweepCommand() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:     "sweep ENV [--dry-run | --now]",
		GroupID: "operate",
		Short:   "Show what the next sweep would do, or sweep now",
		Long: `Sweep runs the same sweep that the schedule triggers. By default, and with --dry-run, it runs here,
changes nothing, and says for each channel what would happen and why. With --now it asks, has the
deployed function sweep for real, and shows its report; for that it needs an identity token of an
account that may call the function: that of gcloud, or of --impersonate.

Exit codes: 0 it came to an end; 1 a channel failed, or the ledger could not be read; 3 the sweep was
refused because what is due cannot be explained, or the sweeps are paused.`,
		Example: `  flexsweep sweep prod
  flexsweep sweep prod --limit 10 --json
  flexsweep sweep prod --now --limit 10
  flexsweep sweep prod --now --accept-due --impersonate flexsweep-prod-invoker@my-project.iam.gserviceaccount.com`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.sweep(cmd.Context(), args[0], f) },
	}
	f.register(cmd, false)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "change nothing (the default)")
	cmd.Flags().BoolVar(&f.now, "now", false, "sweep for real, by calling the deployed function")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask (with --now)")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "at most so many channels; 0 for the environment's own limit")
	cmd.Flags().BoolVar(&f.acceptDue, "accept-due", false, "say that what is due is rightly due, for a whole pass under these rules (with --now)")
	cmd.Flags().BoolVar(&f.acceptDue, "ignore-due-share", false, "")
	_ = cmd.Flags().MarkDeprecated("ignore-due-share", "it is called --accept-due now") // fails for an unknown flag only
	cmd.Flags().StringVar(&f.impersonate, "impersonate", "", "call the function as this service `ACCOUNT`")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "now")
	return cmd
}

func (p *Program) sweep(ctx context.Context, name string, f sweepFlags) error {
	if f.limit < 0 {
		return &exit{ExitUsage, fmt.Errorf("--limit must be 0 or more, but is %d", f.limit)}
	}
	env, err := p.operator(ctx, name, f.operateFlags)
	if err != nil {
		return err
	}
	request := sweep.Request{DryRun: !f.now, Limit: f.limit}
	var report *sweep.Report
	if f.now {
		if err := p.confirm(f.yes, "Sweep "+name+" for real?"+scheduleHint(env)); err != nil {
			return err
		}
		if f.acceptDue {
			if err := env.AcceptDue(ctx); err != nil {
				return err
			}
		}
		report, err = env.Call(ctx, request)
	} else {
		progress := p.counter()
		report, err = env.DryRun(ctx, request, func(n int) { progress.Show("walking the ledger: %d records", n) })
		progress.Close()
	}
	if report == nil {
		return err
	}
	return p.printReport(report)
}

// scheduleHint warns where the schedule itself only sweeps dry: there nothing was retired yet.
func scheduleHint(env *operate.Environment) string {
	var scheduled sweep.Request
	if json.Unmarshal([]byte(env.Outputs.SchedulerJob.Body), &scheduled) == nil && scheduled.DryRun {
		return " Its schedule sweeps dry so far (dry_run), and this does not."
	}
	return ""
}

func (p *Program) printReport(r *sweep.Report) error {
	if p.json {
		if err := p.printJSON(r); err != nil {
			return err
		}
	} else {
		p.printItems(r)
		p.printTotals(r)
	}
	switch {
	case r.Outcome == sweep.Broken:
		return fmt.Errorf("the sweep broke off: %s", r.Text)
	case r.Outcome == sweep.Refused:
		return refused(fmt.Errorf("the sweep is refused: %s", r.Text))
	case r.Outcome == sweep.Paused:
		return refused(fmt.Errorf("nothing was swept: %s", r.Text))
	case r.Failed+r.Irrecoverable+r.Faulty > 0:
		return fmt.Errorf("%d channels failed, %d are irrecoverable, %d records cannot be read", r.Failed, r.Irrecoverable, r.Faulty)
	}
	return nil
}

func (p *Program) printItems(r *sweep.Report) {
	if len(r.Items) == 0 {
		return
	}
	c := p.colours(p.Out)
	var rows [][]string
	for _, item := range r.Items {
		did := string(item.Did)
		if item.Did == sweep.FailedNow || item.Did == sweep.Irrecoverable {
			did = c.Bad(did)
		}
		rows = append(rows, []string{item.Channel, did, item.Text})
	}
	header := []string{"CHANNEL", "DID", "WHY"}
	if r.DryRun {
		header[1] = "WOULD"
	}
	ui.Table(p.Out, header, rows)
	fmt.Fprintln(p.Out)
}

func (p *Program) printTotals(r *sweep.Report) {
	rows := [][]string{
		{"walked", strconv.Itoa(r.Walked)},
		{"due", fmt.Sprintf("%d, of them %d over the limit, %d failing", r.Due, r.Deferred, r.Failing)},
	}
	for _, reason := range channel.KeepReasons() {
		if n := r.Skipped[reason]; n > 0 {
			rows = append(rows, []string{"kept, " + string(reason), strconv.Itoa(n)})
		}
	}
	if !r.DryRun {
		rows = append(rows,
			[]string{"retired", fmt.Sprintf("%d, and %d were so already, %d are gone", r.Retired, r.Already, r.Gone)},
			[]string{"put off", fmt.Sprintf("%d busy, %d changed meanwhile, %d left over", r.Busy, r.Conflicts, r.LeftOver)},
			[]string{"put back", strconv.Itoa(r.Restored)},
			[]string{"failed", fmt.Sprintf("%d, irrecoverable %d", r.Failed, r.Irrecoverable)},
			[]string{"run", r.Run})
	}
	ui.Table(p.Out, nil, append(rows, []string{"requests", strconv.FormatInt(r.Calls, 10)}))
	if r.DryRun {
		fmt.Fprintln(p.Out, "\nThis was a dry run: nothing was changed.")
		if r.Text != "" && r.Outcome == sweep.Completed {
			fmt.Fprintln(p.Out, "A real one would do nothing: "+r.Text)
		}
	}
}
