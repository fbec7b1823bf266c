package function_test

import (
	"strings"
	"testing"

	function "github.com/flexsweep/flexsweep/cloudfunction"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	const hook, sweeper = function.EventStreams, function.Sweep
	keyOnly := least.with("TWILIO_AUTH_TOKEN", "").with("TWILIO_API_KEY", apiKey).with("TWILIO_API_SECRET", apiSecret)
	for name, row := range map[string]struct {
		reason     string
		entryPoint function.EntryPoint
		env        env
		want       string // of the one fault; "" for none
	}{
		"no account":      {"nothing works without", hook, least.with("TWILIO_ACCOUNT_SID", ""), "TWILIO_ACCOUNT_SID: is required"},
		"a blank account": {"white space is nothing", hook, least.with("TWILIO_ACCOUNT_SID", " \t"), "TWILIO_ACCOUNT_SID: is required"},
		"another SID": {"an API key is no account", hook, least.with("TWILIO_ACCOUNT_SID", apiKey),
			"TWILIO_ACCOUNT_SID: must be AC and 32 hexadecimal digits"},
		"a SID in capitals": {"Twilio's are in lower case", hook, least.with("SYNC_SERVICE_SID", "ISAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
			"SYNC_SERVICE_SID: must be IS"},
		"a SID and a newline": {"a pasted newline is nothing", hook, least.with("SYNC_SERVICE_SID", syncSID+"\n"), ""},
		"no chat service":     {"the sweep looks for channels in it", sweeper, least.with("CHAT_SERVICE_SIDS", ""), "CHAT_SERVICE_SIDS: is required"},
		"only a comma": {"with no service every channel would look gone", sweeper, least.with("CHAT_SERVICE_SIDS", " , "),
			"CHAT_SERVICE_SIDS: is required"},
		"one bad service": {"each must be one", sweeper, least.with("CHAT_SERVICE_SIDS", chatSID+",x"),
			`CHAT_SERVICE_SIDS: each must be IS and 32 hexadecimal digits, but one is "x"`},
		"no chat service, hook": {"the webhook does not need it", hook, least.with("CHAT_SERVICE_SIDS", ""), ""},
		"a bad one, not read":   {"what a function does not read cannot be wrong", hook, least.with("RETENTION", "nonsense"), ""},
		"no URL":                {"no signature could be checked", hook, least.with("WEBHOOK_URLS", ""), "WEBHOOK_URLS: is required"},
		"only commas":           {"no signature could be checked", hook, least.with("WEBHOOK_URLS", ",,"), "WEBHOOK_URLS: is required"},
		"a path": {"the whole URL is signed", hook, least.with("WEBHOOK_URLS", "/EventStreams"),
			"WEBHOOK_URLS: each must be an absolute URL"},
		"a fragment": {"a sink's URL has none", hook, least.with("WEBHOOK_URLS", "https://a.example/#x"),
			"WEBHOOK_URLS: each must be an absolute URL"},
		"no URL at all": {"it does not parse", hook, least.with("WEBHOOK_URLS", "https://a b/%zz"), "WEBHOOK_URLS: each must be an absolute URL"},
		"http": {"events would travel in the clear", hook, least.with("WEBHOOK_URLS", "http://a.example/"),
			"WEBHOOK_URLS: each must begin with https://"},
		"http on this machine": {"for trying things out", hook, least.with("WEBHOOK_URLS", "http://localhost:8080/,http://[::1]:8080/"), ""},
		"a hash in the URL": {"two of them would never match", hook, least.with("WEBHOOK_URLS", "https://a.example/?bodySHA256=x"),
			"WEBHOOK_URLS: must not contain bodySHA256"},
		"no credentials, hook": {"an API key cannot check signatures", hook, keyOnly,
			"TWILIO_AUTH_TOKEN: is required: an API key cannot check signatures"},
		"a key is enough": {"the sweep checks no signatures", sweeper, keyOnly,
			""},
		"no credentials, sweep": {"it must call Twilio", sweeper, least.with("TWILIO_AUTH_TOKEN", ""),
			"TWILIO_API_KEY: is required, with TWILIO_API_SECRET; or else TWILIO_AUTH_TOKEN"},
		"a key without a secret": {"half of a credential", sweeper, least.with("TWILIO_API_KEY", apiKey),
			"TWILIO_API_SECRET: is required with TWILIO_API_KEY"},
		"a secret without a key": {"half of a credential", sweeper, least.with("TWILIO_API_SECRET", apiSecret),
			"TWILIO_API_KEY: is required with TWILIO_API_SECRET"},
		"a secret with a colon": {"a pasted user:password is not a secret, and must not be shown", sweeper, keyOnly.with("TWILIO_API_SECRET", "user:canaryApiSecret"),
			"TWILIO_API_SECRET: must consist of letters and digits only"},
		"a token with quotes": {"a pasted quote is not the token, and must not be shown", hook, least.with("TWILIO_AUTH_TOKEN", `"canaryAuthToken"`),
			"TWILIO_AUTH_TOKEN: must consist of letters and digits only"},
		"a prefix with a slash": {"names become paths", hook, least.with("DOCUMENT_PREFIX", "a/b"),
			`DOCUMENT_PREFIX: must be 1 to 64 letters, digits, _ or -, but is "a/b"`},
		"a long prefix": {"a name has 256 characters at most", hook, least.with("DOCUMENT_PREFIX", strings.Repeat("x", 65)),
			"DOCUMENT_PREFIX: must be 1 to 64"},
		"days": {"Go knows no days", sweeper, least.with("RETENTION", "2d"),
			`RETENTION: must be a duration like 90m or 48h, from 0s to 43800h, but is "2d"`},
		"below the floor": {"a slip must not retire everything", sweeper, least.with("RETENTION", "59m"),
			"RETENTION: must not be below 1h, but is 59m; RETENTION_FLOOR_OVERRIDE lifts this"},
		"the floor":        {"the floor itself is allowed", sweeper, least.with("RETENTION", "1h"), ""},
		"zero":             {"zero would retire under the agent's hands", sweeper, least.with("RETENTION", "0s"), "RETENTION: must not be below 1h"},
		"the floor lifted": {"for trying things out", sweeper, least.with("RETENTION", "1s").with("RETENTION_FLOOR_OVERRIDE", "1s"), ""},
		"lifted, still below": {"lifted to this, not away", sweeper, least.with("RETENTION", "1s").with("RETENTION_FLOOR_OVERRIDE", "2s"),
			"RETENTION: must not be below 2s"},
		"lifted upwards": {"it only lifts", sweeper, least.with("RETENTION_FLOOR_OVERRIDE", "2h"),
			"RETENTION_FLOOR_OVERRIDE: must be a duration like 90m or 48h, from 0s to 1h"},
		"a type below the floor": {"each type has the floor", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web=1m"),
			"RETENTION_BY_CHANNEL_TYPE: must not be below 1h, but web has 1m"},
		"a type twice": {"which one counts?", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web=1h,web=2h"),
			"RETENTION_BY_CHANNEL_TYPE: names web twice"},
		"a type without": {"nothing is said", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "web"),
			`RETENTION_BY_CHANNEL_TYPE: must be like web=1h,whatsapp=24h, but one item is "web"`},
		"a type in capitals": {"types are stored in lower case, so it would never match", sweeper, least.with("RETENTION_BY_CHANNEL_TYPE", "Web=1h"),
			`RETENTION_BY_CHANNEL_TYPE: names the channel type "Web", which is none of chat, email,`},
		"another workspace": {"a Sync service is none", hook, least.with("WORKSPACE_SIDS", syncSID),
			"WORKSPACE_SIDS: each must be WS and 32 hexadecimal digits, but one is"},
		"only commas for them": {"nothing is listed, so all count", hook, least.with("WORKSPACE_SIDS", ","), ""},
		"an address": {"whose network?", hook, least.with("SOURCE_RANGES", "203.0.113.9"),
			`SOURCE_RANGES: each must be a network like 203.0.113.0/24, but one is "203.0.113.9"`},
		"less without evidence": {"what is doubtful is kept longer, not shorter", sweeper, least.with("UNCONFIRMED_RETENTION", "47h"),
			"UNCONFIRMED_RETENTION: must not be below RETENTION, 48h, but is 47h"},
		"more with evidence": {"the default is no choice of anybody's", sweeper, least.with("RETENTION", "720h"), ""},
		"a switch": {"true is Terraform's word", sweeper, least.with("OPEN_TASK_CHECK", "true"),
			`OPEN_TASK_CHECK: must be on or off, but is "true"`},
		"a negative duration": {"it means nothing", sweeper, least.with("QUIET_PERIOD", "-1s"),
			"QUIET_PERIOD: must be a duration like 90m or 48h, from 0s to 24h"},
		"closing a chat": {"chat channels have no such state", sweeper, least.with("CHAT_DISPOSITION", "close"),
			`CHAT_DISPOSITION: must be deactivate or delete, but is "close"`},
		"deactivating": {"conversations have no such attributes", sweeper, least.with("CONVERSATIONS_DISPOSITION", "deactivate"),
			`CONVERSATIONS_DISPOSITION: must be close or delete, but is "deactivate"`},
		"none per run": {"a sweep that retires nothing is no sweep", sweeper, least.with("MAX_RETIREMENTS_PER_RUN", "0"),
			"MAX_RETIREMENTS_PER_RUN: must be a whole number from 1 to 50000"},
		"half a channel": {"a count is whole", sweeper, least.with("MAX_RETIREMENTS_PER_RUN", "1.5"),
			"MAX_RETIREMENTS_PER_RUN: must be a whole number"},
		"no workers": {"nobody would work", sweeper, least.with("SWEEP_CONCURRENCY", "0"),
			"SWEEP_CONCURRENCY: must be a whole number from 1 to 256"},
		"no requests": {"every call would wait for ever", hook, least.with("TWILIO_REQUESTS_PER_SECOND", "0"),
			"TWILIO_REQUESTS_PER_SECOND: must be a number from 10"},
		"a short tombstone": {"undo needs it", sweeper, least.with("TOMBSTONE_TTL", "1h"),
			"TOMBSTONE_TTL: must be a duration like 90m or 48h, from 24h"},
		"a long tombstone": {"Sync keeps a year at most", sweeper, least.with("TOMBSTONE_TTL", "8761h"),
			"TOMBSTONE_TTL: must be a duration like 90m or 48h, from 24h to 8760h"},
		"a fake elsewhere": {"the credentials go there", hook, least.with("TWILIO_BASE_URL", "http://example.com:8080"),
			"TWILIO_BASE_URL: must be like http://127.0.0.1:8080, on this machine"},
		"a clock elsewhere": {"a stranger would say what is due", sweeper, least.with("CLOCK_URL", "http://example.com"),
			"CLOCK_URL: must be like http://127.0.0.1:8080, on this machine"},
		"a fake by name": {"localhost is this machine", hook, least.with("TWILIO_BASE_URL", "http://localhost:8080/"), ""},
		"a fake like this one": {"a name may look like an address", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1.example.com"),
			"TWILIO_BASE_URL: must be like"},
		"a fake's userinfo": {"what stands before the @ is not the host", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1:80@example.com"),
			"TWILIO_BASE_URL: must be like"},
		"a fake's path": {"requests keep their own", hook, least.with("TWILIO_BASE_URL", "http://127.0.0.1:8080/twilio"),
			"TWILIO_BASE_URL: must be like"},
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
			anyText := s.Name == "BUNDLE_SHA256" || s.Name == "GOOGLE_CLOUD_PROJECT"
			if want := s.ReadBy(entryPoint) && s.ReplacedBy == "" && !anyText; named != want {
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
