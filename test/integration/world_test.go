package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

const (
	webhookURL = "https://hooks.example.com/events"
	prefix     = "flexsweep-" // the default of DOCUMENT_PREFIX
	retention  = 48 * time.Hour
)

// settings are environment variables that differ from the world's own.
type settings map[string]string

// world is an account with one workspace, a ledger, two chat services and the two
// functions, and everything that a test does in it.
type world struct {
	t         *testing.T
	fake      *faketwilio.Server
	workspace string
	ledger    string   // the Sync service
	services  []string // the chat services
	sink      string
	settings  settings

	hooked  *wire // between the webhook and Twilio
	swept   *wire // between the sweep and Twilio
	webhook http.Handler
	sweeper http.Handler
	runs    int
	newest  *job // the task that was made last
	logs    log

	// deliver replaces the way of a delivery to the webhook, if set.
	deliver func(*http.Request) (*http.Response, error)
}

// newWorld makes a world. The reason is why the test exists; it is shown when it fails.
func newWorld(t *testing.T, reason string, own settings) *world {
	t.Helper()
	return newWorldWith(t, reason, own, faketwilio.Options{Seed: 1})
}

func newWorldWith(t *testing.T, reason string, own settings, options faketwilio.Options) *world {
	t.Helper()
	w := &world{t: t}
	options.DeliveryTransport = roundTripper(w.carry)
	w.fake = faketwilio.New(options)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("why this matters: %s", reason)
		}
	})
	w.workspace = w.fake.NewWorkspace("Flex Task Assignment")
	w.ledger = w.fake.NewSyncService("flexsweep")
	w.services = []string{w.fake.NewChatService("Flex Chat Service"), w.fake.NewChatService("Second Chat Service")}
	w.sink = w.fake.NewSink(webhookURL)
	w.fake.NewSubscription(w.sink, eventstream.EventTypes()...)
	credentials := w.fake.Credentials()
	w.settings = settings{
		"TWILIO_ACCOUNT_SID": credentials.AccountSID, "TWILIO_AUTH_TOKEN": credentials.AuthToken,
		"TWILIO_API_KEY": credentials.APIKey, "TWILIO_API_SECRET": credentials.APISecret,
		"WEBHOOK_URLS": webhookURL, "SYNC_SERVICE_SID": w.ledger, "CHAT_SERVICE_SIDS": strings.Join(w.services, ","),
		"TWILIO_REQUESTS_PER_SECOND": "100000", // real time is not waited for
	}
	maps.Copy(w.settings, own)
	w.restartWebhook()
	w.restartSweep()
	return w
}

// restartWebhook replaces the webhook's instance by a new one, which remembers nothing.
func (w *world) restartWebhook() {
	w.hooked = &wire{next: w.fake.Transport()}
	w.webhook = w.start(function.EventStreams, w.hooked)
}

// restartSweep replaces the sweep's instance by a new one.
func (w *world) restartSweep() {
	w.swept = &wire{next: w.fake.Transport()}
	w.sweeper = w.start(function.Sweep, w.swept)
}

func (w *world) start(entryPoint function.EntryPoint, over *wire) http.Handler {
	w.t.Helper()
	config, err := function.ParseConfig(entryPoint, func(name string) (string, bool) {
		value, ok := w.settings[name]
		return value, ok
	})
	if err != nil {
		w.t.Fatalf("settings of %s: %v", entryPoint, err)
	}
	return function.NewHandler(config, function.Adapters{
		Transport: over, Now: w.fake.Clock().Now, NewRun: w.newRun, Log: &w.logs, Sleep: pauseNot,
	})
}

func (w *world) newRun(time.Time) string {
	w.runs++
	return fmt.Sprintf("run-%d", w.runs)
}

// pass lets time go by; what falls due meanwhile happens, deliveries above all.
func (w *world) pass(d time.Duration) { w.fake.Clock().Advance(d) }

// carry brings a delivery of Event Streams to the webhook. As behind Google's front
// end, host and path of the request are not those of the public URL.
func (w *world) carry(r *http.Request) (*http.Response, error) {
	if w.deliver != nil {
		return w.deliver(r)
	}
	return w.toWebhook(r)
}

func (w *world) toWebhook(r *http.Request) (*http.Response, error) { return serve(w.webhook, r) }

func serve(handler http.Handler, r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	arrived := httptest.NewRequestWithContext(r.Context(), r.Method, "http://internal/?"+r.URL.RawQuery, bytes.NewReader(body))
	arrived.Header = r.Header.Clone()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, arrived)
	return answer.Result(), nil
}

// sweep runs one sweep, with a JSON body or none, that must come to an end.
func (w *world) sweep(body ...string) sweep.Report {
	w.t.Helper()
	status, report := w.trySweep(body...)
	if status != http.StatusOK {
		w.t.Fatalf("sweep answered %d: %s", status, report.Text)
	}
	return report
}

func (w *world) trySweep(body ...string) (status int, report sweep.Report) {
	w.t.Helper()
	answer := httptest.NewRecorder()
	w.sweeper.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Join(body, ""))))
	if err := json.Unmarshal(answer.Body.Bytes(), &report); err != nil {
		w.t.Fatalf("read report of the sweep (HTTP %d): %v", answer.Code, err)
	}
	return answer.Code, report
}

// records returns the ledger's records by channel.
func (w *world) records() map[string]channel.Record {
	w.t.Helper()
	records := map[string]channel.Record{}
	for _, d := range w.fake.Documents(w.ledger) {
		if !strings.HasPrefix(d.UniqueName, prefix+"CH") {
			continue // the control document, or the history of the sweeps
		}
		r, err := ledger.DecodeRecord(d.Data)
		if err != nil {
			w.t.Fatalf("document %s: %v", d.UniqueName, err)
		}
		if d.UniqueName != prefix+r.SID {
			w.t.Fatalf("document %s holds the record of %s", d.UniqueName, r.SID)
		}
		records[r.SID] = r
	}
	return records
}

// changes returns the requests to Twilio since the journal's reset that were no reads.
func (w *world) changes() []string {
	var changes []string
	for _, e := range w.fake.Journal().Entries() {
		if e.Method != http.MethodGet {
			changes = append(changes, e.Method+" "+e.Product+e.Path)
		}
	}
	return changes
}

// log collects what the functions write.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// last returns the newest line with that message.
func (l *log) last(t *testing.T, message string) map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var found map[string]any
	for line := range strings.Lines(l.text.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("log line is not JSON: %v: %s", err, line)
		}
		if fields["message"] == message {
			found = fields
		}
	}
	if found == nil {
		t.Fatalf("no log line says %q", message)
	}
	return found
}
