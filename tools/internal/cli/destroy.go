package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

type destroyFlags struct {
	yes         bool
	confirm     string
	allow, keep []string
	official    bool
}

func (p *Program) destroyCommand() *cobra.Command {
	var f destroyFlags
	cmd := &cobra.Command{
		Use:     "destroy ENV",
		GroupID: "provision",
		Short:   "Destroy everything that apply made",
		Long: `Destroy plans the destruction, shows it, asks, and applies it. The Sync service holds the ledger
and is protected in every environment but local: --allow deletes it with the rest, --keep leaves
it in Twilio and takes it out of the state when all the rest is gone. A protected environment
wants its name typed, or given with --confirm. For local every process and file goes.`,
		Example: `  flexsweep destroy local --yes
  flexsweep destroy dev --keep twilio_sync_services_v1.ledger`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.destroy(cmd.Context(), args[0], f) },
	}
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().StringVar(&f.confirm, "confirm", "", "the `NAME` of the protected environment, instead of a question")
	cmd.Flags().StringArrayVar(&f.allow, "allow", nil, "delete this protected `ADDRESS` too (repeatable)")
	cmd.Flags().StringArrayVar(&f.keep, "keep", nil, "forget this `ADDRESS` and leave it standing (repeatable)")
	officialFlag(cmd, &f.official)
	return cmd
}

func (p *Program) destroy(ctx context.Context, name string, f destroyFlags) error {
	env, err := p.load(name)
	if err != nil {
		return err
	}
	if err := onlyLocal(env, f.official); err != nil {
		return err
	}
	if env.IsLocal() && !p.stack(env).Exists() {
		p.say("Nothing of %s is there.", name)
		return nil
	}
	if env.IsLocal() && !p.stack(env).Applied() { // its beginning was broken off
		return p.endLocal(ctx, env)
	}
	// What was applied is destroyed by the provider that applied it, flag or no flag.
	w, err := p.open(ctx, name, purpose{bundle: true, lift: f.allow})
	if err != nil {
		return p.destroyRemains(ctx, name, err)
	}
	defer w.close()
	return p.destroyAll(ctx, w, f)
}

func (p *Program) destroyAll(ctx context.Context, w *workspace, f destroyFlags) error {
	goal, err := p.rest(ctx, w, f.keep)
	if err != nil {
		return err
	}
	done := 0
	if len(f.keep) > 0 && len(goal.Targets) == 0 { // the rest is gone already
		err = p.confirmDestroy(w.env, f, fmt.Sprintf("\nNothing else is left of %s. Let Terraform forget %s, which stays?", w.env.Name, strings.Join(f.keep, ", ")))
	} else {
		done, err = p.destroyRest(ctx, w, goal, f)
	}
	var remains *remainsError
	if errors.As(err, &remains) {
		w.end()
		return p.destroyRemains(ctx, w.env.Name, remains.error)
	}
	if err != nil {
		return err
	}
	if err := p.forgetKept(ctx, w, f.keep); err != nil {
		return err
	}
	if w.stack != nil {
		w.end() // the stand-in providers go before their folder does
		if err := w.stack.Down(ctx); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(map[string]any{"environment": w.env.Name, "destroyed": done, "kept": append([]string{}, f.keep...)})
	}
	p.say("%s is destroyed.", w.env.Name)
	return nil
}

// endLocal ends what there is of a local environment in which nothing was applied.
func (p *Program) endLocal(ctx context.Context, env *environment.Environment) error {
	lock, err := p.take(env)
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := p.stack(env).Down(ctx); err != nil {
		return err
	}
	p.say("%s is destroyed.", env.Name)
	return nil
}

// remainsError is a plan that cannot be made any more.
type remainsError struct{ error }

// destroyRest plans, shows, asks and destroys.
func (p *Program) destroyRest(ctx context.Context, w *workspace, goal deploy.Goal, f destroyFlags) (int, error) {
	planned, err := p.makePlan(ctx, w, w.session.PassingFile(), goal)
	if err != nil {
		return 0, &remainsError{err}
	}
	defer planned.Discard()
	if err := p.render(w, planned); err != nil {
		return 0, err
	}
	if err := p.mayDestroy(w, planned, f); err != nil {
		return 0, err
	}
	return p.applyPlan(ctx, w, planned, p.agree(w, f.yes || f.confirm != "", f.allow))
}

// rest is the goal to destroy everything but what is kept. What is kept is still in the
// state then, until the rest is gone.
func (p *Program) rest(ctx context.Context, w *workspace, keep []string) (deploy.Goal, error) {
	goal := deploy.Goal{Destroy: true}
	if len(keep) == 0 {
		return goal, nil
	}
	state, err := w.session.Runner.State(ctx)
	if err != nil {
		return goal, err
	}
	for _, address := range keep {
		if !slices.Contains(state.Managed, address) {
			return goal, refused(fmt.Errorf("--keep %s: there is none in the state of %s%s", address, w.env.Name, didYouMean(environment.Nearest(address, state.Managed))))
		}
	}
	for _, address := range state.Managed {
		if !slices.Contains(keep, address) {
			goal.Targets = append(goal.Targets, address)
		}
	}
	return goal, nil
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// mayDestroy asks the guard, and whoever sits there.
func (p *Program) mayDestroy(w *workspace, planned *deploy.Planned, f destroyFlags) error {
	for _, c := range planned.Summary.Changes {
		if slices.Contains(f.keep, c.Address) {
			return refused(fmt.Errorf("%s cannot be kept: it depends on what would be destroyed", c.Address))
		}
	}
	if refusals := p.guard(w, planned, f.allow); len(refusals) > 0 {
		return refused(guardError(refusals))
	}
	question := fmt.Sprintf("\nDestroy all of this in %s?", w.env.Name)
	if len(f.keep) > 0 {
		question = fmt.Sprintf("\nDestroy all of this in %s, and leave %s standing?", w.env.Name, strings.Join(f.keep, ", "))
	}
	return p.confirmDestroy(w.env, f, question)
}

// forgetKept takes what was kept out of the state, and then what is left there but is no
// resource: outputs and data.
func (p *Program) forgetKept(ctx context.Context, w *workspace, keep []string) error {
	if len(keep) == 0 {
		return nil
	}
	for _, address := range keep {
		if err := w.session.Runner.Forget(ctx, address); err != nil {
			return err
		}
		p.say("Forgotten: %s stays, and Terraform no longer knows it.", address)
	}
	planned, err := p.makePlan(ctx, w, w.session.PassingFile(), deploy.Goal{Destroy: true})
	if err != nil {
		return err
	}
	defer planned.Discard()
	if len(planned.Summary.Changes) > 0 {
		return fmt.Errorf("%s: %s came to %s meanwhile; destroy it again", w.env.Name, ui.Count(len(planned.Summary.Changes), "resource"), w.env.Name)
	}
	return w.session.Apply(ctx, planned, deploy.Patience{}, deploy.Talk{})
}

// destroyRemains ends a local environment that Terraform cannot destroy (a folder or
// an object deleted by hand): everything in it is a process or a file of ours. For
// any other environment it is the error that it was.
func (p *Program) destroyRemains(ctx context.Context, name string, cause error) error {
	env, err := p.load(name)
	if err != nil || !env.IsLocal() || errors.Is(cause, context.Canceled) {
		return cause
	}
	p.say("Terraform cannot run any more (%v); ending what is left.", cause)
	return p.stack(env).Down(ctx)
}
