package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/bundle"
)

func (p *Program) bundleCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "bundle",
		GroupID: "build",
		Short:   "Build the function's source archive",
		Long: `Bundle writes build/function-HASH.zip: cloudfunction/ as Google builds it, without tests. The same
source gives the same bytes on any machine. It prints path and SHA-256.`,
		Example: "  flexsweep bundle --json",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := p.root()
			if err != nil {
				return err
			}
			b, err := bundle.Build(cmd.Context(), root, p.buildDir(root))
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(b)
			}
			fmt.Fprintf(p.Out, "%s\nsha256 %s\n", b.Path, b.SHA256)
			return nil
		},
	}
}
