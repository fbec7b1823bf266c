package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// Where the tables stand, in the fake's README.
const (
	tableBegin = "<!-- BEGIN known: go run ./test/parity -write -->\n"
	tableEnd   = "<!-- END known -->"
)

// How well something is known, best first.
const (
	live          = "live"
	sighted       = "sighting"
	documented    = "documents"
	specification = "specification"
)

// documents are the pages that say more of a route than the specification does.
var documents = map[string]string{
	"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents":                        "api/errors/54301, 54302, sync/limits",
	"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents/{Sid}":                  "api/errors/54103, sync/objects-ttl, sync/limits",
	"GET sync.twilio.com/v1/Services/{ServiceSid}/Documents/{Sid}":                   "sync/objects-ttl",
	"POST chat.twilio.com/v2/Services/{ServiceSid}/Channels":                         "chat/chat-limits",
	"POST chat.twilio.com/v2/Services/{ServiceSid}/Channels/{Sid}":                   "chat/chat-limits",
	"POST conversations.twilio.com/v1/Conversations":                                 "conversations/states-timers",
	"POST conversations.twilio.com/v1/Conversations/{Sid}":                           "conversations/states-timers, api/errors/50377",
	"POST conversations.twilio.com/v1/Services/{ChatServiceSid}/Conversations":       "conversations/states-timers",
	"POST conversations.twilio.com/v1/Services/{ChatServiceSid}/Conversations/{Sid}": "conversations/states-timers, api/errors/50377",
	"POST flex-api.twilio.com/v1/Interactions":                                       "flex/developer/conversations/interactions-api/interactions",
	"POST flex-api.twilio.com/v1/Interactions/{InteractionSid}/Channels/{Sid}":       "flex/developer/conversations/park-an-interaction",
	"POST taskrouter.twilio.com/v1/Workspaces/{WorkspaceSid}/Tasks/{Sid}":            "usage/mutation-and-conflict-resolution",
	"POST events.twilio.com/v1/Sinks":                                                "events/event-streams/sink-resource",
	"POST events.twilio.com/v1/Sinks/{Sid}/Test":                                     "en-us/blog: validate Event Streams webhooks",
	"POST events.twilio.com/v1/Sinks/{Sid}/Validate":                                 "events/event-streams/sink-resource/validate",
}

// knowledge is how each route of the fake is known.
type knowledge struct {
	level  map[string]string // by route
	days   map[string]string // of the latest LIVE run that asked, by route
	byCase map[string]string // the same, by case
}

// known finds out what is known how.
func known(dir string) (knowledge, error) {
	k := knowledge{map[string]string{}, map[string]string{}, map[string]string{}}
	routes := faketwilio.New(faketwilio.Options{}).Routes()
	for _, route := range routes {
		k.level[route] = specification
		if documents[route] != "" {
			k.level[route] = documented
		}
	}
	for _, s := range sightings {
		for _, route := range s.routes {
			k.level[route] = sighted
		}
	}
	for _, c := range battery() {
		g, there, err := readGolden(dir, c.name)
		if err != nil {
			return k, err
		}
		if !there {
			continue
		}
		k.byCase[c.name] = g.Recorded
		for _, e := range g.Exchanges {
			if route := routeOf(routes, e.Request); route != "" {
				k.level[route], k.days[route] = live, max(k.days[route], g.Recorded)
			}
		}
	}
	return k, nil
}

// routeOf finds the route of a request, "" for none.
func routeOf(routes []string, request string) string {
	path, _, _ := strings.Cut(request, "?")
	got := strings.Split(path, "/")
	for _, route := range routes {
		want := strings.Split(route, "/")
		fits := len(want) == len(got)
		for i := 0; fits && i < len(want); i++ {
			fits = want[i] == got[i] || strings.HasPrefix(want[i], "{") && got[i] != ""
		}
		if fits {
			return route
		}
	}
	return ""
}

// tables are what the README says about it.
func tables(dir string) (string, error) {
	k, err := known(dir)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	k.summary(&b)
	k.switches(&b)
	k.routes(&b)
	b.WriteString("\nFacts that somebody saw at the real Twilio and published, which the battery checks the fake against:\n\n| fact | where | noted |\n|---|---|---|\n")
	for _, s := range sightings {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.fact, s.source, s.noted)
	}
	return b.String(), nil
}

func (k knowledge) summary(b *strings.Builder) {
	counts := map[string]int{}
	for _, level := range k.level {
		counts[level]++
	}
	fmt.Fprintf(b, "Of %d routes **%d are known live**, %d by a sighting, %d by more documents than the specification, %d by the specification only. "+
		"Of %d cases of the battery %d were played against Twilio. Of %d switches %d are decided.\n",
		len(k.level), counts[live], counts[sighted], counts[documented], counts[specification], len(battery()), len(k.byCase), len(switches), k.decided())
}

// decided is how many switches have been put to Twilio.
func (k knowledge) decided() int {
	n := 0
	for _, s := range switches {
		if k.byCase[s.Case] != "" {
			n++
		}
	}
	return n
}

func (k knowledge) switches(b *strings.Builder) {
	b.WriteString("\n| switch | what it decides | asked by (case, step) | asked on |\n|---|---|---|---|\n")
	for _, s := range switches {
		fmt.Fprintf(b, "| `%s` | %s | `%s`, %s | %s |\n", s.Switch, s.Asks, s.Case, s.Step, orNever(k.byCase[s.Case]))
	}
}

func orNever(day string) string {
	if day == "" {
		return "never"
	}
	return day
}

// routes are one row for each path: most of its methods are known alike.
func (k knowledge) routes(b *strings.Builder) {
	b.WriteString("\n| path | methods, and how they are known |\n|---|---|\n")
	rows := map[string][]string{}
	for _, route := range sortedKeys(k.level) {
		method, path, _ := strings.Cut(route, " ")
		how := k.level[route]
		switch {
		case how == live:
			how += " (" + k.days[route] + ")"
		case how == documented:
			how += " (" + documents[route] + ")"
		}
		rows[path] = append(rows[path], method+" "+how)
	}
	for _, path := range sortedKeys(rows) {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.Replace(path, ".twilio.com", " ", 1), strings.Join(rows[path], "; "))
	}
}

// place puts the tables into a page, where they stand.
func place(page, content string) (string, error) {
	before, rest, begins := strings.Cut(page, tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		return "", fmt.Errorf("the page has no lines %q and %q", strings.TrimSpace(tableBegin), tableEnd)
	}
	return before + tableBegin + "\n" + content + "\n" + tableEnd + after, nil
}

// write renews the tables in a file.
func write(file, dir string) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read page: %w", err)
	}
	content, err := tables(dir)
	if err != nil {
		return err
	}
	renewed, err := place(string(page), content)
	if err != nil {
		return fmt.Errorf("renew %s: %w", file, err)
	}
	if err := os.WriteFile(file, []byte(renewed), 0o644); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}
