package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

const officialHelp = `With --official-twilio, local uses the official Twilio provider instead of its stand-in: Terraform
gets it from registry.terraform.io, or from a mirror named in the file of TF_CLI_CONFIG_FILE, and it
speaks to the fake Twilio through the fake's HTTPS proxy. The environment remembers that until it is
destroyed, so no other command needs the flag; each needs the registry or the mirror, though.`

// officialFlag adds --official-twilio to a command.
func officialFlag(cmd *cobra.Command, value *bool) {
	cmd.Flags().BoolVar(value, "official-twilio", false, "local only: the official Twilio provider, not its stand-in")
}

// onlyLocal refuses --official-twilio where there is no stand-in to replace.
func onlyLocal(env *environment.Environment, official bool) error {
	if official && !env.IsLocal() {
		return &exit{ExitUsage, fmt.Errorf("--official-twilio is for local only: %s has the official provider in any case", env.Name)}
	}
	return nil
}

// explainInit says it in a sentence when init could not have the official Twilio
// provider. A local environment in which nothing is applied yet ends then, so that
// nothing remembers the choice.
func (p *Program) explainInit(ctx context.Context, w *workspace, err error) error {
	var f *terraform.Failure
	if w.stack == nil || !errors.As(err, &f) {
		return err
	}
	why := f.Lacking("twilio/twilio")
	if why == "" {
		return err
	}
	instead := "to begin anew with its stand-in: flexsweep destroy local"
	if !w.stack.Applied() {
		instead = "without --official-twilio its stand-in is used"
		w.end() // the stand-in for the google provider goes before its folder does
		if err := w.stack.Down(ctx); err != nil {
			return err
		}
	}
	return fmt.Errorf("the official Twilio provider cannot be had from registry.terraform.io or a mirror (%s); %s", why, instead)
}
