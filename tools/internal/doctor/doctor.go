// Package doctor looks whether what is deployed is well, from the credentials to the last
// sweep: for each thing a verdict, what was found, and what to do about it.
//
// It changes nothing. It only has the sink send its test event, which no record notices,
// and sees whether it arrives.
package doctor

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/check"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// Verdict on one thing.
type Verdict string

// Well, to be looked at, wrong, or nobody here can tell.
const (
	OK      Verdict = "ok"
	Warn    Verdict = "warn"
	Fail    Verdict = "fail"
	Unknown Verdict = "unknown"
)

// Line is what the doctor says of one thing.
type Line struct {
	What    string  `json:"what"`
	Verdict Verdict `json:"verdict"`
	Found   string  `json:"found"`
	Do      string  `json:"do,omitempty"` // unless it is well
}

// Patient is the environment and what it is looked at with.
type Patient struct {
	Env     *operate.Environment
	Machine func() time.Time // this machine's clock, not the environment's
	Web     http.RoundTripper
	// GoogleToken gives an OAuth access token to read Cloud Logging with.
	GoogleToken func(context.Context) (string, error)
	Logging     string                                     // Cloud Logging's address
	Sleep       func(context.Context, time.Duration) error // between looks for the test event
	NoTestEvent bool

	twilio *http.Client
	public *http.Client
	common *check.Subject
}

// Google is the address of Cloud Logging.
const Google = "https://logging.googleapis.com"

// exam is one thing to look at.
type exam struct {
	what string
	look func(context.Context, *Patient) Line
	// needs names another exam: where that fails, this one cannot be told.
	needs string
}

// exams in the order of the flow.
var exams = []exam{
	{"credentials", credentials, ""},
	{"sync service", common("sync service", "The ledger is gone, or the key is of another account: docs/runbook.md#the-ledger-is-gone"), "credentials"},
	{"settings", common("settings", "Apply again: what is applied and what the code reads differ"), ""},
	{"addresses", addresses, ""},
	{"sink", sink, "credentials"},
	{"subscription", common("subscription", "Apply again; if Twilio has deleted it, flexsweep heal first"), "credentials"},
	{"event types", common("event types", "Terraform cannot see this. Put it right in Twilio: docs/runbook.md#event-types-have-drifted"), "credentials"},
	{"webhook", common("webhook refuses unsigned", "The function does not start, or another one answers there: look for \"bad settings\" in its log"), ""},
	{"test event", testEvent, "sink"},
	{"sweep", common("sweep refuses the public", "Only the schedule's account may call it: look at its IAM bindings, then apply"), ""},
	{"schedule", common("schedule", "Look at schedule and schedule_paused in the environment's tfvars, then apply"), ""},
	{"last sweep", lastSweep, "sync service"},
	{"pause", pause, "sync service"},
	{"clock", clock, "credentials"},
}

// Examine looks at everything, one after the other, and tells each line as it comes.
// Something that is wrong does not keep it from looking at the rest.
func Examine(ctx context.Context, p *Patient, tell func(Line)) ([]Line, error) {
	if err := p.prepare(); err != nil {
		return nil, err
	}
	lines, failed := []Line{}, map[string]bool{}
	for _, e := range exams {
		if ctx.Err() != nil {
			return lines, ctx.Err()
		}
		line := Line{Verdict: Unknown, Found: "not looked at, because of: " + e.needs, Do: "Mend that first"}
		if !failed[e.needs] {
			line = e.look(ctx, p)
		}
		line.What = e.what
		if line.Verdict == OK {
			line.Do = ""
		}
		failed[e.what] = line.Verdict == Fail || failed[e.needs] && e.needs != ""
		lines = append(lines, line)
		tell(line)
	}
	return lines, nil
}

func (p *Patient) prepare() (err error) {
	c := p.Env.Config
	username, password := c.Credentials()
	access := deploy.Access{AccountSID: c.AccountSID, Username: username, Password: password}
	if c.BaseURL != nil {
		access.BaseURL = c.BaseURL.String()
	}
	if p.twilio, err = access.Client(p.Web); err != nil {
		return err
	}
	p.twilio.Timeout = 30 * time.Second
	p.public = &http.Client{Transport: p.Web, Timeout: 30 * time.Second}
	p.common = &check.Subject{Outputs: p.Env.Outputs, Twilio: p.twilio, Web: p.public}
	return nil
}

// common looks at something that "flexsweep check" looks at, too.
func common(name, do string) func(context.Context, *Patient) Line {
	return func(ctx context.Context, p *Patient) Line {
		for _, c := range check.All() {
			if c.Name != name {
				continue
			}
			reason, err := c.Run(ctx, p.common)
			if err != nil {
				return Line{Verdict: Fail, Found: err.Error(), Do: do}
			}
			return Line{Verdict: OK, Found: reason}
		}
		panic("there is no check " + name)
	}
}

// Failed counts the lines that say so.
func Failed(lines []Line) (failed int) {
	for _, l := range lines {
		if l.Verdict == Fail {
			failed++
		}
	}
	return failed
}

var errNotYet = errors.New("not yet")
