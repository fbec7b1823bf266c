package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

// Programs builds the fake Twilio and the function in a folder and returns where they are.
func Programs(ctx context.Context, dir string) (fake, function string, err error) {
	fake, function = filepath.Join(dir, "faketwilio"), filepath.Join(dir, "function")
	if err := Build(ctx, "github.com/flexsweep/flexsweep/test/faketwilio/cmd/faketwilio", fake); err != nil {
		return "", "", err
	}
	return fake, function, Build(ctx, "github.com/flexsweep/flexsweep/test/function", function)
}

// Deployment is what Terraform makes of an account, made by hand: settings, a sink and a
// subscription, and an address for each function.
type Deployment struct {
	Settings  map[string]string
	Addresses map[string]string // by entry point
}

// Deploy prepares an account for the two functions, which do not run yet. The settings are
// added to those that they need, and may replace them.
func (a *Account) Deploy(ctx context.Context, settings map[string]string) (*Deployment, error) {
	d := &Deployment{Addresses: map[string]string{}}
	for _, target := range []string{"EventStreams", "Sweep"} {
		address, err := FreeAddress()
		if err != nil {
			return nil, err
		}
		d.Addresses[target] = address
	}
	sinks, err := a.seed(ctx, "sinks", map[string]any{"url": d.URL("EventStreams")})
	if err != nil {
		return nil, err
	}
	if _, err := a.seed(ctx, "subscriptions", map[string]any{"sink": sinks[0], "types": eventstream.EventTypes()}); err != nil {
		return nil, err
	}
	d.Settings = a.Settings(d.URL("EventStreams"), settings)
	return d, nil
}

// Settings are those that both functions need for the account, with others.
func (a *Account) Settings(webhookURL string, others map[string]string) map[string]string {
	settings := map[string]string{
		"TWILIO_ACCOUNT_SID": a.AccountSID, "TWILIO_API_KEY": a.APIKey, "TWILIO_API_SECRET": a.APISecret, "TWILIO_AUTH_TOKEN": a.AuthToken,
		"TWILIO_BASE_URL": a.Address, "CLOCK_URL": a.Address, "SYNC_SERVICE_SID": a.Ledger, "CHAT_SERVICE_SIDS": a.ChatService, "WEBHOOK_URLS": webhookURL,
		"TWILIO_REQUESTS_PER_SECOND": "100000", // real time is not waited for
	}
	for name, value := range others {
		settings[name] = value
	}
	return settings
}

// URL is where a function is called.
func (d *Deployment) URL(target string) string { return "http://" + d.Addresses[target] + "/" }

// Start starts one of the functions, and returns when it accepts connections.
func (d *Deployment) Start(ctx context.Context, dir, program, target string) (*Process, error) {
	return Serve(ctx, dir, program, target, d.Addresses[target], d.Settings)
}

// CallSweep calls a sweep as Cloud Scheduler does and reads its report. The token is what
// the sweep asks of its caller, "" for nothing. An error means that there is no report.
func CallSweep(ctx context.Context, client *http.Client, url, token string, report any) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("call the sweep: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(report); err != nil {
		return res.StatusCode, fmt.Errorf("read the sweep's report (HTTP %d): %w", res.StatusCode, err)
	}
	return res.StatusCode, nil
}
