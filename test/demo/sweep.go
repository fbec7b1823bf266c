package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// sweepOnce calls the sweep as Cloud Scheduler does.
func sweepOnce(ctx context.Context, client *http.Client, url, token string) (sweepReport, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return sweepReport{}, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return sweepReport{}, fmt.Errorf("call the sweep: %w", err)
	}
	defer res.Body.Close()
	var report sweepReport
	if err := json.NewDecoder(res.Body).Decode(&report); err != nil {
		return sweepReport{}, fmt.Errorf("read the sweep's report (HTTP %d): %w", res.StatusCode, err)
	}
	if res.StatusCode != http.StatusOK || report.Outcome != "completed" {
		return report, errors.New("the sweep did not complete: " + report.Outcome + " " + report.Text)
	}
	return report, nil
}

// sweepReport is what the demo reads of a sweep's answer.
type sweepReport struct {
	Outcome string `json:"outcome"`
	Text    string `json:"text"`
	Calls   int    `json:"calls"`
	Walked  int    `json:"walked"`
	Retired int    `json:"retired"`
	Already int    `json:"already"`
	Gone    int    `json:"gone"`
	Failed  int    `json:"failed"`
	Items   []struct {
		Channel string `json:"channel"`
		Did     string `json:"did"`
		Text    string `json:"text"`
	} `json:"items"`
}
