package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

func (p *Program) holdCommand() *cobra.Command {
	var f operateFlags
	var until, reason string
	cmd := &cobra.Command{
		Use:     "hold ENV CH… --reason WHY",
		GroupID: "operate",
		Short:   "Keep channels from being retired",
		Long: `Hold marks channels in the ledger, so that no sweep retires them: until a time, or for good. An event
that comes in at the same moment is not lost. A hold does not bring a retired channel back.`,
		Example: `  flexsweep hold prod CH0123456789abcdef0123456789abcdef --reason "complaint 4711"
  flexsweep hold prod CH0123456789abcdef0123456789abcdef --until 30d --reason audit
  flexsweep hold prod CH0123456789abcdef0123456789abcdef --until 2026-12-31 --reason audit`,
		Args:              channelsOf(many),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return errNoReason
			}
			return p.hold(cmd.Context(), args[0], args[1:], until, reason, f)
		},
	}
	f.register(cmd, true)
	cmd.Flags().StringVar(&until, "until", "", "a day (2026-12-31), a time (2026-12-31T18:00:00Z) or a span (72h, 30d); without it for good")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever wonders (required)")
	return cmd
}

func (p *Program) hold(ctx context.Context, name string, sids []string, until, reason string, f operateFlags) error {
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	end, err := parseUntil(until, env.Now())
	if err != nil {
		return &exit{ExitUsage, err}
	}
	return p.each(sids, func(sid string) operate.Changed { return env.Hold(ctx, sid, end, reason) })
}

// parseUntil reads a day, a time or a span from now; "" is the zero time.
func parseUntil(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	end, ok := spanFrom(text, now)
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			end, ok = t, true
		}
	}
	if !ok {
		return end, fmt.Errorf("--until %q: write a day (2026-12-31), a time (2026-12-31T18:00:00Z) or a span (72h, 30d)", text)
	}
	if !end.After(now) {
		return end, fmt.Errorf("--until %s is over already: it is %s", operate.Stamp(end), operate.Stamp(now))
	}
	return end.UTC(), nil
}

func spanFrom(text string, now time.Time) (time.Time, bool) {
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		n, err := strconv.Atoi(days)
		return now.AddDate(0, 0, n), err == nil
	}
	d, err := time.ParseDuration(text)
	return now.Add(d).Truncate(time.Second), err == nil
}

func (p *Program) releaseCommand() *cobra.Command {
	var f operateFlags
	cmd := &cobra.Command{
		Use:     "release ENV CH…",
		GroupID: "operate",
		Short:   "Take holds away",
		Long: `Release takes the hold of channels away, and says what the next sweep makes of them: a channel whose
retention is over is due at once.`,
		Example:           "  flexsweep release prod CH0123456789abcdef0123456789abcdef",
		Args:              channelsOf(many),
		ValidArgsFunction: p.environmentNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := p.operator(cmd.Context(), args[0], f)
			if err != nil {
				return err
			}
			return p.each(args[1:], func(sid string) operate.Changed { return env.Release(cmd.Context(), sid) })
		},
	}
	f.register(cmd, true)
	return cmd
}

// each changes channels one after the other, with progress.
func (p *Program) each(sids []string, change func(sid string) operate.Changed) error {
	progress := p.counter()
	changes := []operate.Changed{}
	for i, sid := range sids {
		progress.Show("%d of %d channels", i, len(sids))
		changes = append(changes, change(sid))
	}
	progress.Close()
	return p.printChanges(changes)
}
