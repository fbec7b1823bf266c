package world

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

// twilioURL is what an operator's tool takes for the fake's address; Transport leads there.
const twilioURL = "http://localhost"

// Outputs are what "flexsweep output shop --json" prints of the world, as if Terraform had
// made it.
func (w *World) Outputs() map[string]any {
	secrets := map[string]map[string]string{"TWILIO_API_SECRET": {}, "TWILIO_AUTH_TOKEN": {}}
	deployed := func(name, url string, entryPoint function.EntryPoint) map[string]any {
		return map[string]any{"name": name, "url": url, "environment": w.environment(entryPoint), "secrets": secrets}
	}
	return map[string]any{
		"name": "flexsweep-shop", "project_id": "shop-project", "twilio_account_sid": w.Settings["TWILIO_ACCOUNT_SID"],
		"webhook_url": WebhookURL, "sweep_url": SweepURL, "sync_service_sid": w.Ledger, "sink_sid": w.Sink, "subscription_sid": w.Subscription,
		"event_types": eventstream.EventTypes(), "document_prefix": Prefix, "chat_service_sids": w.Services,
		"functions": map[string]any{
			"EventStreams": deployed("flexsweep-shop-event-streams", WebhookURL, function.EventStreams),
			"Sweep":        deployed("flexsweep-shop-sweep", SweepURL, function.Sweep),
		},
		"scheduler_job": map[string]any{
			"name": "flexsweep-shop-sweep", "schedule": "*/15 * * * *", "time_zone": "Etc/UTC", "uri": SweepURL, "body": fmt.Sprintf(`{"dryRun":%t}`, w.DryRun),
		},
	}
}

// environment is what Terraform gives a function: the settings that it reads, but secrets.
func (w *World) environment(entryPoint function.EntryPoint) map[string]string {
	environment := map[string]string{}
	settings := maps.Clone(w.Settings)
	settings["TWILIO_BASE_URL"], settings["CLOCK_URL"] = twilioURL, twilioURL
	for _, s := range function.Settings() {
		if value, set := settings[s.Name]; set && !s.Secret && slices.Contains(s.EntryPoints, entryPoint) {
			environment[s.Name] = value
		}
	}
	return environment
}

// ReadOutputs reads the outputs into a type of the tool's own.
func (w *World) ReadOutputs(into any) {
	w.T.Helper()
	text, err := json.Marshal(w.Outputs())
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		w.T.Fatalf("read outputs: %v", err)
	}
}

// WriteOutputs writes outputs for a tool's --outputs, and returns the file.
func WriteOutputs(dir string, outputs map[string]any) (string, error) {
	text, err := json.Marshal(outputs)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "outputs.json")
	return path, os.WriteFile(path, text, 0o600)
}

// Transport is the network as an operator has it: Twilio, and the two functions at their
// addresses, of which the sweep lets only the bearer of SweepToken in, as Cloud Run does.
func (w *World) Transport() http.RoundTripper {
	return RoundTripper(func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasPrefix(r.URL.String(), WebhookURL):
			return Serve(w.Webhook, r)
		case strings.HasPrefix(r.URL.String(), SweepURL):
			if r.Header.Get("Authorization") != "Bearer "+SweepToken {
				return Answer(http.StatusForbidden), nil
			}
			return Serve(w.Sweeper, r)
		case r.Host == "localhost": // the fake itself, and none of Twilio's products
			return serveAt(w.Fake, r.URL.String(), r)
		}
		return w.Fake.Transport().RoundTrip(r)
	})
}
