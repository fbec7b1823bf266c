package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/flexsweep/flexsweep/test/rig"
)

// sweepOnce calls the sweep as Cloud Scheduler does.
func sweepOnce(ctx context.Context, client *http.Client, url, token string) (sweepReport, error) {
	var report sweepReport
	status, err := rig.CallSweep(ctx, client, url, token, &report)
	if err != nil {
		return report, err
	}
	if status != http.StatusOK || report.Outcome != "completed" {
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
