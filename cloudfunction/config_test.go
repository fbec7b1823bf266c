package function_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
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
		"TASK_LOOKUP_AFTER": "1h", "TASK_LOOKUPS_PER_RUN": "0", "OPEN_TASK_CHECK": "off", "SWEEP_TIMEOUT_SECONDS": "60", "TWILIO_REQUESTS_PER_SECOND": "12.5", "TOMBSTONE_TTL": "24h", "BUNDLE_SHA256": "b0b", "GOOGLE_CLOUD_PROJECT": "project", "TWILIO_BASE_URL": "http://127.0.0.1:8080",
		"CLOCK_URL": "http://localhost:8081",
	}
	base, clock := &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, &url.URL{Scheme: "http", Host: "localhost:8081"}
	for entryPoint, want := range map[function.EntryPoint]function.Config{
		function.EventStreams: {
			EntryPoint: function.EventStreams, AccountSID: account, APIKey: apiKey, APISecret: apiSecret, AuthToken: token, AuthTokenSecondary: second,
			WebhookURLs: []string{hookURL, "https://second.example/?a=b"}, SyncService: syncSID, DocumentPrefix: "dev_", RequestsPerSecond: 12.5, Bundle: "b0b", Project: "project", BaseURL: base, ClockURL: clock,
			Workspaces: []string{workspace}, SourceRanges: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32")},
		},
		function.Sweep: {
			EntryPoint: function.Sweep, AccountSID: account, APIKey: apiKey, APISecret: apiSecret, AuthToken: token, SyncService: syncSID, ChatServices: []string{chatSID, otherSID},
			DocumentPrefix: "dev_", RequestsPerSecond: 12.5, Bundle: "b0b", Project: "project", BaseURL: base, ClockURL: clock,
			Policy:     channel.Policy{Retention: 90 * time.Minute, Unconfirmed: 91 * time.Minute, ByChannelType: map[string]time.Duration{"web": 30 * time.Minute, "whatsapp": 24 * time.Hour}, Chat: channel.Delete, Conversations: channel.Delete},
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

func TestFaults(t *testing.T) {
	t.Parallel()
	const hook, sweeper = function.EventStreams, function.Sweep
	for name, row := range map[string]struct {
		reason     string
		entryPoint function.EntryPoint
		env        env
		want       string // of the one fault; "" for none
	}{
		"no account":             {"nothing works without", hook, least.with("TWILIO_ACCOUNT_SID", ""), "TWILIO_ACCOUNT_SID: is required"},
		"a blank account":        {"white space is nothing", hook, least.with("TWILIO_ACCOUNT_SID", " \t"), "TWILIO_ACCOUNT_SID: is required"},
		"another SID":            {"an API key is no account", hook, least.with("TWILIO_ACCOUNT_SID", apiKey), "TWILIO_ACCOUNT_SID: must be AC and 32 hexadecimal digits"},
		"a SID in capitals":      {"Twilio's are in lower case", hook, least.with("SYNC_SERVICE_SID", "ISAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "SYNC_SERVICE_SID: must be IS"},
		"a SID and a newline":    {"a pasted newline is nothing", hook, least.with("SYNC_SERVICE_SID", syncSID+"\n"), ""},
		"no chat service":        {"the sweep looks for channels in it", sweeper, least.with("CHAT_SERVICE_SIDS", ""), "CHAT_SERVICE_SIDS: is required"},
		"only a comma":           {"with no service every channel would look gone", sweeper, least.with("CHAT_SERVICE_SIDS", " , "), "CHAT_SERVICE_SIDS: is required"},
		"one bad service":        {"each must be one", sweeper, least.with("CHAT_SERVICE_SIDS", chatSID+",x"), `CHAT_SERVICE_SIDS: each must be IS and 32 hexadecimal digits, but one is "x"`},
		"no chat service, hook":  {"the webhook does not need it", hook, least.with("CHAT_SERVICE_SIDS", ""), ""},
		"a bad one, not read":    {"what a function does not read cannot be wrong", hook, least.with("RETENTION", "nonsense"), ""},
		"no URL":                 {"no signature could be checked", hook, least.with("WEBHOOK_URLS", ""), "WEBHOOK_URLS: is required"},
		"only commas":            {"no signature could be checked", hook, least.with("WEBHOOK_URLS", ",,"), "WEBHOOK_URLS: is required"},
		"a path":                 {"the whole URL is signed", hook, least.with("WEBHOOK_URLS", "/EventStreams"), "WEBHOOK_URLS: each must be an absolute URL"},
		"a fragment":             {"a sink's URL has none", hook, least.with("WEBHOOK_URLS", "https://a.example/#x"), "WEBHOOK_URLS: each must be an absolute URL"},
		"no URL at all":          {"it does not parse", hook, least.with("WEBHOOK_URLS", "https://a b/%zz"), "WEBHOOK_URLS: each must be an absolute URL"},
		"http":                   {"events would travel in the clear", hook, least.with("WEBHOOK_URLS", "http://a.example/"), "WEBHOOK_URLS: each must begin with https://"},
		"http on this machine":   {"for trying things out", hook, least.with("WEBHOOK_URLS", "http://localhost:8080/,http://[::1]:8080/"), ""},
		"a hash in the URL":      {"two of them would never match", hook, least.with("WEBHOOK_URLS", "https://a.example/?bodySHA256=x"), "WEBHOOK_URLS: must not contain bodySHA256"},
		"no credentials, hook":   {"an API key cannot check signatures", hook, least.with("TWILIO_AUTH_TOKEN", "").with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", apiSecret), "TWILIO_AUTH_TOKEN: is required: an API key cannot check signatures"},
		"a key is enough":        {"the sweep checks no signatures", sweeper, least.with("TWILIO_AUTH_TOKEN", "").with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", apiSecret), ""},
		"no credentials, sweep":  {"it must call Twilio", sweeper, least.with("TWILIO_AUTH_TOKEN", ""), "TWILIO_API_KEY: is required, with TWILIO_API_SECRET; or else TWILIO_AUTH_TOKEN"},
		"a key without a secret": {"half of a credential", sweeper, least.with("TWILIO_API_KEY", apiKey), "TWILIO_API_SECRET: is required with TWILIO_API_KEY"},
		"a secret without a key": {"half of a credential", sweeper, least.with("TWILIO_API_SECRET", apiSecret), "TWILIO_API_KEY: is required with TWILIO_API_SECRET"},
		"a secret with a colon":  {"a pasted user:password is not a secret, and must not be shown", sweeper, least.with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", "user:canaryApiSecret"), "TWILIO_API_SECRET: must consist of letters and digits only"},
		"a token with quotes":    {"a pasted quote is not the token, and must not be shown", hook, least.with("TWILIO_AUTH_TOKEN", `"canaryAuthToken"`), "TWILIO_AUTH_TOKEN: must consist of letters and digits only"},
		"a prefix with a slash":  {"names become paths", hook, least.with("DOCUMENT_PREFIX", "a/b"), `DOCUMENT_PREFIX: must be 1 to 64 letters, digits, _ or -, but is "a/b"`},
		"a long prefix":          {"a name has 256 characters at most", hook, least.with("DOCUMENT_PREFIX", strings.Repeat("x", 65)), "DOCUMENT_PREFIX: must be 1 to 64"},
		"days":                   {"Go knows no days", sweeper, least.with("RETENTION", "2d"), `RETENTION: must be a duration like 90m or 48h, from 0s to 43800h, but is "2d"`},
		"below the floor":        {"a slip must not retire everything", sweeper, least.with("RETENTION", "59m"), "RETENTION: must not be below 1h, but is 59m; RETENTION_FLOOR_OVERRIDE lifts this"},
		"the floor":              {"the floor itself is allowed", sweeper, least.with("RETENTION", "1h"), ""},
		"zero":                   {"zero would retire under the agent's hands", sweeper, least.with("RETENTION", "0s"), "RETENTION: must not be below 1h"},
		"the floor lifted":       {"for trying things out", sweeper, least.with("RETENTION", "1s").with("RETENTION_FLOOR_OVERRIDE", "1s"), ""},
		"lifted, still below":    {"lifted to this, not away", sweeper, least.with("RETENTION", "1s").with("RETENTION_FLOOR_OVERRIDE", "2s"), "RETENTION: must not be below 2s"},
		"lifted upwards":         {"it only lifts", sweeper, least.with("RETENTION_FLOOR_OVERRIDE", "2h"), "RETENTION_FLOOR_OVERRIDE: must be a duration like 90m or 48h, from 0s to 1h"},
		"a type below the floor": {"each type has the floor", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web=1m"), "RETENTION_BY_CHANNEL_TYPE: must not be below 1h, but web has 1m"},
		"a type twice":           {"which one counts?", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web=1h,web=2h"), "RETENTION_BY_CHANNEL_TYPE: names web twice"},
		"a type without":         {"nothing is said", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web"), `RETENTION_BY_CHANNEL_TYPE: must be like web=1h,whatsapp=24h, but one item is "web"`},
		"a type in capitals": {"types are stored in lower case, so it would never match", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "Web=1h"),
			`RETENTION_BY_CHANNEL_TYPE: names the channel type "Web", which is none of chat, email,`},
		"another workspace":     {"a Sync service is none", hook, least.with("WORKSPACE_SIDS", syncSID), "WORKSPACE_SIDS: each must be WS and 32 hexadecimal digits, but one is"},
		"only commas for them":  {"nothing is listed, so all count", hook, least.with("WORKSPACE_SIDS", ","), ""},
		"an address":            {"whose network?", hook, least.with("SOURCE_RANGES", "203.0.113.9"), `SOURCE_RANGES: each must be a network like 203.0.113.0/24, but one is "203.0.113.9"`},
		"less without evidence": {"what is doubtful is kept longer, not shorter", sweeper, least.with("UNCONFIRMED_RETENTION", "47h"), "UNCONFIRMED_RETENTION: must not be below RETENTION, 48h, but is 47h"},
		"more with evidence":    {"the default is no choice of anybody's", sweeper, least.with("RETENTION", "720h"), ""},
		"a switch":              {"true is Terraform's word", sweeper, least.with("OPEN_TASK_CHECK", "true"), `OPEN_TASK_CHECK: must be on or off, but is "true"`},
		"a negative duration":   {"it means nothing", sweeper, least.with("QUIET_PERIOD", "-1s"), "QUIET_PERIOD: must be a duration like 90m or 48h, from 0s to 24h"},
		"closing a chat":        {"chat channels have no such state", sweeper, least.with("CHAT_DISPOSITION", "close"), `CHAT_DISPOSITION: must be deactivate or delete, but is "close"`},
		"deactivating":          {"conversations have no such attributes", sweeper, least.with("CONVERSATIONS_DISPOSITION", "deactivate"), `CONVERSATIONS_DISPOSITION: must be close or delete, but is "deactivate"`},
		"none per run":          {"a sweep that retires nothing is no sweep", sweeper, least.with("MAX_RETIREMENTS_PER_RUN", "0"), "MAX_RETIREMENTS_PER_RUN: must be a whole number from 1 to 50000"},
		"half a channel":        {"a count is whole", sweeper, least.with("MAX_RETIREMENTS_PER_RUN", "1.5"), "MAX_RETIREMENTS_PER_RUN: must be a whole number"},
		"no workers":            {"nobody would work", sweeper, least.with("SWEEP_CONCURRENCY", "0"), "SWEEP_CONCURRENCY: must be a whole number from 1 to 256"},
		"no requests":           {"every call would wait for ever", hook, least.with("TWILIO_REQUESTS_PER_SECOND", "0"), "TWILIO_REQUESTS_PER_SECOND: must be a number from 10"},
		"a short tombstone":     {"undo needs it", sweeper, least.with("TOMBSTONE_TTL", "1h"), "TOMBSTONE_TTL: must be a duration like 90m or 48h, from 24h"},
		"a long tombstone":      {"Sync keeps a year at most", sweeper, least.with("TOMBSTONE_TTL", "8761h"), "TOMBSTONE_TTL: must be a duration like 90m or 48h, from 24h to 8760h"},
		"a fake elsewhere":      {"the credentials go there", hook, least.with("TWILIO_BASE_URL", "http://example.com:8080"), "TWILIO_BASE_URL: must be like http://127.0.0.1:8080, on this machine"},
		"a clock elsewhere":     {"a stranger would say what is due", sweeper, least.with("CLOCK_URL", "http://example.com"), "CLOCK_URL: must be like http://127.0.0.1:8080, on this machine"},
		"a fake by name":        {"localhost is this machine", hook, least.with("TWILIO_BASE_URL", "http://localhost:8080/"), ""},
		"a fake like this one":  {"a name may look like an address", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1.example.com"), "TWILIO_BASE_URL: must be like"},
		"a fake's userinfo":     {"what stands before the @ is not the host", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1:80@example.com"), "TWILIO_BASE_URL: must be like"},
		"a fake's path":         {"requests keep their own", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1:8080/twilio"), "TWILIO_BASE_URL: must be like"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := function.ParseConfig(row.entryPoint, row.env.lookup)
			if row.want == "" {
				if err != nil {
					t.Errorf("%s: %v", row.reason, err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Fatalf("%s:\n got %v\nwant %s", row.reason, err, row.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("one mistake is reported as several faults: %v", err)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the fault shows a secret: %v", err)
			}
		})
	}
}

// Every setting that is wrong is named, in one go.
func TestFaultsAllAtOnce(t *testing.T) {
	t.Parallel()
	wrong := env{}
	for _, s := range function.Settings() {
		wrong[s.Name] = "canary (wrong)"
	}
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		_, err := function.ParseConfig(entryPoint, wrong.lookup)
		if err == nil {
			t.Fatalf("%s: nothing is wrong", entryPoint)
		}
		for _, s := range function.Settings() {
			named := strings.Contains("\n"+err.Error(), "\n"+s.Name+": ")
			if want := s.ReadBy(entryPoint) && s.ReplacedBy == "" && !slices.Contains([]string{"BUNDLE_SHA256", "GOOGLE_CLOUD_PROJECT"}, s.Name); named != want { // any text is good for these
				t.Errorf("%s: fault of %s: %t, want %t", entryPoint, s.Name, named, want)
			}
			for line := range strings.Lines(err.Error()) {
				if s.Secret && strings.HasPrefix(line, s.Name+": ") && strings.Contains(line, "canary") {
					t.Errorf("%s: shows its secret: %s", s.Name, line)
				}
			}
		}
	}
}

func TestSettingsMatchWhatIsRead(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, s := range function.Settings() {
		if listed[s.Name] {
			t.Errorf("%s is listed twice", s.Name)
		}
		listed[s.Name] = true
		if len(s.EntryPoints) == 0 || s.Description == "" || !strings.HasSuffix(s.Description, ".") || s.Required && s.Default != "" {
			t.Errorf("%s: %+v is incomplete", s.Name, s)
		}
	}
	for _, entryPoint := range []function.EntryPoint{function.EventStreams, function.Sweep} {
		read := map[string]bool{}
		_, err := function.ParseConfig(entryPoint, func(name string) (string, bool) {
			read[name] = true
			return least.lookup(name)
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, s := range function.Settings() {
			if slices.Contains(s.EntryPoints, entryPoint) {
				want[s.Name] = true
			}
		}
		if d := cmp.Diff(want, read); d != "" {
			t.Errorf("%s: what is read and what is listed differ (-listed +read):\n%s", entryPoint, d)
		}
	}
}

func TestSettingsCannotBeChanged(t *testing.T) {
	t.Parallel()
	function.Settings()[0].Name = "changed"
	if function.Settings()[0].Name == "changed" {
		t.Error("a caller changed the list for everyone")
	}
}

// Every bound is one: at it a setting is accepted, beyond it refused with the sentence that
// infra uses, too.
func TestBounds(t *testing.T) {
	t.Parallel()
	bounded := 0
	for _, s := range function.Settings() {
		if s.Form.Least == "" {
			continue
		}
		bounded++
		entryPoint := s.EntryPoints[0]
		e := least.with("RETENTION_FLOOR_OVERRIDE", "0s")
		if s.Name == "UNCONFIRMED_RETENTION" {
			e = e.with("RETENTION", "0s") // which is its floor
		}
		for _, bound := range []string{s.Form.Least, s.Form.Most} {
			if _, err := function.ParseConfig(entryPoint, e.with(s.Name, bound).lookup); err != nil {
				t.Errorf("%s refuses its bound %s: %v", s.Name, bound, err)
			}
		}
		for _, beyond := range []string{beside(t, s.Form.Least, -1), beside(t, s.Form.Most, 1)} {
			_, err := function.ParseConfig(entryPoint, e.with(s.Name, beyond).lookup)
			want := fmt.Sprintf("%s: must be %s, but is %q", s.Name, s.Form.Expected, beyond)
			if err == nil || err.Error() != want {
				t.Errorf("beyond the bounds of %s:\n got %v\nwant %s", s.Name, err, want)
			}
		}
	}
	if bounded < 8 {
		t.Errorf("only %d settings have bounds", bounded)
	}
}

// beside is the next duration or number.
func beside(t *testing.T, bound string, step int) string {
	t.Helper()
	if n, err := strconv.Atoi(bound); err == nil {
		return strconv.Itoa(n + step)
	}
	d, err := time.ParseDuration(bound)
	if err != nil {
		t.Fatalf("the bound %q is neither a number nor a duration", bound)
	}
	return (d + time.Duration(step)*time.Second).String()
}

// TestUnconfirmedRetention: what nobody chose is never shorter than what somebody did.
func TestUnconfirmedRetention(t *testing.T) {
	t.Parallel()
	for retention, want := range map[string]time.Duration{"48h": 168 * time.Hour, "720h": 720 * time.Hour} {
		config, err := function.ParseConfig(function.Sweep, least.with("RETENTION", retention).lookup)
		if err != nil || config.Policy.Unconfirmed != want {
			t.Errorf("with a retention of %s it is %s, not %s (%v)", retention, config.Policy.Unconfirmed, want, err)
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
	for _, seed := range [][3]string{{"RETENTION", "48h", "x"}, {"WEBHOOK_URLS", "https://a.example/?b,http://[::1", "y"}, {"RETENTION_BY_CHANNEL_TYPE", "web=1h,=,x=1e9h", "s p"}, {"TWILIO_BASE_URL", "http://[::1]:99999", "!"}} {
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
