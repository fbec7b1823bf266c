package check

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/robfig/cron/v3"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

// settings compares what the applied functions are given with what they read: a
// setting renamed on one side only is found here.
func settings(_ context.Context, s *Subject) (string, error) {
	var faults []string
	for _, entry := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		f, ok := s.Outputs.Functions[string(entry)]
		if !ok {
			return "", fmt.Errorf("no function with the entry point %s is applied", entry)
		}
		given := map[string]bool{}
		for name := range f.Environment {
			given[name] = false
		}
		for name := range f.Secrets {
			given[name] = true
		}
		faults = append(faults, compare(string(entry), given, known(entry))...)
	}
	if len(faults) > 0 {
		return "", fmt.Errorf("%s", strings.Join(faults, "; "))
	}
	return "both functions have every setting that they require, and none that they do not know", nil
}

func known(entry function.EntryPoint) map[string]function.Setting {
	out := map[string]function.Setting{}
	for _, setting := range function.Settings() {
		if slices.Contains(setting.EntryPoints, entry) {
			out[setting.Name] = setting
		}
	}
	return out
}

// compare names the differences; given maps a name to whether it is mounted as a
// secret.
func compare(entry string, given map[string]bool, known map[string]function.Setting) []string {
	var faults []string
	for name, secret := range given {
		setting, ok := known[name]
		switch {
		case !ok:
			faults = append(faults, fmt.Sprintf("%s does not know %s", entry, name))
		case setting.Secret && !secret:
			faults = append(faults, fmt.Sprintf("%s has the secret %s in plain sight", entry, name))
		}
	}
	for name, setting := range known {
		if _, ok := given[name]; setting.Required && !ok {
			faults = append(faults, fmt.Sprintf("%s lacks %s", entry, name))
		}
	}
	sort.Strings(faults)
	return faults
}

func webhookRefuses(ctx context.Context, s *Subject) (string, error) {
	status, _, err := s.knock(ctx, s.Outputs.WebhookURL, "[]", "")
	if err != nil {
		return "", err
	}
	listed := s.Outputs.Functions[string(function.EventStreams)].Environment["SOURCE_RANGES"]
	switch {
	case status == http.StatusForbidden:
		return "an unsigned request gets 403", nil
	case status == http.StatusTooManyRequests && listed != "":
		return "a request from here gets 429: this address is not in SOURCE_RANGES", nil
	}
	return "", fmt.Errorf("an unsigned request is answered with %d, not 403", status)
}

func sweepRefuses(ctx context.Context, s *Subject) (string, error) {
	// A dry run, so that nothing is retired even when the gate stands open.
	status, _, err := s.knock(ctx, s.Outputs.SweepURL, `{"dryRun":true}`, "")
	if err != nil {
		return "", err
	}
	if status != http.StatusForbidden && status != http.StatusUnauthorized {
		return "", fmt.Errorf("a caller without a token is answered with %d, not 401 or 403", status)
	}
	return fmt.Sprintf("a caller without a token gets %d", status), nil
}

func dryRun(ctx context.Context, s *Subject) (string, error) {
	if s.Token == "" {
		return "", skipped{"only an invoker's token opens the sweep; see the last run in the logs"}
	}
	status, body, err := s.knock(ctx, s.Outputs.SweepURL, `{"dryRun":true}`, s.Token)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK || !json.Valid([]byte(body)) {
		return "", fmt.Errorf("the sweep answers %d: %s", status, body)
	}
	return "the sweep answers its invoker with a report", nil
}

func schedule(_ context.Context, s *Subject) (string, error) {
	job := s.Outputs.SchedulerJob
	if _, err := cron.ParseStandard("CRON_TZ=" + job.TimeZone + " " + job.Schedule); err != nil {
		return "", fmt.Errorf("the schedule %q %s cannot be read: %w", job.Schedule, job.TimeZone, err)
	}
	if job.URI != s.Outputs.SweepURL {
		return "", fmt.Errorf("it calls %s, and the sweep is at %s", job.URI, s.Outputs.SweepURL)
	}
	if job.Paused {
		return "", fmt.Errorf("it is paused: nothing is retired")
	}
	return fmt.Sprintf("%s calls the sweep at %q %s", job.Name, job.Schedule, job.TimeZone), nil
}

func secondPlan(ctx context.Context, s *Subject) (string, error) {
	if s.Plan == nil {
		return "", skipped{"no Terraform at hand"}
	}
	left, err := s.Plan(ctx)
	if err != nil {
		return "", err
	}
	if len(left) > 0 {
		return "", fmt.Errorf("not applied: %s", strings.Join(left, ", "))
	}
	return "nothing is left to do", nil
}

// knock makes a request as somebody from outside.
func (s *Subject) knock(ctx context.Context, address, body, token string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, "", fmt.Errorf("call %s: %w", address, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.Web.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("call %s: %w", address, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, "", fmt.Errorf("call %s: %w", address, err)
	}
	return resp.StatusCode, strings.TrimSpace(string(text)), nil
}
