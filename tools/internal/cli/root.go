package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

const rootHelp = `flexsweep provisions and runs the retirement of long-lived Twilio Flex channels.

Each command works on one environment: a name with infra/environments/NAME.tfvars.
"local" needs no account; everything in it is a stand-in on this machine.

Exit codes: 0 done; 1 an error; 2 there is something to do (plan --detailed-exitcode, reconcile);
3 refused (the guard, a stale plan, a question answered with no, another command at work in the
environment); 64 wrong usage; 130 cancelled (Ctrl-C, SIGTERM). "go run" makes 1 of all but 0: use
the program that "make install" builds where they matter.`

// rootCommand puts the commands together. Commands for operators of the running
// system join here, one line each.
func (p *Program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "flexsweep",
		Short:         "Retire long-lived Twilio Flex channels",
		Long:          rootHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       p.Version,
		Args:          onlyCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },

		SuggestionsMinimumDistance: 2,
	}
	flags := root.PersistentFlags()
	flags.BoolVar(&p.json, "json", false, "print the result as JSON")
	flags.BoolVar(&p.noColor, "no-color", false, "no colours, even on a terminal")
	flags.StringVar(&p.project, "project", "", "the project's folder (default: found from here upwards)")
	flags.StringVar(&p.build, "build", "", "where made files go (default: build/ in the project)")
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(
		&cobra.Group{ID: "provision", Title: "Provision:"},
		&cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "operate", Title: "Operate:"},
		&cobra.Group{ID: "build", Title: "Build:"},
	)
	root.AddCommand(
		p.initCommand(), p.planCommand(), p.applyCommand(), p.destroyCommand(), p.healCommand(),
		p.outputCommand(), p.checkCommand(), p.doctorCommand(), p.statusCommand(), p.explainCommand(),
		p.sweepCommand(), p.pauseCommand(), p.resumeCommand(), p.holdCommand(), p.releaseCommand(), p.retireCommand(), p.undoCommand(),
		p.backfillCommand(), p.reconcileCommand(),
		p.bundleCommand(), p.generateCommand(), p.versionCommand(),
		p.localServeCommand(),
		p.localUpCommand(),
	)
	return root
}

// exactly wraps cobra's check of the number of arguments, so that a wrong command
// line has its own exit code.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return &exit{ExitUsage, fmt.Errorf("%s takes %s; see flexsweep %s --help", cmd.Name(), what, cmd.Name())}
		}
		return nil
	}
}

// environmentNames completes the first argument on the shell's Tab.
func (p *Program) environmentNames(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	root, err := p.root()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return namesOf(root), cobra.ShellCompDirectiveNoFileComp
}

// printJSON writes a command's result for programs.
func (p *Program) printJSON(v any) error {
	enc := json.NewEncoder(p.Out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}
