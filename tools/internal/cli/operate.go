package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

// operateFlags are those of every command that works on the running system.
type operateFlags struct {
	outputs     string
	by          string
	impersonate string
}

// register adds the flags to a command; by only where something is written.
func (f *operateFlags) register(cmd *cobra.Command, writes bool) {
	cmd.Flags().StringVar(&f.outputs, "outputs", "", "read the environment from this `FILE`, written by \"flexsweep output ENV --json\", not from Terraform's state")
	if writes {
		cmd.Flags().StringVar(&f.by, "by", "", "who does this, for the record (default: $USER)")
	}
}

// operator opens an environment for a command that works on the running system.
func (p *Program) operator(ctx context.Context, name string, f operateFlags) (*operate.Environment, error) {
	source := operate.Source{Name: name, By: p.operatorName(f.by), Transport: p.Transport, Now: p.Now, Sleep: p.Sleep}
	find := p.fromTerraform
	if f.outputs != "" {
		find = p.fromFile
	}
	token, err := find(ctx, &source, f)
	if err != nil {
		return nil, err
	}
	if given, ok := p.Env("FLEXSWEEP_IDENTITY_TOKEN"); ok && given != "" {
		token = func(context.Context) (string, error) { return given, nil }
	}
	if source.Token = token; token == nil {
		identity := operate.Identity{Audience: source.Outputs.Functions["Sweep"].URL, Impersonate: f.impersonate, Transport: p.Transport}
		source.Token = identity.Token
	}
	return operate.Open(ctx, source)
}

// identityToken gives a token for the sweep; nil: ask Google.
type identityToken func(context.Context) (string, error)

// fromTerraform reads what was applied; for local it knows the sweep's token, too.
func (p *Program) fromTerraform(ctx context.Context, s *operate.Source, _ operateFlags) (token identityToken, err error) {
	w, err := p.open(ctx, s.Name, purpose{read: true})
	if err != nil {
		return nil, err
	}
	defer w.close()
	if s.Outputs, err = w.outputs(ctx); err != nil {
		return nil, err
	}
	s.Secrets = w.secrets
	if s.Outputs.Access(w.secrets).Password == "" {
		return nil, fmt.Errorf("%s cannot be reached without %s (in the environment, or stored in Secret Manager)", s.Name, secrets.APISecret)
	}
	if w.stack == nil {
		return nil, nil
	}
	given, err := w.stack.Token()
	return func(context.Context) (string, error) { return given, nil }, err
}

// fromFile reads the outputs from a file, for operators who have no access to the state,
// and the secrets from the environment alone.
func (p *Program) fromFile(_ context.Context, s *operate.Source, f operateFlags) (identityToken, error) {
	if err := environment.ValidName(s.Name); err != nil {
		return nil, &exit{ExitUsage, err}
	}
	text, err := os.ReadFile(p.at(f.outputs))
	if err != nil {
		return nil, fmt.Errorf("read the outputs of %s: %w", s.Name, err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("read the outputs of %s from %s: %w; write the file with: flexsweep output %s --json", s.Name, f.outputs, err, s.Name)
	}
	if s.Outputs, err = deploy.ReadOutputs(raw); err != nil {
		return nil, err
	}
	if of := s.Outputs.Environment; of != "" && of != s.Name {
		return nil, refused(fmt.Errorf("%s has the outputs of %s, not of %s; write the file with: flexsweep output %s --json", f.outputs, of, s.Name, s.Name))
	}
	s.Secrets = secrets.FromEnvironment(p.Env)
	return nil, nil
}

// operatorName is who works here: what was said, or whose shell it is.
func (p *Program) operatorName(said string) string {
	if said != "" {
		return said
	}
	for _, name := range []string{"USER", "LOGNAME"} {
		if v, ok := p.Env(name); ok && v != "" {
			return v
		}
	}
	return "an operator"
}

// channelsOf checks that the arguments are an environment and channels, one to so many.
func channelsOf(most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 || len(args) > 1+most {
			channels := "one channel"
			if most > 1 {
				channels = "one channel or more"
			}
			return &exit{ExitUsage, fmt.Errorf("%s takes an environment and %s; use it like: %s", cmd.Name(), channels, cmd.UseLine())}
		}
		for _, sid := range args[1:] {
			if !channel.IsSID(sid, "CH") {
				return &exit{ExitUsage, fmt.Errorf("%q is no channel; one is CH and 32 hexadecimal digits", sid)}
			}
		}
		return nil
	}
}

// many is no bound on the number of channels.
const many = 1 << 20

// counter says how far a command has come, to people, on Err: Out is the result's.
func (p *Program) counter() *ui.Counter {
	return ui.NewCounter(p.Err, ui.IsTerminal(p.Err), p.Now)
}

// printChanges tells what came of the changes; the exit code tells whether all were made.
func (p *Program) printChanges(changes []operate.Changed) error {
	failed := 0
	c := p.colours(p.Out)
	for _, change := range changes {
		paint := c.Good
		if change.Failed {
			failed++
			paint = c.Bad
		}
		if !p.json {
			fmt.Fprintf(p.Out, "%s  %s: %s\n", change.Channel, paint(change.Did), change.Text)
		}
	}
	if p.json {
		if err := p.printJSON(changes); err != nil {
			return err
		}
	}
	switch {
	case failed == 0:
		return nil
	case len(changes) == 1:
		return errors.New("not done")
	}
	return fmt.Errorf("%d of %d were not done", failed, len(changes))
}
