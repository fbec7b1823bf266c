package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/check"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
)

func (p *Program) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "check ENV",
		GroupID: "look",
		Short:   "Check that what was applied works",
		Long: `Check looks at an applied environment: sink, subscription and types as wanted, settings complete,
the webhook refuses the unsigned and the sweep the public, a second plan is clean. Nothing is
changed. For local it also puts one channel through its whole life, for which it turns the fake's
clock past the retention: other channels there come due too.`,
		Example:           "  flexsweep check local",
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.check(cmd.Context(), args[0]) },
	}
}

func (p *Program) check(ctx context.Context, name string) error {
	env, err := p.load(name)
	if err != nil {
		return err
	}
	if env.IsLocal() && !p.stack(env).Exists() {
		return notApplied(name)
	}
	w, err := p.open(ctx, name, purpose{bundle: true})
	if err != nil {
		return err
	}
	defer w.close()
	subject, err := p.subject(ctx, w)
	if err != nil {
		return err
	}
	c := p.colours(p.people())
	paint := map[check.Verdict]func(string) string{check.Pass: c.Good, check.Fail: c.Bad, check.Skip: c.Faint}
	results := check.Run(ctx, subject, check.All(), func(r check.Result) {
		p.say("%s  %-26s %s", paint[r.Verdict](string(r.Verdict)), r.Name, r.Reason)
	})
	if p.json {
		if err := p.printJSON(results); err != nil {
			return err
		}
	}
	failed := 0
	for _, r := range results {
		if r.Verdict == check.Fail {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("check %s: %d of %d checks failed", name, failed, len(results))
	}
	return ctx.Err()
}

// subject gathers what the checks look at.
func (p *Program) subject(ctx context.Context, w *workspace) (*check.Subject, error) {
	outputs, err := w.outputs(ctx)
	if err != nil {
		return nil, err
	}
	twilio, err := outputs.Access(w.secrets).Client(p.Transport)
	if err != nil {
		return nil, err
	}
	twilio.Timeout = 30 * time.Second
	s := &check.Subject{Outputs: outputs, Twilio: twilio, Web: &http.Client{Transport: p.Transport, Timeout: time.Minute}}
	s.Plan = func(ctx context.Context) ([]string, error) {
		planned, err := p.makePlan(ctx, w, w.session.PassingFile(), deploy.Goal{})
		if err != nil {
			return nil, err
		}
		defer planned.Discard()
		return planned.Summary.Addresses(), nil
	}
	if w.stack != nil {
		s.Fake = outputs.Functions["Sweep"].Environment["TWILIO_BASE_URL"]
		if s.Token, err = w.stack.Token(); err != nil {
			return nil, err
		}
	}
	return s, nil
}
