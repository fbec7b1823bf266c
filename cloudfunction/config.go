package function

import (
	"log/slog"
	"net/url"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// RetentionFloor is the shortest retention that needs no override. An hour is longer
// than an agent needs to notice a task that was closed by mistake, and than any
// delivery is late in ordinary times.
const RetentionFloor = time.Hour

// Config is what the settings of one function mean.
type Config struct {
	EntryPoint EntryPoint

	AccountSID        string
	Username          string
	Password          string
	SignatureTokens   []string
	WebhookURLs       []string
	SyncService       string
	ChatServices      []string
	DocumentPrefix    string
	Policy            channel.Policy
	QuietPeriod       time.Duration
	MaxRetirements    int
	MaxDueShare       float64
	MinRecords        int
	Concurrency       int
	RequestsPerSecond float64
	TombstoneTTL      time.Duration
	Project           string
	BaseURL           *url.URL // nil: Twilio itself
}

// LogValue shows a configuration without its secrets.
func (c Config) LogValue() slog.Value {
	base := ""
	if c.BaseURL != nil {
		base = c.BaseURL.String()
	}
	return slog.GroupValue(
		slog.String("entry_point", string(c.EntryPoint)), slog.String("account", c.AccountSID),
		slog.Bool("api_key", c.Username != c.AccountSID), slog.Int("signature_tokens", len(c.SignatureTokens)),
		slog.Int("webhook_urls", len(c.WebhookURLs)), slog.String("sync_service", c.SyncService),
		slog.Any("chat_services", c.ChatServices), slog.String("document_prefix", c.DocumentPrefix),
		slog.String("retention", c.Policy.Retention.String()), slog.Any("retention_by_channel_type", c.Policy.ByChannelType),
		slog.String("chat_disposition", string(c.Policy.Chat)), slog.String("conversations_disposition", string(c.Policy.Conversations)),
		slog.String("quiet_period", c.QuietPeriod.String()), slog.Int("max_retirements_per_run", c.MaxRetirements),
		slog.Float64("max_due_share", c.MaxDueShare), slog.Int("max_due_share_min_records", c.MinRecords),
		slog.Int("sweep_concurrency", c.Concurrency), slog.Float64("requests_per_second", c.RequestsPerSecond),
		slog.String("tombstone_ttl", c.TombstoneTTL.String()), slog.String("base_url", base),
	)
}

// Lookup tells the value of an environment variable; os.LookupEnv is one.
type Lookup func(name string) (string, bool)

// ParseConfig reads the settings of one function. The error lists every fault at once,
// each with the variable's name and what was expected, and never a secret's value.
func ParseConfig(entryPoint EntryPoint, lookup Lookup) (Config, error) {
	p := &parser{entryPoint: entryPoint, lookup: lookup}
	c := Config{
		EntryPoint:        entryPoint,
		AccountSID:        p.sid("TWILIO_ACCOUNT_SID", "AC"),
		SyncService:       p.sid("SYNC_SERVICE_SID", "IS"),
		ChatServices:      p.sids("CHAT_SERVICE_SIDS", "IS"),
		WebhookURLs:       p.urls("WEBHOOK_URLS"),
		DocumentPrefix:    p.prefix("DOCUMENT_PREFIX"),
		QuietPeriod:       p.duration("QUIET_PERIOD", 0, 24*time.Hour),
		MaxRetirements:    p.integer("MAX_RETIREMENTS_PER_RUN", 1, 100_000),
		MaxDueShare:       p.number("MAX_DUE_SHARE", 0, 1),
		MinRecords:        p.integer("MAX_DUE_SHARE_MIN_RECORDS", 0, 1_000_000_000),
		Concurrency:       p.integer("SWEEP_CONCURRENCY", 1, 256),
		RequestsPerSecond: p.number("TWILIO_REQUESTS_PER_SECOND", 0.1, 100_000),
		TombstoneTTL:      p.duration("TOMBSTONE_TTL", 24*time.Hour, 365*24*time.Hour),
		Project:           p.text("GOOGLE_CLOUD_PROJECT"),
		BaseURL:           p.loopback("TWILIO_BASE_URL"),
	}
	p.credentials(&c)
	p.policy(&c)
	return c, p.err()
}

// SweepConfig is what a sweep is told of the configuration. It has no history: who runs
// the sweep says where it is remembered.
func (c Config) SweepConfig() sweep.Config {
	return sweep.Config{
		Policy: c.Policy, MaxRetirements: c.MaxRetirements, MaxDueShare: c.MaxDueShare, MinRecords: c.MinRecords,
		Concurrency: c.Concurrency, TombstoneTTL: c.TombstoneTTL,
	}
}
