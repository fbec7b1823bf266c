package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

func (p *Program) outputCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "output ENV [NAME]",
		GroupID: "look",
		Short:   "Print the outputs of an applied environment",
		Example: `  flexsweep output prod
  flexsweep output prod webhook_url`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return exactly(1, "an environment, and the name of an output if only that is wanted")(cmd, args)
		},
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) == 2 {
				name = args[1]
			}
			return p.output(cmd.Context(), args[0], name)
		},
	}
}

func (p *Program) output(ctx context.Context, env, name string) error {
	w, err := p.open(ctx, env, purpose{read: true})
	if err != nil {
		return err
	}
	defer w.close()
	values, err := w.session.Runner.Outputs(ctx)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return w.unfinished(ctx, []string{"outputs"})
	}
	if name != "" {
		v, ok := values[name]
		if !ok {
			return fmt.Errorf("%s has no output %q; see flexsweep output %s", env, name, env)
		}
		if p.json {
			return p.printJSON(v)
		}
		fmt.Fprintln(p.Out, plainValue(v))
		return nil
	}
	if p.json {
		return p.printJSON(values)
	}
	p.printOutputs(values)
	return nil
}

func (p *Program) printOutputs(values map[string]json.RawMessage) {
	var rows [][]string
	for name, v := range values {
		rows = append(rows, []string{name, plainValue(v)})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i][0] < rows[j][0] })
	ui.Table(p.Out, []string{"OUTPUT", "VALUE"}, rows)
}

// plainValue shows text without quotes, anything else as JSON.
func plainValue(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	var indented bytes.Buffer
	if json.Indent(&indented, v, "", "  ") != nil {
		return string(v)
	}
	return indented.String()
}
