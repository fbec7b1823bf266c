package function_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.
const (
	account   = "AC00000000000000000000000000000001"
	apiKey    = "SK00000000000000000000000000000001"
	syncSID   = "IS00000000000000000000000000000001"
	chatSID   = "IS00000000000000000000000000000002"
	workspace = "WS00000000000000000000000000000001"
	otherSID  = "IS00000000000000000000000000000003"
	apiSecret = "canaryApiSecret"
	token     = "canaryAuthToken"
	second    = "canarySecondToken"
	hookURL   = "https://user:canaryPassword@hook.example/EventStreams"
)

// env is an environment. A variable that is "" is not set.
type env map[string]string

func (e env) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// with returns the environment with one variable changed.
func (e env) with(name, value string) env {
	changed := env{name: value}
	for n, v := range e {
		if n != name {
			changed[n] = v
		}
	}
	return changed
}

// least is what a function needs at least, for either entry point.
var least = env{
	"TWILIO_ACCOUNT_SID": account, "TWILIO_AUTH_TOKEN": token, "WEBHOOK_URLS": hookURL,
	"SYNC_SERVICE_SID": syncSID, "CHAT_SERVICE_SIDS": chatSID,
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	for entryPoint, want := range map[function.EntryPoint]function.Config{
		function.EventStreams: {
			EntryPoint: function.EventStreams, AccountSID: account, AuthToken: token,
			WebhookURLs: []string{hookURL}, SyncService: syncSID, DocumentPrefix: "flexsweep-", RequestsPerSecond: 50,
		},
		function.Sweep: {
			EntryPoint: function.Sweep, AccountSID: account, AuthToken: token, SyncService: syncSID,
			ChatServices: []string{chatSID}, DocumentPrefix: "flexsweep-", RequestsPerSecond: 50,
			Policy:         channel.Policy{Retention: 48 * time.Hour, Unconfirmed: 168 * time.Hour, Chat: channel.Deactivate, Conversations: channel.Close},
			RetentionFloor: time.Hour, QuietPeriod: 10 * time.Minute, MaxRetirements: 1000,
			MaxUnexplained: 200, TaskLookupAfter: 24 * time.Hour, TaskLookups: 100, OpenTaskCheck: true,
			Concurrency: 8, SweepTimeoutSeconds: 1500, TombstoneTTL: 72 * time.Hour,
		},
	} {
		got, err := function.ParseConfig(entryPoint, least.lookup)
		if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", entryPoint, err, d)
		}
	}
}

func TestAllSettings(t *testing.T) {
	t.Parallel()
	all := env{
		"TWILIO_ACCOUNT_SID": " " + account + "\n", "TWILIO_API_KEY": apiKey, "TWILIO_API_SECRET": apiSecret, "TWILIO_AUTH_TOKEN": token,
		"TWILIO_AUTH_TOKEN_SECONDARY": second, "WEBHOOK_URLS": hookURL + " , https://second.example/?a=b,", "SYNC_SERVICE_SID": syncSID,
		"CHAT_SERVICE_SIDS": chatSID + "," + otherSID, "DOCUMENT_PREFIX": "dev_", "RETENTION": "90m", "RETENTION_BY_CHANNEL_TYPE": "web=30m, whatsapp = 24h",
		"RETENTION_FLOOR_OVERRIDE": "30m", "QUIET_PERIOD": "0s", "CHAT_DISPOSITION": "delete", "CONVERSATIONS_DISPOSITION": "delete",
		"MAX_RETIREMENTS_PER_RUN": "7", "MAX_DUE_SHARE": "nonsense", "MAX_DUE_SHARE_MIN_RECORDS": " ", "SWEEP_CONCURRENCY": "1",
		"WORKSPACE_SIDS": workspace, "SOURCE_RANGES": "203.0.113.9/24, 2001:db8::/32", "UNCONFIRMED_RETENTION": "91m", "MAX_UNEXPLAINED": "1",
		"TASK_LOOKUP_AFTER": "1h", "TASK_LOOKUPS_PER_RUN": "0", "OPEN_TASK_CHECK": "off", "SWEEP_TIMEOUT_SECONDS": "60",
		"TWILIO_REQUESTS_PER_SECOND": "12.5", "TOMBSTONE_TTL": "24h", "BUNDLE_SHA256": "b0b", "GOOGLE_CLOUD_PROJECT": "project",
		"TWILIO_BASE_URL": "http://127.0.0.1:8080",
		"CLOCK_URL":       "http://localhost:8081",
	}
	base, clock := &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, &url.URL{Scheme: "http", Host: "localhost:8081"}
	for entryPoint, want := range map[function.EntryPoint]function.Config{
		function.EventStreams: {
			EntryPoint: function.EventStreams, AccountSID: account, APIKey: apiKey, APISecret: apiSecret, AuthToken: token, AuthTokenSecondary: second,
			WebhookURLs: []string{hookURL, "https://second.example/?a=b"}, SyncService: syncSID, DocumentPrefix: "dev_",
			RequestsPerSecond: 12.5, Bundle: "b0b", Project: "project", BaseURL: base, ClockURL: clock,
			Workspaces: []string{workspace}, SourceRanges: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		},
		function.Sweep: {
			EntryPoint: function.Sweep, AccountSID: account, APIKey: apiKey, APISecret: apiSecret, AuthToken: token, SyncService: syncSID,
			ChatServices: []string{chatSID, otherSID}, DocumentPrefix: "dev_", RequestsPerSecond: 12.5, Bundle: "b0b", Project: "project",
			BaseURL: base, ClockURL: clock,
			Policy: channel.Policy{
				Retention: 90 * time.Minute, ByChannelType: map[string]time.Duration{"web": 30 * time.Minute, "whatsapp": 24 * time.Hour},
				Unconfirmed: 91 * time.Minute, Chat: channel.Delete, Conversations: channel.Delete,
			},
			Warnings:   []string{"MAX_DUE_SHARE is ignored: MAX_UNEXPLAINED has taken its place"},
			Workspaces: []string{workspace}, MaxUnexplained: 1, TaskLookupAfter: time.Hour,
			RetentionFloor: 30 * time.Minute, MaxRetirements: 7, Concurrency: 1, SweepTimeoutSeconds: 60, TombstoneTTL: 24 * time.Hour,
		},
	} {
		got, err := function.ParseConfig(entryPoint, all.lookup)
		if d := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); d != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", entryPoint, err, d)
		}
	}
	for _, s := range function.Settings() {
		if _, tried := all[s.Name]; !tried {
			t.Errorf("%s is not tried here", s.Name)
		}
	}
}

// TestSweepConfigIsComplete: a sweep with a zero where a setting should be would retire
// nothing, or everything.
func TestSweepConfigIsComplete(t *testing.T) {
	t.Parallel()
	config, err := function.ParseConfig(function.Sweep, least.with("RETENTION_BY_CHANNEL_TYPE", "web=1h").lookup)
	if err != nil {
		t.Fatal(err)
	}
	set := reflect.ValueOf(config.SweepConfig())
	for i := range set.NumField() {
		if name := set.Type().Field(i).Name; set.Field(i).IsZero() && name != "History" {
			t.Errorf("%s is not handed to the sweep", name)
		}
	}
}

// TestLogShowsTheSettings: what a function runs with can be read from its log.
func TestLogShowsTheSettings(t *testing.T) {
	t.Parallel()
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		config, err := function.ParseConfig(entryPoint, least.lookup)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string]string{}
		for _, attr := range config.LogValue().Group() {
			shown[attr.Key] = attr.Value.String()
		}
		for _, s := range function.Settings() {
			value, found := shown[strings.ToLower(s.Name)]
			if value == "<nil>" {
				t.Errorf("%s: %s is not given, and logged as %q", entryPoint, s.Name, value)
			}
			if found != (s.ReadBy(entryPoint) && s.ReplacedBy == "") || found && s.Default != "" && value != s.Default {
				t.Errorf("%s: %s is logged as %q (%t), its default is %q", entryPoint, s.Name, value, found, s.Default)
			}
		}
	}
}

func TestConfigLogsWithoutSecrets(t *testing.T) {
	t.Parallel()
	e := least.with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", apiSecret).with("TWILIO_AUTH_TOKEN_SECONDARY", second)
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		config, err := function.ParseConfig(entryPoint, e.lookup)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("starting", "settings", config, "again", &config)
		if !json.Valid(out.Bytes()) || !strings.Contains(out.String(), account) || strings.Contains(out.String(), "canary") {
			t.Errorf("%s: logged as %s", entryPoint, &out)
		}
	}
}

// FuzzSettings: whatever stands in the environment is a configuration or a list of
// faults, and neither the faults nor the log shows a secret.
func FuzzSettings(f *testing.F) {
	for _, seed := range [][3]string{
		{"RETENTION", "48h", "x"}, {"WEBHOOK_URLS", "https://a.example/?b,http://[::1", "y"},
		{"RETENTION_BY_CHANNEL_TYPE", "web=1h,=,x=1e9h", "s p"}, {"TWILIO_BASE_URL", "http://[::1]:99999", "!"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, name, value, secret string) {
		e := least.with(name, value).with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", "canary"+secret)
		for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
			config, err := function.ParseConfig(entryPoint, e.lookup)
			var out bytes.Buffer
			slog.New(slog.NewJSONHandler(&out, nil)).Info("starting", "settings", config, "error", err)
			if name != "TWILIO_API_SECRET" && strings.Contains(value, "canary") {
				return // the secret in another's place
			}
			if strings.Contains(out.String(), "canary"+secret) {
				t.Errorf("the log shows the secret: %s", &out)
			}
			if err == nil {
				checkSafe(t, config, e["RETENTION_FLOOR_OVERRIDE"] != "")
			}
		}
	})
}

// checkSafe reports a configuration that was accepted, but must not run.
func checkSafe(t *testing.T, c function.Config, lifted bool) {
	t.Helper()
	if c.EntryPoint == function.EventStreams {
		if len(c.WebhookURLs) == 0 || len(c.SignatureTokens()) == 0 {
			t.Errorf("nothing could be verified: %+v", c)
		}
		return
	}
	if c.Policy.Retention < function.RetentionFloor && !lifted {
		t.Errorf("below the floor: %+v", c)
	}
	if c.Concurrency < 1 || c.MaxRetirements < 1 || len(c.ChatServices) == 0 {
		t.Errorf("nothing could be retired, or everything would look gone: %+v", c)
	}
}
