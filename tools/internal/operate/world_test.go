package operate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

const (
	webhookURL = "https://hooks.example.com/events"
	sweepToken = "identity-token"
)

// world is an environment as Terraform would have left it, without Terraform: a fake
// Twilio with a frozen clock that listens on this machine, and the two functions.
type world struct {
	fake      *faketwilio.Server
	ledger    string
	chat      string
	workspace string
	settings  map[string]string // of the sweep
	outputs   map[string]any
	runs      int
	webhook   http.Handler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w, err := startWorld(t.Cleanup)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// startWorld is newWorld where there is no testing.T, as in a script.
func startWorld(cleanup func(func())) (*world, error) {
	w := &world{}
	w.fake = faketwilio.New(faketwilio.Options{Seed: 1, DeliveryTransport: roundTripper(w.deliver)})
	twilio := httptest.NewServer(w.fake)
	cleanup(twilio.Close)
	w.workspace, w.ledger, w.chat = w.fake.NewWorkspace("Flex Task Assignment"), w.fake.NewSyncService("flexsweep"), w.fake.NewChatService("Flex Chat Service")
	w.fake.NewSubscription(w.fake.NewSink(webhookURL), eventstream.EventTypes()...)
	account := w.fake.Credentials()
	w.settings = map[string]string{
		"TWILIO_ACCOUNT_SID": account.AccountSID, "TWILIO_API_KEY": account.APIKey, "SYNC_SERVICE_SID": w.ledger, "CHAT_SERVICE_SIDS": w.chat,
		"TWILIO_BASE_URL": twilio.URL, "TWILIO_REQUESTS_PER_SECOND": "100000", "RETENTION_BY_CHANNEL_TYPE": "web=1h", "TOMBSTONE_TTL": "720h",
	}
	secret := map[string]string{"TWILIO_API_SECRET": account.APISecret, "TWILIO_AUTH_TOKEN": account.AuthToken, "WEBHOOK_URLS": webhookURL}
	var err error
	if w.webhook, err = w.serve(function.EventStreams, secret); err != nil {
		return nil, err
	}
	sweeper, err := w.serve(function.Sweep, secret)
	if err != nil {
		return nil, err
	}
	swept := httptest.NewServer(private(sweeper))
	cleanup(swept.Close)
	w.outputs = map[string]any{
		"sweep_url": swept.URL, "sync_service_sid": w.ledger, "twilio_account_sid": account.AccountSID,
		"functions": map[string]any{
			"EventStreams": map[string]any{"name": "flexsweep-shop-event-streams", "url": "https://event-streams.example.com"},
			"Sweep":        map[string]any{"name": "flexsweep-shop-sweep", "url": "https://sweep.example.com", "environment": w.settings},
		},
		"scheduler_job": map[string]any{"name": "flexsweep-shop-sweep", "schedule": "*/15 * * * *", "time_zone": "Etc/UTC", "body": `{"dryRun":true}`},
	}
	return w, nil
}

// private lets only the bearer of the token through, as Cloud Run does.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+sweepToken {
			http.Error(rw, "forbidden", http.StatusForbidden)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

func (w *world) serve(entry function.EntryPoint, secret map[string]string) (http.Handler, error) {
	config, err := function.ParseConfig(entry, func(name string) (string, bool) {
		if v, ok := secret[name]; ok {
			return v, true
		}
		v, ok := w.settings[name]
		return v, ok
	})
	if err != nil {
		return nil, err
	}
	return function.NewHandler(config, function.Adapters{Now: w.fake.Clock().Now, NewRun: w.newRun, Log: io.Discard, Sleep: pauseNot}), nil
}

func pauseNot(context.Context, time.Duration) error { return nil }

func (w *world) newRun(time.Time) string {
	w.runs++
	return fmt.Sprintf("run-%d", w.runs)
}

// deliver brings an event to the webhook.
func (w *world) deliver(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	arrived := httptest.NewRequestWithContext(r.Context(), r.Method, "http://internal/?"+r.URL.RawQuery, bytes.NewReader(body))
	arrived.Header = r.Header.Clone()
	answer := httptest.NewRecorder()
	w.webhook.ServeHTTP(answer, arrived)
	return answer.Result(), nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// writeOutputs writes what "flexsweep output shop --json" would have printed.
func (w *world) writeOutputs(dir string) (string, error) {
	text, err := json.Marshal(w.outputs)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "outputs.json")
	return path, os.WriteFile(path, text, 0o600)
}

// open opens the world as an operator does, over a transport of the test's own or nil.
func (w *world) open(t *testing.T, over http.RoundTripper) *operate.Environment {
	t.Helper()
	text, err := json.Marshal(w.outputs)
	if err != nil {
		t.Fatal(err)
	}
	var outputs deploy.Outputs
	if err := json.Unmarshal(text, &outputs); err != nil {
		t.Fatal(err)
	}
	env, err := operate.Open(t.Context(), operate.Source{
		Name: "shop", Outputs: outputs, Secrets: secrets.Values{APISecret: w.fake.Credentials().APISecret}, By: "ann", Transport: over, NewRun: w.newRun, Sleep: pauseNot,
	})
	if err != nil {
		t.Fatal(err)
	}
	return env
}

const longLived = `{"from":"+15005550006","long_lived":true,"status":"ACTIVE"}`

// chatChannel makes a Programmable Chat channel.
func (w *world) chatChannel() string { return w.fake.NewChannel(w.chat, longLived) }

// task opens a task on a chat channel, and returns when its event has arrived.
func (w *world) task(sid, kind string) string {
	return w.assigned(fmt.Sprintf(`{"channelSid":%q,"channelType":%q}`, sid, kind))
}

// conversation makes a conversation with its interaction, and a task on it.
func (w *world) conversation() (sid, task string) {
	sid = w.fake.NewConversation(w.chat, "{}")
	kd, uo := w.fake.NewInteraction(sid, "sms")
	return sid, w.assigned(fmt.Sprintf(`{"conversationSid":%q,"channelType":"sms","flexInteractionSid":%q,"flexInteractionChannelSid":%q}`, sid, kd, uo))
}

func (w *world) assigned(attributes string) string {
	sid := w.fake.NewTask(w.workspace, attributes)
	for _, status := range []string{"reserved", "assigned"} {
		w.fake.SetTask(sid, status)
	}
	w.fake.Flush()
	return sid
}

func (w *world) end(task string) {
	for _, status := range []string{"wrapping", "completed"} {
		w.fake.SetTask(task, status)
	}
	w.fake.Flush()
}

// retired makes a chat channel that a sweep has retired, with everything that was due.
func (w *world) retired(t *testing.T) string {
	t.Helper()
	sid := w.chatChannel()
	w.end(w.task(sid, "sms"))
	w.fake.Clock().Advance(49 * time.Hour)
	if err := w.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	return sid
}

// sweep has the schedule's sweep run.
func (w *world) sweep(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.outputs["sweep_url"].(string), strings.NewReader("{}"))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+sweepToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("sweep: %s", res.Status)
	}
	return nil
}

// record reads a channel's record from the fake.
func (w *world) record(t *testing.T, sid string) channel.Record {
	t.Helper()
	doc, found := w.fake.Document(w.ledger, "flexsweep-"+sid)
	if !found {
		t.Fatalf("no record of %s", sid)
	}
	r, err := ledger.DecodeRecord(doc.Data)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// attributes are those of a channel, "gone" if there is none.
func (w *world) attributes(sid string) string {
	ch, found := w.fake.Channel(sid)
	if !found {
		return "gone"
	}
	return ch.Attributes
}
