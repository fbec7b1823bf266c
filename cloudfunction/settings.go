package function

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// EntryPoint is the name that a function is deployed under.
type EntryPoint string

const (
	EventStreams EntryPoint = "EventStreams" // the webhook of Twilio Event Streams
	Sweep        EntryPoint = "Sweep"        // called by Cloud Scheduler
)

// Setting is one environment variable of the functions.
type Setting struct {
	Name        string
	EntryPoints []EntryPoint // the functions that read it
	Required    bool
	Default     string // as it would be written; "" if there is none
	Secret      bool   // belongs into Secret Manager
	Form        Form
	ReplacedBy  string // an old name: the setting is ignored, and gone in the next release
	Description string
}

var (
	both      = []EntryPoint{EventStreams, Sweep}
	onlyHook  = []EntryPoint{EventStreams}
	onlySweep = []EntryPoint{Sweep}
)

const (
	year         = 365 * 24 * time.Hour
	maxRetention = 5 * year
	// defaultUnconfirmed is a week: whoever claims a channel without evidence delays its end.
	defaultUnconfirmed = 7 * 24 * time.Hour
)

// settings is the one list of them: Config and its log value are read by it, the page of
// settings and the functions' environment in infra/ are generated from it, and a test holds
// infra's validations to its defaults and bounds.
var settings = []Setting{
	{Name: "TWILIO_ACCOUNT_SID", EntryPoints: both, Required: true,
		Form:        sid("AC", func(c *Config) *string { return &c.AccountSID }),
		Description: "The Twilio account, `AC…`."},
	{Name: "TWILIO_API_KEY", EntryPoints: both,
		Form:        sid("SK", func(c *Config) *string { return &c.APIKey }),
		Description: "SID of the API key for Twilio's REST API, `SK…`. Without one the Auth Token is used."},
	{Name: "TWILIO_API_SECRET", EntryPoints: both, Secret: true,
		Form:        secret(func(c *Config) *string { return &c.APISecret }),
		Description: "Secret of the API key."},
	{Name: "TWILIO_AUTH_TOKEN", EntryPoints: both, Secret: true,
		Form:        secret(func(c *Config) *string { return &c.AuthToken }),
		Description: "Auth Token: checks the signatures of Event Streams (required there), and REST credential where no API key is set."},
	{Name: "TWILIO_AUTH_TOKEN_SECONDARY", EntryPoints: onlyHook, Secret: true,
		Form:        secret(func(c *Config) *string { return &c.AuthTokenSecondary }),
		Description: "A second Auth Token whose signatures are accepted, while the first is rotated."},
	{Name: "WEBHOOK_URLS", EntryPoints: onlyHook, Required: true,
		Form:        webhooks(func(c *Config) *[]string { return &c.WebhookURLs }),
		Description: "Public URLs of the webhook, exactly as the sinks have them, separated by commas."},
	{Name: "SOURCE_RANGES", EntryPoints: onlyHook,
		Form:        ranges(func(c *Config) *[]netip.Prefix { return &c.SourceRanges }),
		Description: "The only networks that deliveries may come from, like `203.0.113.0/24`, separated by commas; others get 429. None: all."},
	{Name: "WORKSPACE_SIDS", EntryPoints: both,
		Form:        sids("WS", func(c *Config) *[]string { return &c.Workspaces }),
		Description: "The TaskRouter workspaces whose events count, `WS…`, separated by commas. None: all of the account's."},
	{Name: "SYNC_SERVICE_SID", EntryPoints: both, Required: true,
		Form:        sid("IS", func(c *Config) *string { return &c.SyncService }),
		Description: "The Sync service that holds the ledger, `IS…`."},
	{Name: "CHAT_SERVICE_SIDS", EntryPoints: onlySweep, Required: true,
		Form:        sids("IS", func(c *Config) *[]string { return &c.ChatServices }),
		Description: "The chat services whose channels are retired, `IS…`, separated by commas. In Flex that is the Flex Chat Service."},
	{Name: "DOCUMENT_PREFIX", EntryPoints: both, Default: "flexsweep-",
		Form:        prefix(func(c *Config) *string { return &c.DocumentPrefix }),
		Description: "What the names of the ledger's documents begin with."},
	{Name: "RETENTION", EntryPoints: onlySweep, Default: "48h",
		Form:        duration(0, maxRetention, func(c *Config) *time.Duration { return &c.Policy.Retention }),
		Description: "How long a channel is kept after its last task ended. Not below `RETENTION_FLOOR_OVERRIDE`."},
	{Name: "RETENTION_BY_CHANNEL_TYPE", EntryPoints: onlySweep,
		Form:        retentions(maxRetention, func(c *Config) *map[string]time.Duration { return &c.Policy.ByChannelType }),
		Description: "Retention per channel type, like `web=1h,whatsapp=24h`, with the same bounds."},
	{Name: "RETENTION_FLOOR_OVERRIDE", EntryPoints: onlySweep, Default: "1h",
		Form:        duration(0, RetentionFloor, func(c *Config) *time.Duration { return &c.RetentionFloor }),
		Description: "The floor under every retention. For trying things out it may be lifted."},
	{Name: "UNCONFIRMED_RETENTION", EntryPoints: onlySweep, Default: written(defaultUnconfirmed),
		Form: duration(0, maxRetention, func(c *Config) *time.Duration { return &c.Policy.Unconfirmed }),
		Description: "How long a channel is kept of which no `created` event of any of its tasks was seen. Not below `RETENTION`, which takes the " +
			"place of the default where it is longer."},
	{Name: "QUIET_PERIOD", EntryPoints: onlySweep, Default: "10m",
		Form:        duration(0, 24*time.Hour, func(c *Config) *time.Duration { return &c.QuietPeriod }),
		Description: "A channel is not closed or deleted while its newest message is younger than this."},
	{Name: "CHAT_DISPOSITION", EntryPoints: onlySweep, Default: "deactivate",
		Form:        word(func(c *Config) *channel.Disposition { return &c.Policy.Chat }, channel.Deactivate, channel.Delete),
		Description: "How chat channels are retired."},
	{Name: "CONVERSATIONS_DISPOSITION", EntryPoints: onlySweep, Default: "close",
		Form:        word(func(c *Config) *channel.Disposition { return &c.Policy.Conversations }, channel.Close, channel.Delete),
		Description: "How conversations are retired."},
	{Name: "MAX_RETIREMENTS_PER_RUN", EntryPoints: onlySweep, Default: "1000",
		Form:        integer(1, 50_000, func(c *Config) *int { return &c.MaxRetirements }),
		Description: "How many channels one sweep retires at most. What is said of each takes memory until the run ends."},
	{Name: "MAX_UNEXPLAINED", EntryPoints: onlySweep, Default: "200",
		Form: integer(1, 100_000, func(c *Config) *int { return &c.MaxUnexplained }),
		Description: "How many channels a pass over the ledger may find due that the last pass should have met, before sweeps are refused: more " +
			"is an accident of a clock or a setting."},
	{Name: "TASK_LOOKUP_AFTER", EntryPoints: onlySweep, Default: "24h",
		Form:        duration(time.Hour, 30*24*time.Hour, func(c *Config) *time.Duration { return &c.TaskLookupAfter }),
		Description: "A task that has been open for longer is looked up in TaskRouter, since its end may never have been heard."},
	{Name: "TASK_LOOKUPS_PER_RUN", EntryPoints: onlySweep, Default: "100",
		Form:        integer(0, 1000, func(c *Config) *int { return &c.TaskLookups }),
		Description: "How many such tasks one sweep looks up at most."},
	{Name: "OPEN_TASK_CHECK", EntryPoints: onlySweep, Default: "on",
		Form:        onOff(func(c *Config) *bool { return &c.OpenTaskCheck }),
		Description: "Whether TaskRouter is asked for unfinished tasks that name the channel before it is closed or deleted."},
	{Name: "SWEEP_CONCURRENCY", EntryPoints: onlySweep, Default: "8",
		Form:        integer(1, 256, func(c *Config) *int { return &c.Concurrency }),
		Description: "How many channels a sweep works on at a time."},
	{Name: "SWEEP_TIMEOUT_SECONDS", EntryPoints: onlySweep, Default: "1500",
		Form:        integer(60, 1740, func(c *Config) *int { return &c.SweepTimeoutSeconds }),
		Description: "The function's timeout: a sweep ends itself in good time before. It must be shorter than a claim's 30 minutes."},
	{Name: "TWILIO_REQUESTS_PER_SECOND", EntryPoints: both, Default: "50",
		Form: number(minRequestsPerSecond, 100_000, func(c *Config) *float64 { return &c.RequestsPerSecond }),
		Description: "Requests to Twilio that one instance makes per second at most. With fewer than the least, the webhook could not store " +
			"a delivery of 16 channels, two requests each, in the 4.5 seconds that it has."},
	{Name: "TOMBSTONE_TTL", EntryPoints: onlySweep, Default: "72h",
		Form:        duration(24*time.Hour, year, func(c *Config) *time.Duration { return &c.TombstoneTTL }),
		Description: "How long the record of a retired channel is kept, and with it what `undo` needs."},
	{Name: "BUNDLE_SHA256", EntryPoints: both,
		Form:        text(func(c *Config) *string { return &c.Bundle }),
		Description: "SHA-256 of the bundle. The function tells it in the header `Flexsweep-Bundle` of every answer, and when it starts."},
	{Name: "GOOGLE_CLOUD_PROJECT", EntryPoints: both,
		Form:        text(func(c *Config) *string { return &c.Project }),
		Description: "Project ID; with it log lines are linked to their trace."},
	{Name: "TWILIO_BASE_URL", EntryPoints: both,
		Form:        loopback(func(c *Config) **url.URL { return &c.BaseURL }),
		Description: "A fake Twilio on this machine, like `http://127.0.0.1:8080`."},
	{Name: "CLOCK_URL", EntryPoints: both,
		Form: loopback(func(c *Config) **url.URL { return &c.ClockURL }),
		Description: "A server on this machine whose answers tell the time by their `Date`, in place of the machine's clock. While it does not " +
			"answer, every request gets 503."},
	{Name: "MAX_DUE_SHARE", EntryPoints: onlySweep, ReplacedBy: "MAX_UNEXPLAINED", Description: "Ignored: `MAX_UNEXPLAINED` has taken its place."},
	{Name: "MAX_DUE_SHARE_MIN_RECORDS", EntryPoints: onlySweep, ReplacedBy: "MAX_UNEXPLAINED", Description: "Ignored: `MAX_UNEXPLAINED` has taken its place."},
}

// Settings returns every setting of the functions.
func Settings() []Setting { return slices.Clone(settings) }

// ReadBy reports whether the function reads the setting.
func (s Setting) ReadBy(e EntryPoint) bool { return slices.Contains(s.EntryPoints, e) }

// warn says that a setting is given in vain; "" if it is not.
func (s Setting) warn(lookup Lookup) string {
	if value, _ := lookup(s.Name); strings.TrimSpace(value) == "" {
		return ""
	}
	return fmt.Sprintf("%s is ignored: %s has taken its place", s.Name, s.ReplacedBy)
}

// read puts the setting into the configuration. White space around a value is nothing, and
// nothing is the default.
func (s Setting) read(c *Config, lookup Lookup) error {
	value, _ := lookup(s.Name)
	value = strings.TrimSpace(value)
	if value == "" {
		value = s.Default
	}
	err := errNothing
	if value != "" {
		err = s.Form.read(c, value)
	}
	switch {
	case !errors.Is(err, errNothing):
		return err
	case s.Required:
		return fmt.Errorf("is required: %s", strings.TrimSuffix(s.Description, "."))
	}
	return nil
}
