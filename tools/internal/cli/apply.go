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
variables changed since) is refused. When Twilio answers 429 or 5xx, or somebody else has applied
meanwhile, the rest is planned again from the same sources; what then differs from what was
agreed to is shown and asked about. With --yes it is applied as long as it goes no further.
After a failure or an interruption run it again: it plans what is left.

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
	if err := p.newSecrets(w, planned); err != nil {
		return err
	}
	if !planned.Summary.Empty() {
		if err := p.confirm(f.yes, fmt.Sprintf("\nApply this to %s?", name)); err != nil {
			return err
		}
	}
	done, err := p.applyPlan(ctx, w, planned, p.agree(w, f.yes, f.allow))
	if err != nil {
		return err
	}
	return p.afterApply(ctx, w, planned.Summary, done)
}

// planToApply finds the plan that was asked for, or the one that was kept, or
// makes one.
func (p *Program) planToApply(ctx context.Context, w *workspace, f applyFlags) (*deploy.Planned, error) {
	name, file := w.env.Name, w.session.PlanFile()
	if f.plan != "" {
		file = p.at(f.plan)
	}
	if f.fresh {
		return p.makePlan(ctx, w, w.session.PlanFile(), deploy.Goal{})
	}
	planned, err := w.session.Load(ctx, file)
	switch {
	case err == nil && planned.Record.Destroy:
		return nil, refused(fmt.Errorf("%s is a plan to destroy, and apply does not; flexsweep destroy %s makes one, shows it and asks", file, name))
	case err == nil:
		return planned, nil
	case errors.Is(err, deploy.ErrBegun) && f.plan == "":
		p.say("The last apply in %s did not finish; planning what is left.", name)
	case errors.Is(err, deploy.ErrStale), errors.Is(err, deploy.ErrBegun):
		return nil, refused(fmt.Errorf("%w; look at a new one: flexsweep plan %s%s (or apply --fresh)", err, name, planFlag("--out", f.plan)))
	case f.plan != "" || !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	return p.makePlan(ctx, w, w.session.PlanFile(), deploy.Goal{})
}

// newSecrets refuses to store what Secret Manager has already as a new value: a version
// that changes without the secret itself rotates nothing, and looks as if it did.
func (p *Program) newSecrets(w *workspace, planned *deploy.Planned) error {
	if w.env.IsLocal() {
		return nil // the fake's are at hand
	}
	for _, name := range plan.Stored(planned.Plan) {
		if given, _ := p.Env(name); given == "" {
			return refused(fmt.Errorf("the plan stores a new %s, and none is given: what Secret Manager has already would be stored again; set %s", name, name))
		}
	}
	return nil
}

// agree asks about a plan that is not the one that was agreed to any more.
func (p *Program) agree(w *workspace, yes bool, allow []string) func(context.Context, deploy.Again) error {
	return func(_ context.Context, again deploy.Again) error {
		p.say("\nWhat is left is not to the letter what was agreed to:")
		if err := p.render(w, again.Planned); err != nil {
			return err
		}
		if refusals := p.guard(w, again.Planned, allow); len(refusals) > 0 {
			return refused(guardError(refusals))
		}
		if !yes {
			return p.confirm(false, fmt.Sprintf("\nGo on with this in %s?", w.env.Name))
		}
		if len(again.Beyond) > 0 {
			c := again.Beyond[0]
			return refused(fmt.Errorf("it would now %s %s, which --yes was not said to; look at a new plan: flexsweep plan %s", c.Kind, c.Address, w.env.Name))
		}
		return nil
	}
}

// applyPlan applies with progress and returns how many resources were done.
func (p *Program) applyPlan(ctx context.Context, w *workspace, planned *deploy.Planned, agree func(context.Context, deploy.Again) error) (int, error) {
	progress := ui.NewProgress(p.people(), ui.IsTerminal(p.people()), p.colours(p.people()))
	patience := deploy.DefaultPatience()
	if p.Sleep != nil {
		patience.Wait = p.Sleep
	}
	started := p.Now()
	err := w.session.Apply(ctx, planned, patience, deploy.Talk{Observe: progress.Observe, Notice: func(s string) { p.say("  %s", s) }, Agree: agree})
	progress.Close()
	done := ui.Count(progress.Done(), "resource")
	if errors.Is(err, context.Canceled) {
		return progress.Done(), fmt.Errorf("cancelled: Terraform finished its step, and what is done is in the state (%s); carry on with: flexsweep %s: %w",
			done, repeat(planned), context.Canceled)
	}
	if err != nil {
		return progress.Done(), explain(w.env.Name, err)
	}
	p.say("Done in %s: %s in %s.", w.env.Name, done, p.Now().Sub(started).Round(time.Second))
	return progress.Done(), nil
}

// repeat is the command that carries on with a plan that was broken off.
func repeat(planned *deploy.Planned) string {
	if planned.Record.Destroy {
		return "destroy " + planned.Record.Environment
	}
	return "apply " + planned.Record.Environment
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
