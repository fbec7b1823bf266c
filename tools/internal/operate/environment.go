// Package operate opens an environment for those who run it: its ledger, what changes
// its channels, its policy and its clock, all of them wired as in the deployed functions.
// What the operators' commands do to a record stands here; how they talk is in cli.
package operate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// Source is what an environment is opened from.
type Source struct {
	Name    string         // of the environment
	Outputs deploy.Outputs // what Terraform applied
	Secrets secrets.Values
	By      string // who operates; it goes into holds and the pause

	Transport http.RoundTripper // to Twilio and the functions; nil: the default one
	Now       func() time.Time  // this machine's clock; that of CLOCK_URL takes its place
	NewRun    func(time.Time) string
	Token     func(context.Context) (string, error) // an identity token for the sweep
	// Sleep is the pause before a request to Twilio is repeated; nil really sleeps.
	Sleep func(context.Context, time.Duration) error
}

// Environment is an applied environment, ready to be looked at and changed.
type Environment struct {
	Name    string
	By      string
	Outputs deploy.Outputs
	Config  function.Config // of the sweep
	Twilio  *twilio.Client
	Ledger  *ledger.Ledger
	Retirer *retire.Retirer
	Tasks   *taskrouter.Asker
	Sweeper *sweep.Sweeper   // leaves the history alone: only the deployed one's runs are remembered
	Now     func() time.Time // the environment's time: that of CLOCK_URL where there is one

	web   *http.Client
	token func(context.Context) (string, error)
}

// Open wires an environment. It makes no request but one for the time of CLOCK_URL. The error
// names every setting that is missing or wrong.
func Open(ctx context.Context, s Source) (*Environment, error) {
	config, err := function.ParseConfig(function.Sweep, s.lookup)
	if err != nil {
		return nil, fmt.Errorf("read the settings of %s's sweep: %w", s.Name, err)
	}
	if s.Transport == nil {
		s.Transport = http.DefaultTransport
	}
	if s.NewRun == nil {
		s.NewRun = newRun
	}
	now := s.Now
	if config.ClockURL != nil {
		clock := function.NewClock(config.ClockURL, s.Transport)
		if _, err := clock.Read(ctx); err != nil {
			return nil, fmt.Errorf("%w (does the fake Twilio of %s run?)", err, s.Name)
		}
		now = clock.Now
	}
	username, password := config.Credentials()
	client := twilio.New(twilio.Config{
		AccountSID: config.AccountSID, Username: username, Password: password, BaseURL: config.BaseURL,
		RequestsPerSecond: config.RequestsPerSecond, Transport: s.Transport, Sleep: s.Sleep,
	})
	records := ledger.New(client, config.SyncService, config.DocumentPrefix)
	retirer := retire.New(client, config.ChatServices, config.QuietPeriod, now)
	tasks := taskrouter.New(client, config.Workspaces, now)
	return &Environment{
		Name: s.Name, By: s.By, Outputs: s.Outputs, Config: config, Twilio: client, Ledger: records, Retirer: retirer,
		Sweeper: sweep.New(config.SweepConfig(), sweep.Ports{Records: records, Memory: silent{records}, Retirer: retirer, Tasks: tasks, Now: now, NewRun: s.NewRun}),
		Tasks:   tasks, Now: now,
		web: &http.Client{Transport: s.Transport}, token: s.Token,
	}, nil
}

// lookup gives the sweep's own environment variables: those that were applied, and the
// key and the secrets from the operator's.
func (s Source) lookup(name string) (string, bool) {
	switch name {
	case "TWILIO_API_KEY":
		if s.Outputs.APIKey != "" {
			return s.Outputs.APIKey, true
		}
	case secrets.APISecret:
		return s.Secrets.APISecret, true
	case secrets.AuthToken:
		return s.Secrets.AuthToken, true
	}
	value, ok := s.Outputs.Functions[string(function.Sweep)].Environment[name]
	return value, ok
}

// newRun names what an operator does, so that it is told from a sweep.
func newRun(now time.Time) string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails
	return now.UTC().Format("20060102T150405Z") + "-operator-" + hex.EncodeToString(random[:])
}
