// Package function is the root of what ships: it registers the two entry points with
// Google's Functions Framework and wires the adapters. Everything else is in the
// packages below.
package function

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// Google sets FUNCTION_TARGET to the entry point of a deployed function, and the
// framework serves that one. A bad setting must fail the deployment, not the first
// event, so the settings are read here and the process ends if there is a fault.
func init() {
	target := EntryPoint(os.Getenv("FUNCTION_TARGET"))
	if target != EventStreams && target != Sweep {
		return // imported by a tool or a test; the framework itself refuses an unknown target
	}
	log := newLogger(os.Stdout)
	config, err := ParseConfig(target, os.LookupEnv)
	if err != nil {
		log.Error("bad settings: " + err.Error())
		fmt.Fprintf(os.Stderr, "flexsweep %s does not start, because of its settings:\n%v\n", target, err)
		os.Exit(1)
	}
	log.Info("starting", "settings", config)
	for _, warning := range config.Warnings {
		log.Warn(warning)
	}
	handler := NewHandler(config, Adapters{})
	functions.HTTP(string(target), handler.ServeHTTP)
}

// Adapters replaces what the functions reach the world through. Zero values are the world.
type Adapters struct {
	Transport http.RoundTripper      // to Twilio
	Now       func() time.Time       // the clock
	NewRun    func(time.Time) string // names a sweep
	Log       io.Writer              // structured lines
	// Sleep is the pause before a request is repeated.
	Sleep func(ctx context.Context, d time.Duration) error
}

// NewHandler returns the handler of the configuration's entry point.
func NewHandler(c Config, a Adapters) http.Handler {
	handler := newHandler(c, a)
	if c.Bundle == "" {
		return handler
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(BundleHeader, c.Bundle)
		handler.ServeHTTP(w, r)
	})
}

// BundleHeader is in every answer, a refusal too: BUNDLE_SHA256, so that anyone can
// tell whether what runs is what was deployed.
const BundleHeader = "Flexsweep-Bundle"

func newHandler(c Config, a Adapters) http.Handler {
	if a.NewRun == nil {
		a.NewRun = newRun
	}
	if a.Log == nil {
		a.Log = os.Stdout
	}
	if a.Now == nil && c.ClockURL != nil {
		clock := NewClock(c.ClockURL, http.DefaultTransport)
		a.Now = clock.Now
		return clock.gate(newHandler(c, a), newLogger(a.Log))
	}
	if a.Now == nil {
		a.Now = time.Now
	}
	log := requestLogger(newLogger(a.Log), c.Project)
	if c.EntryPoint == EventStreams {
		client := newClient(c, a, 2*time.Second, 3)
		config := eventstream.Config{
			Verifier: eventstream.NewVerifier(c.WebhookURLs, c.SignatureTokens()), Sources: c.SourceRanges,
			Account: c.AccountSID, Workspaces: c.Workspaces,
		}
		return eventstream.New(config, ledger.New(client, c.SyncService, c.DocumentPrefix), a.Now, log)
	}
	client := newClient(c, a, 10*time.Second, 5)
	records := ledger.New(client, c.SyncService, c.DocumentPrefix)
	sweeper := sweep.New(c.SweepConfig(), sweep.Ports{
		Records: records, Memory: records,
		Retirer: retire.New(client, c.ChatServices, c.QuietPeriod, a.Now),
		Tasks:   taskrouter.New(client, c.Workspaces, a.Now),
		Now:     a.Now, NewRun: a.NewRun,
	})
	return within(time.Duration(c.SweepTimeoutSeconds)*time.Second, sweep.NewHandler(sweeper, log))
}

// within gives every request a deadline.
func within(limit time.Duration, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

// newClient returns the client of one function: the webhook has less than 5 seconds for
// everything, a sweep has minutes.
func newClient(c Config, a Adapters, attempt time.Duration, attempts int) *twilio.Client {
	username, password := c.Credentials()
	return twilio.New(twilio.Config{
		AccountSID: c.AccountSID, Username: username, Password: password, BaseURL: c.BaseURL,
		RequestsPerSecond: c.RequestsPerSecond, AttemptTimeout: attempt, Attempts: attempts, Transport: a.Transport, Sleep: a.Sleep,
	})
}

// newRun names a sweep by its time and some chance.
func newRun(now time.Time) string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random[:])
}
