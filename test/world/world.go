// Package world is the room for tests in one process: a Twilio account on the fake, the two
// functions as they are deployed, by their settings alone, and the people of a contact
// centre. Events are made by the fake's TaskRouter and brought by its own delivery engine;
// no socket is opened, and no clock but the fake's is read.
//
// Tests are told as stories: a [World] has channels, tasks on them, time that passes and
// sweeps. A test can do something between any two requests of a function (see [Wire]).
// What needs processes is in the room beside it, test/rig.
package world

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

const (
	// WebhookURL is where Event Streams sends its deliveries.
	WebhookURL = "https://hooks.example.com/events"
	// SweepURL is where the Scheduler, and an operator, call the sweep.
	SweepURL = "https://sweep.example.com/"
	// SweepToken is the identity token of who may call the sweep at SweepURL.
	SweepToken = "identity-token"
	// Prefix is what the names of the ledger's documents begin with.
	Prefix = "flexsweep-"
	// Retention is the default of RETENTION.
	Retention = 48 * time.Hour
	// RetryWindow is how long Event Streams repeats a delivery.
	RetryWindow = 4 * time.Hour
)

// T is what a world asks of its test. *testing.T has it, and a testscript can have it.
type T interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Settings are environment variables of the functions.
type Settings map[string]string

// World is an account with one workspace, a ledger, a chat service and the two functions,
// and everything that a test does in it.
type World struct {
	T            T
	Fake         *faketwilio.Server
	Workspace    string
	Ledger       string   // the Sync service
	Services     []string // the chat services
	Sink         string
	Subscription string
	Settings     Settings // of both functions; an instance has those of its start
	DryRun       bool     // what the applied schedule asks of a sweep

	Webhook     http.Handler
	WebhookWire *Wire // between the webhook and Twilio
	Sweeper     http.Handler
	SweepWire   *Wire // between the sweep and Twilio
	Newest      *Job  // the task that was made last
	Logs        Log

	// Deliver replaces the way of a delivery to the webhook, if set.
	Deliver func(*http.Request) (*http.Response, error)

	runs atomic.Int64
}

// New makes a world. The settings are added to those that it needs, and may replace them.
func New(t T, own Settings, options faketwilio.Options) *World {
	t.Helper()
	w := &World{T: t}
	options.DeliveryTransport = RoundTripper(w.carry)
	w.Fake = faketwilio.New(options)
	w.Workspace = w.Fake.NewWorkspace("Flex Task Assignment")
	w.Ledger = w.Fake.NewSyncService("flexsweep")
	w.Services = []string{w.Fake.NewChatService("Flex Chat Service")}
	w.Sink = w.Fake.NewSink(WebhookURL)
	w.Subscription = w.Fake.NewSubscription(w.Sink, eventstream.EventTypes()...)
	credentials := w.Fake.Credentials()
	w.Settings = Settings{
		"TWILIO_ACCOUNT_SID": credentials.AccountSID, "TWILIO_AUTH_TOKEN": credentials.AuthToken,
		"TWILIO_API_KEY": credentials.APIKey, "TWILIO_API_SECRET": credentials.APISecret,
		"WEBHOOK_URLS": WebhookURL, "SYNC_SERVICE_SID": w.Ledger, "CHAT_SERVICE_SIDS": w.Services[0],
		"TWILIO_REQUESTS_PER_SECOND": "100000", // real time is not waited for
	}
	maps.Copy(w.Settings, own)
	w.RestartWebhook()
	w.RestartSweep()
	return w
}

// AddChatService gives the account one more chat service, of which the functions know.
func (w *World) AddChatService(name string) {
	w.T.Helper()
	w.Services = append(w.Services, w.Fake.NewChatService(name))
	w.Settings["CHAT_SERVICE_SIDS"] = strings.Join(w.Services, ",")
	w.RestartWebhook()
	w.RestartSweep()
}

// Pass lets time go by; what falls due meanwhile happens, deliveries above all.
func (w *World) Pass(d time.Duration) { w.Fake.Clock().Advance(d) }

// NewRun names the runs of a world one after the other, so that they can be told.
func (w *World) NewRun(time.Time) string { return fmt.Sprintf("run-%d", w.runs.Add(1)) }

// Changes returns the requests to Twilio since the journal's reset that were no reads.
func (w *World) Changes() []string {
	var changes []string
	for _, e := range w.Fake.Journal().Entries() {
		if e.Method != http.MethodGet {
			changes = append(changes, e.Method+" "+e.Product+e.Path)
		}
	}
	return changes
}
