package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// account is a Twilio account with an applied flexsweep, without Terraform: a fake
// Twilio with a frozen clock and the webhook, which can be made deaf, as before flexsweep
// was there or in an outage that is longer than Twilio's patience.
type account struct {
	fake                            *faketwilio.Server
	ledger, chat, workspace, sample string
	sink, subscription              string
	settings                        map[string]string // of the webhook
	webhook                         http.Handler
	web                             *httptest.Server
	outputs                         map[string]any
	deaf                            atomic.Bool
	log                             lockedBuffer
}

// sweepInvoker is the identity token of who may call the sweep.
const sweepInvoker = "identity-token"

const accountSweepURL = "https://sweep.example.com"

func newAccount(cleanup func(func())) (*account, error) {
	a := &account{}
	a.fake = faketwilio.New(faketwilio.Options{Seed: 1, DeliveryTransport: transportFunc(a.deliver)})
	twilio := httptest.NewServer(a.fake)
	cleanup(twilio.Close)
	a.workspace, a.ledger, a.sample = a.fake.NewWorkspace("Flex Task Assignment"), a.fake.NewSyncService("flexsweep"), a.fake.NewSyncService("the sample")
	a.chat = a.fake.NewChatService("Flex Chat Service")
	a.web = httptest.NewServer(http.HandlerFunc(a.serve))
	cleanup(a.web.Close)
	hook := a.web.URL + "/events"
	a.sink = a.fake.NewSink(hook)
	a.subscription = a.fake.NewSubscription(a.sink, eventstream.EventTypes()...)
	keys := a.fake.Credentials()
	shared := map[string]string{
		"TWILIO_ACCOUNT_SID": keys.AccountSID, "TWILIO_API_KEY": keys.APIKey, "SYNC_SERVICE_SID": a.ledger,
		"TWILIO_BASE_URL": twilio.URL, "TWILIO_REQUESTS_PER_SECOND": "100000",
	}
	a.settings = with(shared, map[string]string{"WEBHOOK_URLS": hook})
	secret := map[string]any{"TWILIO_API_SECRET": map[string]string{}, "TWILIO_AUTH_TOKEN": map[string]string{}}
	a.outputs = map[string]any{
		"twilio_account_sid": keys.AccountSID, "webhook_url": hook, "sweep_url": a.web.URL + "/sweep", "sync_service_sid": a.ledger,
		"sink_sid": a.sink, "subscription_sid": a.subscription, "event_types": eventstream.EventTypes(), "document_prefix": "flexsweep-",
		"chat_service_sids": []string{a.chat}, "project_id": "shop-project", "name": "flexsweep-shop",
		"functions": map[string]any{
			"EventStreams": map[string]any{"name": "flexsweep-shop-event-streams", "url": hook, "environment": a.settings, "secrets": secret},
			"Sweep": map[string]any{"name": "flexsweep-shop-sweep", "url": accountSweepURL, "secrets": secret,
				"environment": with(shared, map[string]string{"CHAT_SERVICE_SIDS": a.chat, "MAX_DUE_SHARE_MIN_RECORDS": "5"})},
		},
		"scheduler_job": map[string]any{"name": "flexsweep-shop-sweep", "schedule": "*/15 * * * *", "time_zone": "Etc/UTC", "uri": a.web.URL + "/sweep", "body": "{}"},
	}
	var err error
	a.webhook, err = a.function(function.EventStreams, a.settings)
	return a, err
}

func with(a, b map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func (a *account) function(entry function.EntryPoint, settings map[string]string) (http.Handler, error) {
	keys := a.fake.Credentials()
	settings = with(settings, map[string]string{"TWILIO_API_SECRET": keys.APISecret, "TWILIO_AUTH_TOKEN": keys.AuthToken})
	config, err := function.ParseConfig(entry, func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	if err != nil {
		return nil, err
	}
	newRun := func(now time.Time) string { return "run-" + now.UTC().Format("20060102T150405Z") }
	return function.NewHandler(config, function.Adapters{Now: a.fake.Clock().Now, NewRun: newRun, Log: &a.log, Sleep: noPause}), nil
}

// serve is what stands at the functions' addresses, for whoever comes from outside.
func (a *account) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", faketwilio.DefaultStart.Format(http.TimeFormat))
	if r.URL.Path == "/sweep" {
		if r.Header.Get("Authorization") != "Bearer "+sweepInvoker {
			http.Error(w, "forbidden", http.StatusForbidden)
			return
		}
		sweeper, err := a.function(function.Sweep, a.environment("Sweep"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		sweeper.ServeHTTP(w, r)
		return
	}
	a.webhook.ServeHTTP(w, r)
}

// deliver brings an event to the webhook, with Twilio's path and query.
func (a *account) deliver(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	if a.deaf.Load() {
		answer.WriteHeader(http.StatusNotFound) // dropped for good
		return answer.Result(), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	arrived := httptest.NewRequestWithContext(r.Context(), r.Method, "http://internal"+r.URL.RequestURI(), bytes.NewReader(body))
	arrived.Header = r.Header.Clone()
	a.webhook.ServeHTTP(answer, arrived)
	return answer.Result(), nil
}

// sweep has the schedule's sweep run.
func (a *account) sweep(ctx context.Context) error {
	sweeper, err := a.function(function.Sweep, a.environment("Sweep"))
	if err != nil {
		return err
	}
	answer := httptest.NewRecorder()
	sweeper.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader("{}")))
	if answer.Code != http.StatusOK {
		return fmt.Errorf("sweep: %d: %s", answer.Code, answer.Body)
	}
	return nil
}

func (a *account) environment(entry string) map[string]string {
	f, _ := a.outputs["functions"].(map[string]any)[entry].(map[string]any)
	settings, _ := f["environment"].(map[string]string)
	return settings
}

// writeOutputs writes what "flexsweep output shop --json" would have printed.
func (a *account) writeOutputs(dir string) (string, error) {
	text, err := json.Marshal(a.outputs)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "outputs.json")
	return path, os.WriteFile(path, text, 0o600)
}

// twilio makes a request with the account's key and returns the answer's body.
func (a *account) twilio(method, address string, form url.Values) (string, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(a.fake.Credentials().APIKey, a.fake.Credentials().APISecret)
	res, err := a.fake.Transport().RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, address, res.Status, text)
	}
	return string(text), err
}

func (a *account) channelURL(sid string) string {
	return "https://chat.twilio.com/v2/Services/" + a.chat + "/Channels/" + sid
}

func (a *account) conversationURL(sid string) string {
	return "https://conversations.twilio.com/v1/Services/" + a.chat + "/Conversations/" + sid
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func noPause(context.Context, time.Duration) error { return nil }
