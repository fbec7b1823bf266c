package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// maxReport bounds what is read of a report: at most 100,000 items.
const maxReport = 64 << 20

// Call has the deployed function sweep, and returns its report.
func (e *Environment) Call(ctx context.Context, request sweep.Request) (*sweep.Report, error) {
	token, err := e.token(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Outputs.SweepURL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := e.web.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxReport))
	if err != nil {
		return nil, fmt.Errorf("read the sweep's report: %w", err)
	}
	return e.answer(res, text)
}

// answer reads the report of a sweep. One that could not read the ledger answers 500,
// and its report, too.
func (e *Environment) answer(res *http.Response, text []byte) (*sweep.Report, error) {
	var report sweep.Report
	err := json.Unmarshal(text, &report)
	switch {
	case err == nil && report.Run != "":
		return &report, nil
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return nil, fmt.Errorf("call the sweep at %s: %s: the account needs roles/run.invoker on it; name one that has it with --impersonate (the schedule's own: see flexsweep output %s functions)",
			e.Outputs.SweepURL, res.Status, e.Name)
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("call the sweep at %s: it answers %s: %.200s", e.Outputs.SweepURL, res.Status, bytes.TrimSpace(text))
	default:
		return nil, fmt.Errorf("read the report of the sweep at %s: it is none: %.200s", e.Outputs.SweepURL, bytes.TrimSpace(text))
	}
}
