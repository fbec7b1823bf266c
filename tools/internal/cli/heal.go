package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// healRounds bounds how often heal looks again: a resource hides those that
// depend on it, so what is gone may come to light one by one.
const healRounds = 5

func (p *Program) healCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:     "heal ENV",
		GroupID: "provision",
		Short:   "Take out of the state what Twilio no longer has",
		Long: `Twilio's provider makes an error of a 404, so that one object deleted by hand stops every plan,
apply and destroy. Heal looks for such objects, asks, and takes them out of the state; the next
apply makes them anew. A new Sync service begins with an empty ledger.`,
		Example:           "  flexsweep heal prod",
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.heal(cmd.Context(), args[0], yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (p *Program) heal(ctx context.Context, name string, yes bool) error {
	w, err := p.open(ctx, name, purpose{bundle: true})
	if err != nil {
		return err
	}
	defer w.close()
	var healed []string
	for range healRounds {
		planned, err := w.session.Plan(ctx, w.session.PlanFile(), false, nil)
		if err == nil {
			planned.Discard()
			return p.healedReport(name, healed)
		}
		var f *terraform.Failure
		if !errors.As(err, &f) || len(f.Vanished()) == 0 {
			return explain(name, err)
		}
		removed, err := p.forget(ctx, w, f.Vanished(), yes)
		if err != nil {
			return err
		}
		healed = append(healed, removed...)
	}
	return fmt.Errorf("heal %s: more objects are gone after %d rounds; run it again", name, healRounds)
}

func (p *Program) forget(ctx context.Context, w *workspace, gone []terraform.Vanished, yes bool) ([]string, error) {
	p.say("Gone from Twilio, and still in the state of %s:", w.env.Name)
	for _, v := range gone {
		p.say("  %s (%s)", v.Address, v.Path)
		if strings.HasPrefix(v.Address, "twilio_sync_services_v1.") {
			p.say("    the ledger: the new one starts empty, and channels whose tasks ended before are not in it")
		}
	}
	if err := p.confirm(yes, "Take them out of the state?"); err != nil {
		return nil, err
	}
	var removed []string
	for _, v := range gone {
		if err := w.session.Runner.Forget(ctx, v.Address); err != nil {
			return removed, err
		}
		removed = append(removed, v.Address)
	}
	return removed, nil
}

func (p *Program) healedReport(name string, healed []string) error {
	if p.json {
		return p.printJSON(map[string]any{"environment": name, "removed": append([]string{}, healed...)})
	}
	if len(healed) == 0 {
		p.say("%s needs no healing: everything in the state is there.", name)
		return nil
	}
	p.say("Taken out of the state: %s.\nMake it anew with: flexsweep apply %s", strings.Join(healed, ", "), name)
	return nil
}
