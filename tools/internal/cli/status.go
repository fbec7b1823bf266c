package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/operate/page"
)

type statusFlags struct {
	operateFlags
	filters []string
	sort    string
	limit   int
	html    string
	limited bool // a limit was given
}

// pageLimit is how many channels a page shows unless told otherwise: a browser can show
// more than a terminal, and opens so many at once.
const pageLimit = 2000

func (p *Program) statusCommand() *cobra.Command {
	var f statusFlags
	cmd := &cobra.Command{
		Use:     "status ENV",
		GroupID: "look",
		Short:   "Show the ledger at a glance, and what runs where",
		Long: `Status says what runs where, and reads the ledger: how many channels are in which state, what is due
now and in the next hours, what is overdue, held and failing, how the last sweeps went, and then the
channels themselves, the most urgent first. It changes nothing.

The states: to-restore and due (the next sweep acts), waiting (the retention runs), claimed (a sweep
is at work), open (a task is not ended), held, no-task, retired.`,
		Example: `  flexsweep status prod
  flexsweep status prod --filter state=due,waiting --filter type=sms --limit 50
  flexsweep status prod --filter failing=yes --sort failures --limit 0
  flexsweep status prod --html status.html`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.limited = cmd.Flags().Changed("limit")
			return p.status(cmd.Context(), args[0], f)
		},
	}
	f.register(cmd, false)
	cmd.Flags().StringArrayVar(&f.filters, "filter", nil, "show only channels with `COLUMN=VALUE[,VALUE]`; columns: "+strings.Join(operate.Columns(), ", ")+" (repeatable)")
	cmd.Flags().StringVar(&f.sort, "sort", "due", "sort by `COLUMN`, with - before it the other way round: "+strings.Join(operate.Orders(), ", "))
	cmd.Flags().IntVar(&f.limit, "limit", 20, fmt.Sprintf("show at most so many channels; 0 for all (on a page: %d)", pageLimit))
	cmd.Flags().StringVar(&f.html, "html", "", "write a page with pictures to this `FILE`")
	complete(cmd, "sort", operate.Orders())
	return cmd
}

// complete offers the words for a flag on the shell's Tab.
func complete(cmd *cobra.Command, flag string, words []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag's name is misspelt above
	}
}

// status is what status prints as JSON.
type status struct {
	Runs   any               `json:"runs,omitempty"`
	Ledger *operate.Snapshot `json:"ledger,omitempty"`
	Of     int               `json:"of"` // channels that the filters let through, before the limit
}

func (p *Program) status(ctx context.Context, name string, f statusFlags) error {
	choice, err := operate.ParseChoice(f.filters, f.sort, f.limit)
	if err != nil {
		return &exit{ExitUsage, err}
	}
	var out status
	if name == environment.Local && f.outputs == "" {
		processes, err := p.localStatus()
		if out.Runs = processes; err != nil || len(processes) == 0 {
			if p.json {
				return errors.Join(p.printJSON(out), err)
			}
			return err
		}
	}
	env, err := p.operator(ctx, name, f.operateFlags)
	if err != nil && p.json && out.Runs != nil { // what runs is told, even if nothing is applied
		return errors.Join(p.printJSON(out), err)
	}
	if err != nil {
		return err
	}
	if out.Runs == nil {
		out.Runs = p.deployedStatus(env.Outputs)
	}
	if out.Ledger, err = p.snapshot(ctx, env); err != nil {
		return err
	}
	all := out.Ledger.Rows
	out.Ledger.Rows, out.Of = choice.Of(all)
	if err := p.writePage(env, *out.Ledger, all, f); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(out)
	}
	p.printOverview(out.Ledger)
	p.printRows(out, f.html)
	return nil
}

// snapshot reads the ledger with progress.
func (p *Program) snapshot(ctx context.Context, env *operate.Environment) (*operate.Snapshot, error) {
	progress := p.counter()
	defer progress.Close()
	return env.Read(ctx, func(n int) { progress.Show("reading the ledger: %d records", n) })
}

// writePage draws all of the ledger, and lists what the filters let through, if a page is asked for.
func (p *Program) writePage(env *operate.Environment, s operate.Snapshot, all []operate.Row, f statusFlags) error {
	if f.html == "" {
		return nil
	}
	limit := pageLimit
	if f.limited {
		limit = f.limit
	}
	choice, err := operate.ParseChoice(f.filters, f.sort, limit)
	if err != nil {
		return err
	}
	var of int
	s.Rows, of = choice.Of(all)
	text, err := page.Render(page.Data{Snapshot: &s, All: all, Of: of, Policy: env.Config.Policy})
	if err != nil {
		return err
	}
	if err := os.WriteFile(p.at(f.html), text, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
