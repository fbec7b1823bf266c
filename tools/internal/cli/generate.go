package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/generate"
)

func (p *Program) generateCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:     "generate",
		GroupID: "build",
		Short:   "Write the files that are made from the Go code",
		Long: `Generate writes infra/event_types.tf.json, the settings table of docs/settings.md and the tables of
variables and outputs in infra/README.md. With --check it writes nothing and fails when one is stale.`,
		Example: "  flexsweep generate --check",
		Args:    exactly(0, "no arguments"),
		RunE:    func(*cobra.Command, []string) error { return p.generate(check) },
	}
	cmd.Flags().BoolVar(&check, "check", false, "only tell which files are stale")
	return cmd
}

func (p *Program) generate(check bool) error {
	root, err := p.root()
	if err != nil {
		return err
	}
	files, err := generate.Files(root, generate.FromCode())
	if err != nil {
		return err
	}
	stale := []string{}
	for _, f := range files {
		if f.Stale {
			stale = append(stale, f.Path)
		}
	}
	if p.json {
		if err := p.printJSON(map[string]any{"stale": stale, "written": !check}); err != nil {
			return err
		}
	}
	if check {
		if len(stale) > 0 {
			return fmt.Errorf("stale: %s; write them with: flexsweep generate", strings.Join(stale, ", "))
		}
		p.say("Every generated file is up to date.")
		return nil
	}
	if err := generate.Write(root, files); err != nil {
		return err
	}
	for _, path := range stale {
		p.say("wrote %s", path)
	}
	return nil
}
