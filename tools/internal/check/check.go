// Package check looks whether an environment stands as it should: each check has a
// name, a verdict and a reason. What is checked in a deployed environment only
// reads; the local one is put through the whole loop.
package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/flexsweep/flexsweep/tools/internal/deploy"
)

// Verdict of a check.
type Verdict string

// A check passes, fails, or could not be made here.
const (
	Pass Verdict = "pass"
	Fail Verdict = "fail"
	Skip Verdict = "skip"
)

// Result is what came of one check.
type Result struct {
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason"`
}

// Subject is the environment that is checked.
type Subject struct {
	Outputs deploy.Outputs
	Twilio  *http.Client // signs for the account; for local it leads to the fake
	Web     *http.Client // anybody's client

	// Plan names what a second plan would still do, by address.
	Plan func(context.Context) ([]string, error)

	// Local only; Token empty means deployed.
	Token string // of the sweep's invoker
	Fake  string // the fake's address
}

// Check is one thing to look at. Run returns why it passed, or an error with why
// it did not; skipped says that it cannot be told here.
type Check struct {
	Name string
	Run  func(ctx context.Context, s *Subject) (reason string, err error)
}

// skipped is the error of a check that cannot be made.
type skipped struct{ why string }

func (s skipped) Error() string { return s.why }

// All lists the checks in the order of the flow.
func All() []Check {
	return []Check{
		{"settings", settings},
		{"sync service", syncService},
		{"sink", sink},
		{"subscription", subscription},
		{"event types", eventTypes},
		{"webhook refuses unsigned", webhookRefuses},
		{"sweep refuses the public", sweepRefuses},
		{"schedule", schedule},
		{"dry-run sweep", dryRun},
		{"whole loop", loop},
		{"second plan", secondPlan},
	}
}

// Standing lists the checks that an apply ends with: quick, and reading only.
func Standing() []Check {
	all := All()
	return all[:5]
}

// Run makes the checks one after the other and tells each result as it comes. One
// that fails does not stop the others.
func Run(ctx context.Context, s *Subject, checks []Check, tell func(Result)) []Result {
	var results []Result
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		reason, err := c.Run(ctx, s)
		r := Result{Name: c.Name, Verdict: Pass, Reason: reason}
		var skip skipped
		switch {
		case errors.As(err, &skip):
			r.Verdict, r.Reason = Skip, skip.why
		case err != nil:
			r.Verdict, r.Reason = Fail, err.Error()
		}
		results = append(results, r)
		tell(r)
	}
	return results
}

// get reads one object of Twilio's into v.
func (s *Subject) get(ctx context.Context, address string, v any) error {
	return s.call(ctx, http.MethodGet, address, nil, v)
}

// post sends a form to Twilio and reads the answer into v.
func (s *Subject) post(ctx context.Context, address string, form url.Values, v any) error {
	return s.call(ctx, http.MethodPost, address, form, v)
}

func (s *Subject) call(ctx context.Context, method, address string, form url.Values, v any) error {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := s.Twilio.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}
	if resp.StatusCode >= 300 {
		var problem struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		}
		_ = json.Unmarshal(text, &problem) // an answer that is no JSON has the status only
		return fmt.Errorf("%s %s: Twilio answers %s (%d %s)", method, address, resp.Status, problem.Code, problem.Message)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s %s: %w", method, address, err)
	}
	return nil
}
