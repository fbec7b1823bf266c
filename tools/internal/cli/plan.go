package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/plan"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

type planFlags struct {
	out      string
	allow    []string
	destroy  bool
	detailed bool
	official bool
}

func (p *Program) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:     "plan ENV",
		GroupID: "provision",
		Short:   "Show what apply would do, and keep the plan",
		Long: `Plan builds the function's bundle, plans to a file and shows the plan: grouped, with
the reason for each replacement and what can lose data. The plan is kept; apply applies
exactly it, as long as nothing it was made of has changed.

In a protected environment (each is, unless its file says protected = false) a plan is refused
that deletes, replaces or forgets the Sync service, the sink, the subscription, a secret, a
function or who may call it, that shortens the list of subscribed types, changes the documents'
prefix or makes a second ledger, unless each such address is named with --allow.

With --destroy it shows what "flexsweep destroy ENV" would do; apply does not apply it.`,
		Example: `  flexsweep plan local
  flexsweep plan prod --out prod.tfplan
  flexsweep plan prod --allow twilio_events_subscriptions_v1.tasks`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.plan(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.out, "out", "", "write the plan to this file, not to build/ENV/plan.tfplan")
	cmd.Flags().StringArrayVar(&f.allow, "allow", nil, "let the guard pass this `ADDRESS` (repeatable)")
	cmd.Flags().BoolVar(&f.destroy, "destroy", false, "plan to destroy everything")
	cmd.Flags().BoolVar(&f.detailed, "detailed-exitcode", false, "exit with 2 when there is something to do")
	officialFlag(cmd, &f.official)
	return cmd
}

func (p *Program) plan(ctx context.Context, name string, f planFlags) error {
	w, err := p.open(ctx, name, purpose{bundle: true, lift: f.allow, official: f.official})
	if err != nil {
		return err
	}
	defer w.close()
	file := w.session.PlanFile()
	if f.out != "" {
		file = p.at(f.out)
	}
	if f.destroy && f.out == "" {
		file = w.session.PassingFile()
	}
	planned, err := p.makePlan(ctx, w, file, deploy.Goal{Destroy: f.destroy})
	if err != nil {
		return err
	}
	refusals := p.guard(w, planned, f.allow)
	if err := p.showPlan(w, planned, refusals); err != nil {
		return err
	}
	if len(refusals) > 0 {
		return refused(guardError(refusals))
	}
	if f.detailed && !planned.Summary.Empty() {
		return &exit{code: ExitChanges}
	}
	switch {
	case planned.Summary.Empty() && f.out == "":
		planned.Discard() // of nothing, nothing is kept
	case planned.Summary.Empty():
	case f.destroy:
		p.say("\nDo it with: flexsweep destroy %s", name)
	default:
		p.say("\nApply it with: flexsweep apply %s%s", name, planFlag("--plan", f.out))
	}
	return nil
}

// planFlag names a plan file where one was named before.
func planFlag(flag, file string) string {
	if file == "" {
		return ""
	}
	return " " + flag + " " + file
}

// makePlan plans and explains the one error that only `heal` mends.
func (p *Program) makePlan(ctx context.Context, w *workspace, file string, goal deploy.Goal) (*deploy.Planned, error) {
	planned, err := w.session.Plan(ctx, file, goal, nil)
	return planned, explain(w.env.Name, err)
}

// explain adds what to do to an error of Terraform's.
func explain(env string, err error) error {
	var f *terraform.Failure
	if !errors.As(err, &f) {
		return err
	}
	if gone := f.Vanished(); len(gone) > 0 {
		var lines []string
		for _, v := range gone {
			lines = append(lines, fmt.Sprintf("  %s (%s)", v.Address, v.Path))
		}
		return fmt.Errorf("%w\n\nTwilio no longer has what the state knows, and its provider stops at that:\n%s\nTake it out of the state, so that the next apply makes it anew:\n\n  flexsweep heal %s",
			err, strings.Join(lines, "\n"), env)
	}
	if f.IsPassing() {
		return fmt.Errorf("%w\n\nTwilio refused for the moment. Nothing is lost: run the same command again", err)
	}
	if strings.Contains(err.Error(), "Error acquiring the state lock") {
		return fmt.Errorf("%w\n\nSomebody else works on %s, or was interrupted while they did. If you are sure that nobody does any more, take the lock away, with the ID above:\n\n"+
			"  terraform -chdir=build/%s/infra force-unlock ID", err, env, env)
	}
	if strings.Contains(err.Error(), "Instance cannot be destroyed") {
		return fmt.Errorf("%w\n\nTo delete it all the same, name it: --allow ADDRESS. To destroy the rest and leave it standing: --keep ADDRESS", err)
	}
	return err
}

// guard looks at a plan only where the environment asks for it.
func (p *Program) guard(w *workspace, planned *deploy.Planned, allow []string) []plan.Refusal {
	if !w.env.Protected() {
		return nil
	}
	if planned.Record.Destroy {
		return plan.GuardDestroy(planned.Plan, allow)
	}
	return plan.Guard(planned.Plan, allow)
}

func guardError(refusals []plan.Refusal) error {
	out := &strings.Builder{}
	fmt.Fprintln(out, "refused by the guard, since the environment is protected:")
	for _, r := range refusals {
		fmt.Fprintf(out, "  %s: %s\n", r.Address, r.Why)
	}
	fmt.Fprint(out, "If that is meant, name it:")
	seen := map[string]bool{}
	for _, r := range refusals {
		if !seen[r.Address] {
			fmt.Fprintf(out, " --allow '%s'", r.Address)
			seen[r.Address] = true
		}
	}
	return errors.New(out.String())
}

func (p *Program) showPlan(w *workspace, planned *deploy.Planned, refusals []plan.Refusal) error {
	if p.json {
		return p.printJSON(struct {
			Environment string         `json:"environment"`
			File        string         `json:"file"`
			Empty       bool           `json:"empty"`
			Sources     deploy.Sources `json:"sources"`
			plan.Summary
			Refused []plan.Refusal `json:"refused,omitempty"`
		}{w.env.Name, planned.File, planned.Summary.Empty(), planned.Record.Sources, planned.Summary, refusals})
	}
	return p.render(w, planned)
}

func (p *Program) render(w *workspace, planned *deploy.Planned) error {
	c := p.colours(p.people())
	style := plan.Style{Good: c.Good, Bad: c.Bad, Change: c.Change, Faint: c.Faint}
	return plan.Render(p.people(), "Plan for "+w.env.Name, planned.Summary, style)
}
