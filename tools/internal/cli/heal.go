package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/deploy"
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
apply makes them anew. A subscription whose sink is gone is marked for replacement. A new Sync
service begins with an empty ledger. A plan that was kept stays, and apply says what has changed.`,
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
	healed, replaced := []string{}, []string{}
	for range healRounds {
		planned, err := w.session.Plan(ctx, w.session.PassingFile(), deploy.Goal{}, nil)
		if err == nil {
			planned.Discard()
			return p.healedReport(name, healed, replaced)
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
		follow, err := p.follow(ctx, w, removed)
		if err != nil {
			return err
		}
		replaced = append(replaced, follow...)
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

// follow marks the subscriptions for replacement when their sink was taken out.
// Twilio lets no subscription change its sink: the provider would send the new one,
// Twilio would ignore it, and every later plan would want the same again.
func (p *Program) follow(ctx context.Context, w *workspace, removed []string) ([]string, error) {
	sinks := slices.ContainsFunc(removed, func(a string) bool { return strings.HasPrefix(a, "twilio_events_sinks_v1.") })
	if !sinks {
		return nil, nil
	}
	state, err := w.session.Runner.State(ctx)
	if err != nil {
		return nil, err
	}
	subscriptions := slices.DeleteFunc(state.Managed, func(a string) bool { return !strings.HasPrefix(a, "twilio_events_subscriptions_v1.") })
	for _, address := range subscriptions {
		if err := w.session.Runner.Taint(ctx, address); err != nil {
			return nil, err
		}
		p.say("%s follows its sink: the next apply replaces it.", address)
	}
	return subscriptions, nil
}

func (p *Program) healedReport(name string, healed, replaced []string) error {
	if p.json {
		return p.printJSON(map[string]any{"environment": name, "removed": healed, "to_be_replaced": replaced})
	}
	if len(healed) == 0 {
		p.say("%s needs no healing: everything in the state is there.", name)
		return nil
	}
	p.say("Taken out of the state: %s.\nMake it anew with: flexsweep apply %s", strings.Join(healed, ", "), name)
	return nil
}
