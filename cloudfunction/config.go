package function

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// RetentionFloor is the shortest retention that needs no override. An hour is longer
// than an agent needs to notice a task that was closed by mistake, and than any
// delivery is late in ordinary times.
const RetentionFloor = time.Hour

// minRequestsPerSecond lets the webhook store the 16 channels that it writes at a time, with
// a load and a save each, in the 4.5 seconds that a delivery has. Much slower, and no event
// gets both of its requests: every one is refused for four hours, and then lost.
const minRequestsPerSecond = 10

// Config is what the settings of one function mean. A setting that the function does not
// read is zero, whatever the environment says.
type Config struct {
	EntryPoint EntryPoint

	AccountSID          string
	APIKey              string
	APISecret           string
	AuthToken           string
	AuthTokenSecondary  string
	WebhookURLs         []string
	SourceRanges        []netip.Prefix // none: all
	Workspaces          []string       // none: all
	SyncService         string
	ChatServices        []string
	DocumentPrefix      string
	Policy              channel.Policy
	RetentionFloor      time.Duration
	QuietPeriod         time.Duration
	MaxRetirements      int
	MaxUnexplained      int
	TaskLookupAfter     time.Duration
	TaskLookups         int // in one run
	OpenTaskCheck       bool
	Concurrency         int
	SweepTimeoutSeconds int
	RequestsPerSecond   float64
	TombstoneTTL        time.Duration
	Bundle              string // hash of the source that runs
	Project             string
	BaseURL             *url.URL // nil: Twilio itself
	ClockURL            *url.URL // nil: this machine's clock

	Warnings []string // of what is given in vain
}

// Lookup tells the value of an environment variable; os.LookupEnv is one.
type Lookup func(name string) (string, bool)

// ParseConfig reads the settings of one function. The error lists every fault at once,
// each with the variable's name and what was expected, and never a secret's value.
func ParseConfig(entryPoint EntryPoint, lookup Lookup) (Config, error) {
	c := Config{EntryPoint: entryPoint}
	faults := faults{named: map[string]bool{}}
	for _, s := range settings {
		switch {
		case !s.ReadBy(entryPoint):
		case s.ReplacedBy == "":
			faults.add(s.Name, s.read(&c, lookup))
		default:
			if warning := s.warn(lookup); warning != "" {
				c.Warnings = append(c.Warnings, warning)
			}
		}
	}
	c.checkCredentials(faults.add)
	if entryPoint == Sweep {
		c.checkRetentions(faults.add)
	}
	return c, errors.Join(faults.all...)
}

// faults are what is wrong with the settings. What was misread is not looked at further:
// one mistake is one fault.
type faults struct {
	all   []error
	named map[string]bool
}

func (f *faults) add(name string, err error) {
	if err == nil || f.named[name] {
		return
	}
	f.named[name] = true
	for line := range strings.Lines(err.Error()) { // errors.Join has one on each
		f.all = append(f.all, fmt.Errorf("%s: %s", name, strings.TrimSuffix(line, "\n")))
	}
}

func (c *Config) checkCredentials(fault func(name string, err error)) {
	switch {
	case c.APIKey != "" && c.APISecret == "":
		fault("TWILIO_API_SECRET", errors.New("is required with TWILIO_API_KEY"))
	case c.APIKey == "" && c.APISecret != "":
		fault("TWILIO_API_KEY", errors.New("is required with TWILIO_API_SECRET"))
	case c.APIKey == "" && c.AuthToken == "":
		fault("TWILIO_API_KEY", errors.New("is required, with TWILIO_API_SECRET; or else TWILIO_AUTH_TOKEN"))
	}
	if c.EntryPoint == EventStreams && c.AuthToken == "" {
		fault("TWILIO_AUTH_TOKEN", errors.New("is required: an API key cannot check signatures"))
	}
}

func (c *Config) checkRetentions(fault func(name string, err error)) {
	if c.Policy.Retention < c.RetentionFloor {
		fault("RETENTION", fmt.Errorf("must not be below %s, but is %s; RETENTION_FLOOR_OVERRIDE lifts this",
			written(c.RetentionFloor), written(c.Policy.Retention)))
	}
	if c.Policy.Unconfirmed == defaultUnconfirmed {
		c.Policy.Unconfirmed = max(defaultUnconfirmed, c.Policy.Retention)
	}
	if c.Policy.Unconfirmed < c.Policy.Retention {
		fault("UNCONFIRMED_RETENTION", fmt.Errorf("must not be below RETENTION, %s, but is %s",
			written(c.Policy.Retention), written(c.Policy.Unconfirmed)))
	}
	var below []error
	for _, name := range slices.Sorted(maps.Keys(c.Policy.ByChannelType)) {
		if d := c.Policy.ByChannelType[name]; d < c.RetentionFloor {
			below = append(below, fmt.Errorf("must not be below %s, but %s has %s; RETENTION_FLOOR_OVERRIDE lifts this",
				written(c.RetentionFloor), name, written(d)))
		}
	}
	fault("RETENTION_BY_CHANNEL_TYPE", errors.Join(below...))
}

// Credentials returns what Twilio's REST API is called with: the API key and its secret,
// or else the account and its Auth Token.
func (c Config) Credentials() (username, password string) {
	if c.APIKey == "" {
		return c.AccountSID, c.AuthToken
	}
	return c.APIKey, c.APISecret
}

// SignatureTokens returns the Auth Tokens whose signatures the webhook accepts.
func (c Config) SignatureTokens() []string {
	return slices.DeleteFunc([]string{c.AuthToken, c.AuthTokenSecondary}, func(token string) bool { return token == "" })
}

// LogValue shows a configuration without its secrets.
func (c Config) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("entry_point", string(c.EntryPoint))}
	for _, s := range settings {
		if s.ReadBy(c.EntryPoint) && s.ReplacedBy == "" {
			attrs = append(attrs, slog.Any(strings.ToLower(s.Name), s.Form.show(&c)))
		}
	}
	return slog.GroupValue(attrs...)
}

// SweepConfig is what a sweep is told of the configuration. It has no history: who runs
// the sweep says where it is remembered.
func (c Config) SweepConfig() sweep.Config {
	return sweep.Config{
		Policy: c.Policy, MaxRetirements: c.MaxRetirements, MaxUnexplained: c.MaxUnexplained,
		Concurrency: c.Concurrency, TombstoneTTL: c.TombstoneTTL,
		TaskLookupAfter: c.TaskLookupAfter, TaskLookups: c.TaskLookups, OpenTaskCheck: c.OpenTaskCheck,
	}
}
