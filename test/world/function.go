package world

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// NewFunction returns a function as it is deployed: from nothing but its settings, by name.
// It is the one place that knows how the functions are made.
func NewFunction(entryPoint function.EntryPoint, settings map[string]string, adapters function.Adapters) (http.Handler, error) {
	config, err := function.ParseConfig(entryPoint, func(name string) (string, bool) {
		value, ok := settings[name]
		return value, ok
	})
	if err != nil {
		return nil, fmt.Errorf("settings of %s: %w", entryPoint, err)
	}
	return function.NewHandler(config, adapters), nil
}

// RestartWebhook replaces the webhook's instance by a new one, which remembers nothing.
func (w *World) RestartWebhook() {
	w.T.Helper()
	w.WebhookWire = &Wire{Next: w.Fake.Transport()}
	w.Webhook = w.start(function.EventStreams, w.WebhookWire)
}

// RestartSweep replaces the sweep's instance by a new one.
func (w *World) RestartSweep() {
	w.T.Helper()
	w.SweepWire = &Wire{Next: w.Fake.Transport()}
	w.Sweeper = w.start(function.Sweep, w.SweepWire)
}

func (w *World) start(entryPoint function.EntryPoint, over *Wire) http.Handler {
	w.T.Helper()
	handler, err := NewFunction(entryPoint, w.Settings, function.Adapters{
		Transport: over, Now: w.Fake.Clock().Now, NewRun: w.NewRun, Log: &w.Logs, Sleep: NoSleep,
	})
	if err != nil {
		w.T.Fatalf("%v", err)
	}
	return handler
}

// NoSleep takes the place of a pause. It takes no time, but a pause beyond the request's
// deadline ends as a real one would.
func NoSleep(ctx context.Context, d time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// Sweep runs one sweep, with a JSON body or none, that must come to an end.
func (w *World) Sweep(body ...string) sweep.Report {
	w.T.Helper()
	status, report := w.TrySweep(body...)
	if status != http.StatusOK {
		w.T.Fatalf("sweep answered %d: %s", status, report.Text)
	}
	return report
}

// TrySweep runs one sweep, whatever comes of it.
func (w *World) TrySweep(body ...string) (status int, report sweep.Report) {
	w.T.Helper()
	answer := httptest.NewRecorder()
	w.Sweeper.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Join(body, ""))))
	if err := json.Unmarshal(answer.Body.Bytes(), &report); err != nil {
		w.T.Fatalf("read report of the sweep (HTTP %d): %v", answer.Code, err)
	}
	return answer.Code, report
}
