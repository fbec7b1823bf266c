package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// lastSweep looks into the ledger's history for a sweep within two periods of the
// schedule. Dry runs are not remembered there.
func lastSweep(ctx context.Context, p *Patient) Line {
	past, err := p.Env.Ledger.History(ctx)
	if err != nil {
		return Line{Verdict: Fail, Found: "the history cannot be read: " + err.Error(), Do: "docs/runbook.md#the-ledger-is-gone"}
	}
	job := p.Env.Outputs.SchedulerJob
	var scheduled sweep.Request
	if json.Unmarshal([]byte(job.Body), &scheduled) == nil && scheduled.DryRun {
		return Line{Verdict: Unknown, Found: "the schedule sweeps dry (dry_run), and dry runs are not remembered: nothing is being retired",
			Do: "Look at what they would do: flexsweep sweep " + p.Env.Name + "; to switch on, see docs/deploy.md"}
	}
	now := p.Env.Now()
	period, err := periodOf(job.Schedule, job.TimeZone, now)
	if err != nil {
		return Line{Verdict: Unknown, Found: "the schedule cannot be read: " + err.Error(), Do: "Mend the schedule"}
	}
	if len(past.Sweeps) == 0 {
		return Line{Verdict: Warn, Found: "no sweep is remembered", Do: fmt.Sprintf("If it was switched on longer than %s ago: docs/runbook.md#no-sweep", operate.Span(2*period))}
	}
	last := past.Sweeps[len(past.Sweeps)-1]
	age := now.Sub(last.Started)
	found := fmt.Sprintf("%s ago, %s: walked %d, due %d, retired %d, failed %d", operate.Span(age), last.Outcome, last.Walked, last.Due, last.Retired, last.Failed)
	switch {
	case age > 2*period:
		return Line{Verdict: Fail, Found: found + fmt.Sprintf("; that is more than two periods of the schedule (%s)", operate.Span(period)), Do: "docs/runbook.md#no-sweep"}
	case last.Outcome == string(sweep.Refused) || last.Outcome == string(sweep.Broken):
		return Line{Verdict: Fail, Found: found, Do: "docs/runbook.md#sweep-refused"}
	case last.Irrecoverable > 0:
		return Line{Verdict: Fail, Found: fmt.Sprintf("%s, irrecoverable %d", found, last.Irrecoverable), Do: "docs/runbook.md#irrecoverable"}
	case last.Failed > 0:
		return Line{Verdict: Warn, Found: found, Do: "docs/runbook.md#failing-channels"}
	}
	return Line{Verdict: OK, Found: found}
}

// periodOf is how far the next two times of a schedule are apart.
func periodOf(schedule, zone string, now time.Time) (time.Duration, error) {
	c, err := cron.ParseStandard("CRON_TZ=" + zone + " " + schedule)
	if err != nil {
		return 0, err
	}
	next := c.Next(now)
	return c.Next(next).Sub(next), nil
}

// pause looks at the switch that stops every sweep.
func pause(ctx context.Context, p *Patient) Line {
	control, err := p.Env.Ledger.Control(ctx)
	switch {
	case err != nil:
		return Line{Verdict: Fail, Found: "the switch cannot be read, so no sweep dares to begin: " + err.Error(), Do: "Mend or delete the document " + p.Env.Config.DocumentPrefix + "control"}
	case control.Paused:
		return Line{Verdict: Warn, Found: fmt.Sprintf("%s has paused the sweeps since %s: %s", control.By, operate.Stamp(control.Since), control.Reason), Do: "When that may be: flexsweep resume " + p.Env.Name}
	}
	return Line{Verdict: OK, Found: "the sweeps are not paused"}
}
