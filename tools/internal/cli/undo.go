package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

func (p *Program) undoCommand() *cobra.Command {
	var f operateFlags
	var run string
	var yes bool
	cmd := &cobra.Command{
		Use:     "undo ENV (CH… | --run ID)",
		GroupID: "operate",
		Short:   "Bring retired chat channels back",
		Long: `Undo gives chat channels the two attributes back that a sweep has overwritten (long_lived, status), as
the ledger wrote them down: single ones, or all that one run retired. It works for as long as the
ledger keeps the record of a retired channel (TOMBSTONE_TTL).

What is undone is held, since the next sweep would retire it again: release it when that may be. A
closed conversation and a deleted channel cannot come back, and undo says so for each.`,
		Example: `  flexsweep undo prod CH0123456789abcdef0123456789abcdef
  flexsweep undo prod --run 20260105T080000Z-3fa2b1`,
		Args: func(cmd *cobra.Command, args []string) error {
			if run == "" {
				return channelsOf(many)(cmd, args)
			}
			return exactly(1, "an environment and --run, or an environment and channels")(cmd, args)
		},
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := p.operator(cmd.Context(), args[0], f)
			if err != nil {
				return err
			}
			if run != "" {
				return p.undoRun(cmd.Context(), env, run, yes)
			}
			return p.each(args[1:], func(sid string) operate.Changed { return undoOne(cmd.Context(), env, sid) })
		},
	}
	f.register(cmd, true)
	cmd.Flags().StringVar(&run, "run", "", "bring back everything that the run with this `ID` retired")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask (with --run)")
	return cmd
}

func (p *Program) undoRun(ctx context.Context, env *operate.Environment, run string, yes bool) error {
	progress := p.counter()
	entries, err := env.OfRun(ctx, run, func(n int) { progress.Show("looking through the ledger: %d records", n) })
	progress.Close()
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return fmt.Errorf("the ledger of %s has nothing that run %q retired; see the runs with flexsweep status %s --json", env.Name, run, env.Name)
	}
	final := 0
	for _, e := range entries {
		if e.Record.Retirement.Disposition != channel.Deactivate {
			final++
		}
	}
	p.say("Run %s retired %d channels that the ledger knows; %d of them are closed or deleted for good.", run, len(entries), final)
	if final == len(entries) {
		return errors.New("nothing of it can come back")
	}
	if err := p.confirm(yes, fmt.Sprintf("Bring %d back?", len(entries)-final)); err != nil {
		return err
	}
	return p.printChanges(p.undoAll(ctx, env, entries))
}

func undoOne(ctx context.Context, env *operate.Environment, sid string) operate.Changed {
	entry, err := env.Load(ctx, sid)
	if err != nil {
		return operate.Changed{Channel: sid, Did: "failed", Text: err.Error(), Failed: true}
	}
	return env.Undo(ctx, entry)
}

// undoAll works on as many channels at a time as a sweep does.
func (p *Program) undoAll(ctx context.Context, env *operate.Environment, entries []ledger.Entry) []operate.Changed {
	progress := p.counter()
	defer progress.Close()
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(env.Config.Concurrency)
	changes := []operate.Changed{}
	for _, entry := range entries {
		group.Go(func() error {
			changed := env.Undo(ctx, entry)
			mu.Lock()
			defer mu.Unlock()
			changes = append(changes, changed)
			progress.Show("%d of %d channels", len(changes), len(entries))
			return nil
		})
	}
	_ = group.Wait() // every error is in the changes
	slices.SortFunc(changes, func(a, b operate.Changed) int { return cmp.Compare(a.Channel, b.Channel) })
	return changes
}
