package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// normaliser replaces what differs from run to run. The same value gets the same placeholder wherever it stands, so that what
// refers to what is kept.
type normaliser struct {
	literals []literal // longest first
	sids     map[string]string
	counts   map[string]int
}

// literal is a text that the run made up, and what stands for it.
type literal struct{ text, placeholder string }

func newNormaliser() *normaliser {
	return &normaliser{sids: map[string]string{}, counts: map[string]int{}}
}

// stand makes a placeholder stand for a text from now on.
func (n *normaliser) stand(text, placeholder string) {
	n.literals = append(n.literals, literal{text, placeholder})
	slices.SortStableFunc(n.literals, func(a, b literal) int { return len(b.text) - len(a.text) })
}

var sidPattern = regexp.MustCompile(`[A-Z]{2}[0-9a-f]{32}`)

// patterns are values of a kind, each with what stands for it. Times keep their format, tokens their beginning.
var patterns = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`), "<time:milliseconds>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z`), "<time:microseconds>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "<time:seconds>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d`), "<time:zone>"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\dZ`), "<time:seconds>"}, // in an address
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`), "<day>"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`), "<uuid>"},
	{regexp.MustCompile(`\bbodySHA256=[0-9a-f]{64}\b`), "bodySHA256=<sha256>"},
	{regexp.MustCompile(`PageToken=([A-Z]{2})[^&"]*`), "PageToken=<token:$1>"},
}

// text replaces what differs in a text.
func (n *normaliser) text(text string) string {
	for _, l := range n.literals {
		text = strings.ReplaceAll(text, l.text, l.placeholder)
	}
	text = sidPattern.ReplaceAllStringFunc(text, n.reference)
	for _, p := range patterns {
		text = p.pattern.ReplaceAllString(text, p.with)
	}
	return text
}

// reference numbers the SIDs of each kind in the order in which they come.
func (n *normaliser) reference(sid string) string {
	if _, known := n.sids[sid]; !known {
		n.counts[sid[:2]]++
		n.sids[sid] = fmt.Sprintf("<%s:%d>", sid[:2], n.counts[sid[:2]])
	}
	return n.sids[sid]
}

// Fields whose value says nothing about how Twilio behaves.
var (
	// free text: the wording is Twilio's own, and may name people and things of the account
	wordings = []string{"message", "detail"}
	// counts and durations that grow
	volatile = []string{"age", "task_age", "task_age_in_queue"}
	// what people call things and themselves: kept only where the run made it up, or it is always the same
	names = []string{
		"account_friendly_name", "author", "created_by", "default_activity_name", "description", "friendly_name", "from", "identity",
		"last_updated_by", "name", "parent_friendly_name", "publisher", "task_queue_friendly_name", "task_queue_name",
		"timeout_activity_name", "to", "workflow_friendly_name", "workflow_name", "workspace_name",
	}
	constantNames = []string{"", "system"}
)

// value replaces what differs in a JSON value, below the field of that name.
func (n *normaliser) value(field string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for _, name := range sortedKeys(value) { // in order, so that references are numbered alike
			out[name] = n.value(name, value[name])
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = n.value(field, element)
		}
		return out
	case float64:
		if slices.Contains(volatile, field) {
			return "<number>"
		}
	case string:
		return n.field(field, value)
	}
	return value
}

// field replaces what differs in a field that is text.
func (n *normaliser) field(name, value string) string {
	text := n.text(value)
	switch {
	case slices.Contains(wordings, name):
		return "<text>"
	case slices.Contains(names, name) && !strings.HasPrefix(text, "<") && !slices.Contains(constantNames, text):
		return "<redacted>"
	}
	return text
}
