package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/doctor"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

func (p *Program) doctorCommand() *cobra.Command {
	var f operateFlags
	var noTest bool
	cmd := &cobra.Command{
		Use:     "doctor ENV",
		GroupID: "look",
		Short:   "Find out what is wrong with what is deployed",
		Long: `Doctor looks at a deployed environment from the credentials to the last sweep: does the key open what is
needed, are Sync service, sink, subscription and event types as wanted (Terraform's provider cannot see
types that somebody took away), do all agree on the webhook's address, does the sink's test event arrive,
has the schedule swept lately, is somebody holding the pause, do the clocks agree.

It reads, and sends the sink's test event, which changes no record. To see it arrive in a deployed
environment it reads Cloud Logging with your own account; where that may not be, it says so.

Verdicts: ok; warn, look at it; fail, it is wrong; unknown, it cannot be told from here.
Exit codes: 0 nothing is wrong; 1 something is.`,
		Example: `  flexsweep doctor prod
  flexsweep doctor prod --json`,
		Args:              exactly(1, "the name of an environment"),
		ValidArgsFunction: p.environmentNames,
		RunE:              func(cmd *cobra.Command, args []string) error { return p.doctor(cmd.Context(), args[0], noTest, f) },
	}
	f.register(cmd, false)
	cmd.Flags().BoolVar(&noTest, "no-test-event", false, "do not have the sink send its test event")
	return cmd
}

func (p *Program) doctor(ctx context.Context, name string, noTest bool, f operateFlags) error {
	env, err := p.operator(ctx, name, f)
	if err != nil {
		return err
	}
	c := p.colours(p.people())
	paint := map[doctor.Verdict]func(string) string{doctor.OK: c.Good, doctor.Warn: c.Change, doctor.Fail: c.Bad, doctor.Unknown: c.Faint}
	patient := &doctor.Patient{
		Env: env, Machine: p.Now, Web: p.Transport, GoogleToken: secrets.AccessToken(p.Env), Logging: doctor.Google, Sleep: p.nap, NoTestEvent: noTest,
	}
	lines, err := doctor.Examine(ctx, patient, func(l doctor.Line) {
		p.say("%s  %-13s %s", paint[l.Verdict](fmt.Sprintf("%-7s", l.Verdict)), l.What, l.Found)
		if l.Do != "" {
			p.say("%22s → %s", "", l.Do)
		}
	})
	if err != nil {
		return err
	}
	if p.json {
		if err := p.printJSON(lines); err != nil {
			return err
		}
	}
	if failed := doctor.Failed(lines); failed > 0 {
		return fmt.Errorf("%d of %d things are wrong with %s", failed, len(lines), name)
	}
	return nil
}

// nap really sleeps unless a test has another idea.
func (p *Program) nap(ctx context.Context, d time.Duration) error {
	if p.Sleep != nil {
		return p.Sleep(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
