package function

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// parser reads settings and collects their faults. A setting that the entry point does
// not read is zero, whatever the environment says.
type parser struct {
	entryPoint EntryPoint
	lookup     Lookup
	faults     []error
}

func (p *parser) fault(name, expected string, args ...any) {
	p.faults = append(p.faults, fmt.Errorf("%s: %s", name, fmt.Sprintf(expected, args...)))
}

func (p *parser) err() error { return errors.Join(p.faults...) }

// text returns the value of a setting, or its default; white space around it is nothing.
func (p *parser) text(name string) string {
	setting := named(name)
	if !setting.reads(p.entryPoint) {
		return ""
	}
	value, _ := p.lookup(name)
	value = strings.TrimSpace(value)
	if value == "" {
		value = setting.Default
	}
	if value == "" && setting.Required {
		p.missing(setting)
	}
	return value
}

// named returns the setting of that name. One that is not in the list is a mistake that
// every test finds.
func named(name string) Setting {
	return settings[slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })]
}

func (p *parser) missing(s Setting) {
	p.fault(s.Name, "is required: %s", strings.TrimSuffix(s.Description, "."))
}

func (p *parser) sid(name, kind string) string {
	value := p.text(name)
	if value != "" && !channel.IsSID(value, kind) {
		p.fault(name, "must be %s and 32 hexadecimal digits, but is %q", kind, value)
	}
	return value
}

func (p *parser) list(name string) []string {
	var values []string
	text := p.text(name)
	for value := range strings.SplitSeq(text, ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	if setting := named(name); text != "" && len(values) == 0 && setting.Required {
		p.missing(setting) // nothing but commas
	}
	return values
}

func (p *parser) sids(name, kind string) []string {
	values := p.list(name)
	for _, value := range values {
		if !channel.IsSID(value, kind) {
			p.fault(name, "each must be %s and 32 hexadecimal digits, but one is %q", kind, value)
		}
	}
	return values
}

func (p *parser) urls(name string) []string {
	values := p.list(name)
	for _, value := range values {
		u, err := url.Parse(value)
		switch {
		case err != nil || u.Host == "" || u.Fragment != "":
			p.fault(name, "each must be an absolute URL, as the sink has it")
		case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
			p.fault(name, "each must begin with https:// (http:// only on this machine)")
		case u.Query().Has("bodySHA256"):
			p.fault(name, "must not contain bodySHA256: Twilio adds it")
		}
	}
	return values
}

var prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (p *parser) prefix(name string) string {
	value := p.text(name)
	if !prefixPattern.MatchString(value) {
		p.fault(name, "must be 1 to 64 letters, digits, _ or -, but is %q", value)
	}
	return value
}

// duration reads a duration. Of a faulty one it makes the longest, so that no check of
// what is too short finds a second fault in it.
func (p *parser) duration(name string, least, most time.Duration) time.Duration {
	text := p.text(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < least || d > most {
		p.fault(name, "must be a duration from %s to %s, like 90m or 48h, but is %q", least, most, text)
		return most
	}
	return d
}

func (p *parser) integer(name string, least, most int) int {
	text := p.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		p.fault(name, "must be a whole number from %d to %d, but is %q", least, most, text)
	}
	return n
}

func (p *parser) number(name string, least, most float64) float64 {
	text := p.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < least || n > most {
		p.fault(name, "must be a number from %g to %g, but is %q", least, most, text)
	}
	return n
}

// loopback reads the URL of a fake. Only this machine is accepted: the credentials go there.
func (p *parser) loopback(name string) *url.URL {
	text := p.text(name)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		p.fault(name, "must be like http://127.0.0.1:8080, on this machine and without a path")
		return nil
	}
	return u
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// secret reads a credential. Its value is never part of a fault.
func (p *parser) secret(name string) string {
	value := p.text(name)
	if value != "" && !alphanumeric.MatchString(value) {
		p.fault(name, "must consist of letters and digits only, as Twilio's credentials do")
	}
	return value
}

func (p *parser) credentials(c *Config) {
	key, keySecret := p.sid("TWILIO_API_KEY", "SK"), p.secret("TWILIO_API_SECRET")
	token, second := p.secret("TWILIO_AUTH_TOKEN"), p.secret("TWILIO_AUTH_TOKEN_SECONDARY")
	switch {
	case key != "" && keySecret == "":
		p.fault("TWILIO_API_SECRET", "is required with TWILIO_API_KEY")
	case key == "" && keySecret != "":
		p.fault("TWILIO_API_KEY", "is required with TWILIO_API_SECRET")
	case key == "" && token == "":
		p.fault("TWILIO_API_KEY", "is required, with TWILIO_API_SECRET; or else TWILIO_AUTH_TOKEN")
	case key == "":
		c.Username, c.Password = c.AccountSID, token
	default:
		c.Username, c.Password = key, keySecret
	}
	if p.entryPoint != EventStreams {
		return
	}
	if token == "" {
		p.fault("TWILIO_AUTH_TOKEN", "is required: an API key cannot check signatures")
	}
	for _, t := range []string{token, second} {
		if t != "" {
			c.SignatureTokens = append(c.SignatureTokens, t)
		}
	}
}

func (p *parser) policy(c *Config) {
	if p.entryPoint != Sweep {
		return
	}
	const most = 5 * 365 * 24 * time.Hour
	floor := RetentionFloor
	if override := p.duration("RETENTION_FLOOR_OVERRIDE", 0, RetentionFloor); p.text("RETENTION_FLOOR_OVERRIDE") != "" {
		floor = override
	}
	c.Policy.Retention = p.duration("RETENTION", 0, most)
	c.Policy.ByChannelType = p.retentions("RETENTION_BY_CHANNEL_TYPE", most)
	if c.Policy.Retention < floor {
		p.fault("RETENTION", "must not be below %s, but is %s; RETENTION_FLOOR_OVERRIDE lifts this", floor, c.Policy.Retention)
	}
	for _, kind := range slices.Sorted(maps.Keys(c.Policy.ByChannelType)) {
		if d := c.Policy.ByChannelType[kind]; d < floor {
			p.fault("RETENTION_BY_CHANNEL_TYPE", "must not be below %s, but %s has %s; RETENTION_FLOOR_OVERRIDE lifts this", floor, kind, d)
		}
	}
	c.Policy.Chat = p.disposition("CHAT_DISPOSITION", channel.Deactivate, channel.Delete)
	c.Policy.Conversations = p.disposition("CONVERSATIONS_DISPOSITION", channel.Close, channel.Delete)
}

var channelType = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

func (p *parser) retentions(name string, most time.Duration) map[string]time.Duration {
	byType := map[string]time.Duration{}
	for _, item := range p.list(name) {
		kind, text, _ := strings.Cut(item, "=")
		kind, text = strings.TrimSpace(kind), strings.TrimSpace(text)
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > most || !channelType.MatchString(kind) {
			p.fault(name, "must be like web=1h,whatsapp=24h, but one item is %q", item)
			continue
		}
		if _, twice := byType[kind]; twice {
			p.fault(name, "names %s twice", kind)
		}
		byType[kind] = d
	}
	return byType
}

func (p *parser) disposition(name string, allowed ...channel.Disposition) channel.Disposition {
	d := channel.Disposition(p.text(name))
	if !slices.Contains(allowed, d) {
		p.fault(name, "must be %s or %s, but is %q", allowed[0], allowed[1], d)
	}
	return d
}
