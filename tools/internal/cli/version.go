package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

func (p *Program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		GroupID: "build",
		Short:   "Print the versions of the tool and of Terraform",
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := "none on PATH; one is installed when it is needed"
			if cache, err := terraform.CacheDir(); err == nil {
				if path, err := terraform.Locate(cmd.Context(), cache, false, p.Err); err == nil {
					found = p.terraformVersion(cmd, path)
				}
			}
			if p.json {
				return p.printJSON(map[string]string{"flexsweep": p.Version, "terraform": found, "terraform_wanted": terraform.Constraint()})
			}
			fmt.Fprintf(p.Out, "flexsweep %s\nterraform %s (wanted: %s)\n", p.Version, found, terraform.Constraint())
			return nil
		},
	}
}

func (p *Program) terraformVersion(cmd *cobra.Command, path string) string {
	r, err := terraform.New(p.Dir, path, nil, nil)
	if err != nil {
		return path
	}
	v, err := r.Version(cmd.Context())
	if err != nil {
		return path
	}
	return v
}
