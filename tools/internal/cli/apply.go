package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/check"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/plan"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

type applyFlags struct {
	plan  string
	fresh bool
	yes   bool
	allow []string

	official bool
}

func (p *Program) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:     "apply ENV",
		GroupID: "provision",
		Short:   "Apply exactly the plan that was shown",
		Long: `Apply applies the plan that "flexsweep plan ENV" kept, or makes and shows one first, and asks
before it starts. A plan made of other sources (infra/, cloudfunction/ or the environment's
variables changed since) is refused. When Twilio answers 429 or 5xx, the rest of the plan is
applied again, a few times, as long as it stays within what was agreed to.

For local it then unpacks and builds the very bundle that was uploaded, runs it with the
applied settings, and starts the local scheduler.

` + officialHelp,
		Example: `  flexsweep apply local --yes
  flexsweep apply local --official-twilio
  flexsweep apply prod
  flexsweep apply prod --plan prod.tfplan --yes      # in CI`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.apply(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.plan, "plan", "", "apply this plan file")
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "make a new plan, whatever was kept")
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().StringArrayVar(&f.allow, "allow", nil, "let the guard pass this `ADDRESS` (repeatable)")
	officialFlag(cmd, &f.official)
	return cmd
}

func (p *Program) apply(ctx context.Context, name string, f applyFlags) error {
	w, err := p.open(ctx, name, purpose{bundle: true, lift: f.allow, official: f.official})
	if err != nil {
		return err
	}
	defer w.close()
	planned, err := p.planToApply(ctx, w, f)
	if err != nil {
		return err
	}
	if err := p.render(w, planned); err != nil {
		return err
	}
	if refusals := p.guard(w, planned, f.allow); len(refusals) > 0 {
		return refused(guardError(refusals))
	}
	if !planned.Summary.Empty() {
		if err := p.confirm(f.yes, fmt.Sprintf("\nApply this to %s?", name)); err != nil {
			return err
		}
	}
	done, err := p.applyPlan(ctx, w, planned)
	if err != nil {
		return err
	}
	if planned.Record.Destroy {
		p.say("%s is destroyed (%d resources).", name, done)
		return nil
	}
	return p.afterApply(ctx, w, planned.Summary, done)
}

// planToApply finds the plan that was asked for, or the one that was kept, or
// makes one.
func (p *Program) planToApply(ctx context.Context, w *workspace, f applyFlags) (*deploy.Planned, error) {
	file := w.session.PlanFile()
	if f.plan != "" {
		file = p.at(f.plan)
	}
	if !f.fresh {
		planned, err := w.session.Load(ctx, file)
		switch {
		case err == nil:
			return planned, nil
		case errors.Is(err, deploy.ErrStale):
			return nil, refused(fmt.Errorf("%w; look at a new one: flexsweep plan %s (or apply --fresh)", err, w.env.Name))
		case f.plan != "" || !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
	}
	return p.makePlan(ctx, w, w.session.PlanFile(), false)
}

// confirm asks, where there is somebody to ask.
func (p *Program) confirm(yes bool, question string) error {
	switch {
	case yes:
		return nil
	case !p.Terminal:
		return refused(errors.New("nobody is there to be asked; say --yes (in make: YES=1)"))
	case !ui.Ask(p.In, p.people(), question):
		return refused(errors.New("not done"))
	}
	return nil
}

// applyPlan applies with progress and returns how many resources were done.
func (p *Program) applyPlan(ctx context.Context, w *workspace, planned *deploy.Planned) (int, error) {
	progress := ui.NewProgress(p.people(), ui.IsTerminal(p.people()), p.colours(p.people()))
	patience := deploy.DefaultPatience()
	if p.Sleep != nil {
		patience.Wait = p.Sleep
	}
	started := p.Now()
	err := w.session.Apply(ctx, planned, patience, progress.Observe, func(s string) { p.say("  %s", s) })
	progress.Close()
	if errors.Is(err, context.Canceled) {
		return progress.Done(), fmt.Errorf("cancelled: Terraform finished its step, %d resources are done and in the state, the rest is as before; carry on with: flexsweep apply %s: %w",
			progress.Done(), w.env.Name, context.Canceled)
	}
	if err != nil {
		return progress.Done(), explain(w.env.Name, err)
	}
	p.say("Done in %s: %d resources in %s.", w.env.Name, progress.Done(), p.Now().Sub(started).Round(time.Second))
	return progress.Done(), nil
}

// afterApply starts what the local environment runs, and says what matters next.
func (p *Program) afterApply(ctx context.Context, w *workspace, s plan.Summary, done int) error {
	if w.stack != nil {
		if err := w.stack.Start(ctx); err != nil {
			return err
		}
	}
	raw, err := w.session.Runner.Outputs(ctx)
	if err != nil {
		return err
	}
	outputs, err := deploy.ReadOutputs(raw)
	if err != nil {
		return err
	}
	results := p.standing(ctx, w, outputs)
	if p.json {
		if err := p.printJSON(map[string]any{"environment": w.env.Name, "changes": s.Changes, "applied": done, "outputs": raw, "checks": results}); err != nil {
			return err
		}
		return standingError(w.env.Name, results)
	}
	ui.Table(p.Out, nil, [][]string{
		{"webhook", outputs.WebhookURL}, {"sweep", outputs.SweepURL},
		{"ledger", outputs.SyncServiceSID}, {"schedule", outputs.SchedulerJob.Schedule + " " + outputs.SchedulerJob.TimeZone},
	})
	if err := standingError(w.env.Name, results); err != nil {
		return err
	}
	p.say("\nNext: flexsweep check %s", w.env.Name)
	return nil
}

// standing looks at what Twilio has after an apply: its provider takes a POST's
// answer for the truth and never looks again.
func (p *Program) standing(ctx context.Context, w *workspace, outputs deploy.Outputs) []check.Result {
	if outputs.SinkSID == "" {
		return []check.Result{} // a configuration without Twilio
	}
	subject, err := p.subject(ctx, w)
	if err != nil {
		return []check.Result{{Name: "outputs", Verdict: check.Fail, Reason: err.Error()}}
	}
	return check.Run(ctx, subject, check.Standing(), func(check.Result) {})
}

func standingError(env string, results []check.Result) error {
	var failed []string
	for _, r := range results {
		if r.Verdict == check.Fail {
			failed = append(failed, r.Name+": "+r.Reason)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%s is applied, and yet does not stand as it should; see flexsweep check %s\n  %s", env, env, strings.Join(failed, "\n  "))
}
