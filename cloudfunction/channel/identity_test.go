package channel_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

type identity struct {
	Backend     channel.Backend
	Type        string
	Interaction *channel.Interaction
	Moved       bool // the task was not created on the channel
}

// identified applies events that say so of the channel, one task each.
func identified(ids ...identity) channel.Record {
	var r channel.Record
	for i, id := range ids {
		e := event(i, channel.Open, noon)
		e.Backend, e.Type, e.Interaction, e.Created = id.Backend, id.Type, id.Interaction, !id.Moved
		r = channel.Apply(r, e)
	}
	return r
}

func TestWhoseWordCountsForTheBackend(t *testing.T) {
	t.Parallel()
	const chat, conv = channel.Chat, channel.Conversations
	for name, row := range map[string]struct {
		reason string
		a, b   identity
		want   channel.Backend
		named  channel.Named
	}{
		"created on both":             {"a contradiction takes what can be undone", identity{Backend: chat}, identity{Backend: conv}, chat, channel.Named{Chat: channel.Created, Conversations: channel.Created}},
		"said of both":                {"a contradiction takes what can be undone", identity{Backend: chat, Moved: true}, identity{Backend: conv, Moved: true}, chat, channel.Named{Chat: channel.Said, Conversations: channel.Said}},
		"created chat, said conv":     {"what a task says that was not created here changes nothing", identity{Backend: chat}, identity{Backend: conv, Moved: true}, chat, channel.Named{Chat: channel.Created, Conversations: channel.Said}},
		"created conv, said chat":     {"what a task says that was not created here changes nothing", identity{Backend: conv}, identity{Backend: chat, Moved: true}, conv, channel.Named{Chat: channel.Said, Conversations: channel.Created}},
		"created conv, created twice": {"no contradiction", identity{Backend: conv}, identity{Backend: conv}, conv, channel.Named{Conversations: channel.Created}},
		"created conv, said conv":     {"the stronger word stays", identity{Backend: conv}, identity{Backend: conv, Moved: true}, conv, channel.Named{Conversations: channel.Created}},
		"said conv":                   {"the only word there is", identity{Backend: conv, Moved: true}, identity{Backend: conv, Moved: true}, conv, channel.Named{Conversations: channel.Said}},
		"said chat":                   {"the only word there is", identity{Backend: chat, Moved: true}, identity{Backend: chat, Moved: true}, chat, channel.Named{Chat: channel.Said}},
		"nothing that is known":       {"what can be undone", identity{Backend: "voice"}, identity{}, chat, channel.Named{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, got := range []channel.Record{identified(row.a, row.b), identified(row.b, row.a)} {
				diff(t, row.reason, row.want, got.Backend)
				diff(t, row.reason, row.named, got.Named)
				both := row.named.Chat != "" && row.named.Conversations != ""
				diff(t, "who contradicts is told", both, got.Contradicted())
			}
		})
	}
}

func TestTypesAreASet(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		types  []string
		want   []string
		more   bool
	}{
		"one":           {"as it was named", []string{"web"}, []string{"web"}, false},
		"one and none":  {"a transfer's task may lack what the first had", []string{"web", ""}, []string{"web"}, false},
		"one, twice":    {"a set", []string{"web", "web"}, []string{"web"}, false},
		"two":           {"all count, sorted", []string{"web", "sms"}, []string{"sms", "web"}, true},
		"three":         {"all count, sorted", []string{"whatsapp", "chat", "sms"}, []string{"chat", "sms", "whatsapp"}, true},
		"not in a list": {"anything could stand there", []string{"+49123", "SMS"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var there, back []identity
			for _, kind := range row.types {
				there = append(there, identity{Backend: channel.Chat, Type: kind, Moved: true})
			}
			back = slices.Clone(there)
			slices.Reverse(back)
			for _, ids := range [][]identity{there, back} {
				got := identified(ids...)
				diff(t, row.reason, row.want, got.Types)
				diff(t, "two types contradict each other", row.more, got.Contradicted())
			}
		})
	}
}

func TestTypeOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", " \t": "", "sms": "sms", "SMS": "sms", " WhatsApp\n": "whatsapp", "other": "other",
		"Twitter": channel.Other, "+4912345": channel.Other, "web chat": channel.Other, strings.Repeat("x", 99): channel.Other,
	} {
		diff(t, "the type of "+text, want, channel.TypeOf(text))
	}
	kinds := channel.Types()
	for _, kind := range kinds {
		diff(t, "a listed type is itself: "+kind, kind, channel.TypeOf(strings.ToUpper(kind)))
		diff(t, "a listed type is one: "+kind, true, channel.IsType(kind))
	}
	for _, text := range []string{"", "SMS", "+4912345"} {
		diff(t, "not in the list: "+text, false, channel.IsType(text))
	}
	want := []string{"chat", "email", "gbm", "messenger", "other", "rcs", "sms", "voice", "web", "whatsapp"}
	diff(t, "sorted, as a record keeps them", want, kinds)
	kinds[0] = "changed"
	diff(t, "the list is its reader's own", want, channel.Types())
}

func TestInteraction(t *testing.T) {
	t.Parallel()
	interaction := func(kd, uo int, when time.Time) *channel.Interaction {
		return &channel.Interaction{SID: sid("KD", kd), ChannelSID: sid("UO", uo), Time: when}
	}
	of := func(i *channel.Interaction) identity {
		return identity{Backend: channel.Conversations, Interaction: i}
	}
	stranger := identity{Backend: channel.Conversations, Interaction: interaction(9, 9, at(9*time.Hour)), Moved: true}
	for name, row := range map[string]struct {
		reason string
		a, b   identity
		want   *channel.Interaction
	}{
		"one and none":       {"absence is no news", of(interaction(1, 1, noon)), of(nil), interaction(1, 1, noon)},
		"neither":            {"there need be none", of(nil), of(nil), nil},
		"two":                {"the later one is what can be closed now", of(interaction(2, 2, noon)), of(interaction(1, 1, at(time.Hour))), interaction(1, 1, at(time.Hour))},
		"two at one moment":  {"something must decide, or the order would", of(interaction(1, 2, noon)), of(interaction(2, 1, noon)), interaction(2, 1, noon)},
		"two channels of it": {"something must decide, or the order would", of(interaction(1, 1, noon)), of(interaction(1, 2, noon)), interaction(1, 2, noon)},
		"a stranger's":       {"a task that was not created on the channel closes nothing", of(interaction(1, 1, noon)), stranger, interaction(1, 1, noon)},
		"a stranger's alone": {"a task that was not created on the channel closes nothing", of(nil), stranger, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff(t, row.reason, row.want, identified(row.a, row.b).Interaction)
			diff(t, row.reason+", the other way round", row.want, identified(row.b, row.a).Interaction)
		})
	}
}
