package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/tools/internal/backfill"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
)

type backfillFlags struct {
	operateFlags
	apply, yes, dryRun          bool
	only, since, until          string
	states                      []string
	sampleService, samplePrefix string
	limit, show                 int
	rate                        float64
}

// onlyWords are what --only takes.
var onlyWords = []string{"chat", "conversations"}

// openStates are the states of a conversation that is not closed.
var openStates = []string{"active", "inactive"}

func (p *Program) backfillCommand() *cobra.Command {
	var f backfillFlags
	cmd := &cobra.Command{
		Use:     "backfill ENV [--apply]",
		GroupID: "operate",
		Short:   "Bring channels into the ledger that were there before it",
		Long: `Backfill looks through the chat services and the open conversations for channels that live on and that
the ledger does not know, and adopts them: it writes a record for each, with its open tasks, or with the
time at which its last task ended. By default it changes nothing and says what it would do.

That time is, in this order: what TaskRouter says (it knows a task for minutes after its end), what
Twilio's sample wrote down (--sample-service), or else the newest message or the last change of the
channel, whichever is later. The summary says for how many channels it is which.

A channel that is not closed counts as long-lived where it is a conversation; a chat channel has
long_lived=true in its attributes. If conversations that Flex has nothing to do with are in the same
service, narrow the search down, or adopt chat only: adopted conversations are closed when they are due.

It may be interrupted at any moment and run again: what is adopted is known, and is not looked at twice.

Exit codes: 0 done; 1 a channel failed, or a list could not be read to its end.`,
		Example: `  flexsweep backfill prod
  flexsweep backfill prod --only conversations --until 2026-01-31
  flexsweep backfill prod --apply --limit 100
  flexsweep backfill prod --apply --sample-service IS0123456789abcdef0123456789abcdef`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.backfill(cmd.Context(), args[0], f) },
	}
	f.register(cmd, false)
	flags := cmd.Flags()
	flags.BoolVar(&f.apply, "apply", false, "write the records")
	flags.BoolVar(&f.dryRun, "dry-run", false, "write nothing (the default)")
	flags.BoolVar(&f.yes, "yes", false, "do not ask (with --apply)")
	flags.StringVar(&f.only, "only", "", "look through one of them only: "+strings.Join(onlyWords, ", "))
	flags.StringSliceVar(&f.states, "state", openStates, "look through conversations in these states")
	flags.StringVar(&f.since, "since", "", "only channels created on this `DAY` (2026-01-31) or later")
	flags.StringVar(&f.until, "until", "", "only channels created on this `DAY` or earlier")
	flags.StringVar(&f.sampleService, "sample-service", "", "the Sync service (`IS…`) of Twilio's sample clear-long-lived-channels, to read its records")
	flags.StringVar(&f.samplePrefix, "sample-prefix", inventory.SamplePrefix, "what the names of those records begin with")
	flags.IntVar(&f.limit, "limit", 0, "adopt at most so many channels; 0 for all")
	flags.IntVar(&f.show, "show", 20, "list at most so many channels; 0 for all (--json has all)")
	flags.Float64Var(&f.rate, "rate", backfill.DefaultRate, "records written in a second; Sync takes less than 20 new ones")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "apply")
	complete(cmd, "only", onlyWords)
	complete(cmd, "state", openStates)
	return cmd
}

// options checks the flags.
func (f backfillFlags) options() (backfill.Options, error) {
	o := backfill.Options{
		Apply: f.apply, Chat: f.only != "conversations", Conversations: f.only != "chat", States: f.states,
		SampleService: f.sampleService, SamplePrefix: f.samplePrefix, Limit: f.limit, Rate: f.rate,
	}
	if f.only != "" && !slices.Contains(onlyWords, f.only) {
		return o, fmt.Errorf("--only %q: one of %s", f.only, strings.Join(onlyWords, ", "))
	}
	for _, state := range f.states {
		if !slices.Contains(openStates, state) {
			return o, fmt.Errorf("--state %q: one of %s; a closed conversation needs nothing", state, strings.Join(openStates, ", "))
		}
	}
	if f.sampleService != "" && !channel.IsSID(f.sampleService, "IS") {
		return o, fmt.Errorf("--sample-service %q is no service; one is IS and 32 hexadecimal digits", f.sampleService)
	}
	if f.limit < 0 || f.show < 0 || f.rate <= 0 {
		return o, errors.New("--limit and --show must be 0 or more, and --rate more than 0")
	}
	for _, day := range []struct {
		flag, text string
		into       *time.Time
	}{{"--since", f.since, &o.Since}, {"--until", f.until, &o.Until}} {
		if day.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return o, fmt.Errorf("%s %q: write a day, like 2026-01-31", day.flag, day.text)
		}
		*day.into = t
	}
	return o, nil
}

func (p *Program) backfill(ctx context.Context, name string, f backfillFlags) error {
	options, err := f.options()
	if err != nil {
		return &exit{ExitUsage, err}
	}
	env, err := p.operator(ctx, name, f.operateFlags)
	if err != nil {
		return err
	}
	if f.apply {
		if err := p.confirm(f.yes, "Adopt the long-lived channels that the ledger of "+name+" does not know?"); err != nil {
			return err
		}
	}
	progress := p.counter()
	options.Tell = func(at backfill.Progress) {
		if at.Doing != "" {
			progress.Show("%s: %d", at.Doing, at.Read)
			return
		}
		progress.Show("%d channels seen, %d adopted or to be", at.Seen, at.Done)
	}
	summary, err := backfill.Run(ctx, env, options)
	progress.Close()
	if printed := p.printBackfill(summary, f); printed != nil || err != nil {
		return errors.Join(interrupted(err), printed)
	}
	if summary.Failed > 0 {
		return fmt.Errorf("%d channels failed; run it again, it goes on with them", summary.Failed)
	}
	return nil
}

// interrupted says that nothing is lost.
func interrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted; run it again, it goes on where it was: %w", err)
	}
	return err
}
