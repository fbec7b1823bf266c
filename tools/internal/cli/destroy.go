package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

type destroyFlags struct {
	yes         bool
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
and is protected in every environment but local: --allow deletes it with the rest, --keep takes
it out of the state first, so that it stays in Twilio. For local every process and file goes.`,
		Example: `  flexsweep destroy local --yes
  flexsweep destroy dev --keep twilio_sync_services_v1.ledger`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.destroy(cmd.Context(), args[0], f) },
	}
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
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
	// What was applied is destroyed by the provider that applied it, flag or no flag.
	w, err := p.open(ctx, name, purpose{bundle: true, lift: f.allow})
	if err != nil {
		return p.destroyRemains(ctx, name, err)
	}
	defer w.close()
	if len(f.keep) > 0 {
		if err := p.confirm(f.yes, fmt.Sprintf("Forget %v (it stays where it is)?", f.keep)); err != nil {
			return err
		}
	}
	for _, address := range f.keep {
		if err := w.session.Runner.Forget(ctx, address); err != nil {
			return err
		}
		p.say("Forgotten: %s stays, and Terraform no longer knows it.", address)
	}
	return p.destroyRest(ctx, w, f)
}

func (p *Program) destroyRest(ctx context.Context, w *workspace, f destroyFlags) error {
	planned, err := p.makePlan(ctx, w, w.session.PlanFile(), true)
	if err != nil {
		w.close()
		w.stop = nil
		return p.destroyRemains(ctx, w.env.Name, err)
	}
	if err := p.render(w, planned); err != nil {
		return err
	}
	if refusals := p.guard(w, planned, f.allow); len(refusals) > 0 {
		planned.Discard()
		return refused(guardError(refusals))
	}
	if err := p.confirm(f.yes, fmt.Sprintf("\nDestroy all of this in %s?", w.env.Name)); err != nil {
		planned.Discard()
		return err
	}
	done, err := p.applyPlan(ctx, w, planned)
	if err != nil {
		return err
	}
	if w.stack != nil {
		w.close() // the stand-in providers go before their folder does
		w.stop = nil
		if err := w.stack.Down(ctx); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(map[string]any{"environment": w.env.Name, "destroyed": done})
	}
	p.say("%s is destroyed.", w.env.Name)
	return nil
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
