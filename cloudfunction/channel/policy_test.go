package channel_test

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

var policy = channel.Policy{
	Retention:     48 * time.Hour,
	ByChannelType: map[string]time.Duration{"web": time.Hour, "whatsapp": 60 * time.Hour},
	Unconfirmed:   72 * time.Hour,
	Chat:          channel.Deactivate,
	Conversations: channel.Close,
}

func TestRetention(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	long := policy
	long.Retention = 100 * h
	for name, row := range map[string]struct {
		reason    string
		policy    channel.Policy
		types     []string
		confirmed bool
		want      time.Duration
	}{
		"no type":                       {"the rule for all", policy, nil, true, 48 * h},
		"a type without a rule":         {"the rule for all", policy, []string{"sms"}, true, 48 * h},
		"a shorter type":                {"its own rule, though it is shorter", policy, []string{"web"}, true, h},
		"a longer type":                 {"its own rule", policy, []string{"whatsapp"}, true, 60 * h},
		"a shorter and a longer":        {"a contradiction takes the longer", policy, []string{"web", "whatsapp"}, true, 60 * h},
		"a shorter and one without":     {"a contradiction takes the longer", policy, []string{"sms", "web"}, true, 48 * h},
		"no evidence":                   {"longer", policy, nil, false, 72 * h},
		"no evidence, a shorter type":   {"longer, since its type is what the task says", policy, []string{"web"}, false, 72 * h},
		"no evidence, kept longer then": {"evidence never makes it longer", long, nil, false, 100 * h},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, row.reason, row.want, row.policy.RetentionOf(channel.Record{Types: row.types, Confirmed: row.confirmed}))
		})
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	diff(t, "an end is none", false, record(event(1, channel.Ended, noon)).HasEvidence())
	diff(t, "a created event is", true, record(event(1, channel.Ended, noon), event(2, channel.Open, noon)).HasEvidence())
	diff(t, "so it is after the end", true, record(lasted(1, noon, at(1))...).HasEvidence())
	diff(t, "and when it is forgotten", true, channel.Record{Confirmed: true}.HasEvidence())
	diff(t, "nothing is none", false, channel.Record{}.HasEvidence())
}

func TestPolicyDisposition(t *testing.T) {
	t.Parallel()
	for b, want := range map[channel.Backend]channel.Disposition{channel.Chat: channel.Deactivate, channel.Conversations: channel.Close} {
		diff(t, "each backend has its own disposition", want, policy.DispositionOf(channel.Record{Backend: b}))
	}
}

func TestPassInterval(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		policy channel.Policy
		want   time.Duration
	}{
		"a fortieth":           {"the lateness stays small beside the retention", channel.Policy{Retention: 20 * time.Hour}, 30 * time.Minute},
		"an hour at most":      {"what must be put back waits for it", channel.Policy{Retention: 400 * time.Hour}, time.Hour},
		"exactly an hour":      {"the bound belongs to it", channel.Policy{Retention: 40 * time.Hour}, time.Hour},
		"the shortest of all":  {"each type must be met in time", policy, 90 * time.Second},
		"a longer type":        {"the shortest counts", channel.Policy{Retention: 20 * time.Hour, ByChannelType: map[string]time.Duration{"sms": 30 * time.Hour}}, 30 * time.Minute},
		"without confirmation": {"that only makes it longer", channel.Policy{Retention: 20 * time.Hour, Unconfirmed: time.Hour}, 30 * time.Minute},
	} {
		diff(t, name+": "+row.reason, row.want, row.policy.PassInterval())
	}
}

func TestHash(t *testing.T) {
	t.Parallel()
	changed := func(f func(*channel.Policy)) channel.Policy {
		p := policy
		p.ByChannelType = map[string]time.Duration{"whatsapp": 60 * time.Hour, "web": time.Hour}
		f(&p)
		return p
	}
	diff(t, "the same rules have the same hash", policy.Hash(), changed(func(*channel.Policy) {}).Hash())
	diff(t, "eight bytes in hexadecimal", 16, len(policy.Hash()))
	seen := map[string]string{policy.Hash(): "none"}
	for name, p := range map[string]channel.Policy{
		"Retention":                  changed(func(p *channel.Policy) { p.Retention++ }),
		"Unconfirmed":                changed(func(p *channel.Policy) { p.Unconfirmed++ }),
		"both":                       changed(func(p *channel.Policy) { p.Retention, p.Unconfirmed = p.Unconfirmed, p.Retention }),
		"Chat":                       changed(func(p *channel.Policy) { p.Chat = channel.Delete }),
		"Conversations":              changed(func(p *channel.Policy) { p.Conversations = channel.Delete }),
		"a type's retention":         changed(func(p *channel.Policy) { p.ByChannelType["web"]++ }),
		"one type more":              changed(func(p *channel.Policy) { p.ByChannelType["sms"] = time.Hour }),
		"one type less":              changed(func(p *channel.Policy) { delete(p.ByChannelType, "web") }),
		"no types":                   changed(func(p *channel.Policy) { p.ByChannelType = nil }),
		"another type":               changed(func(p *channel.Policy) { delete(p.ByChannelType, "web"); p.ByChannelType["rcs"] = time.Hour }),
		"two types' retentions swap": changed(func(p *channel.Policy) { p.ByChannelType["web"], p.ByChannelType["whatsapp"] = 60*time.Hour, time.Hour }),
	} {
		if other, dup := seen[p.Hash()]; dup {
			t.Errorf("the change of %s has the same hash as that of %s", name, other)
		}
		seen[p.Hash()] = name
	}
}

// What says nothing of the type, such as TaskRouter's answer, lengthens no retention.
func TestRetentionWithoutAType(t *testing.T) {
	t.Parallel()
	typed := event(1, channel.Open, noon)
	typed.Type = "web"
	found := event(2, channel.Ended, noon)
	diff(t, "an end without a type leaves it", time.Hour, policy.RetentionOf(record(typed, found)))
	diff(t, "a created event without one counts with the default", 48*time.Hour, policy.RetentionOf(record(typed, event(2, channel.Open, noon))))
}
