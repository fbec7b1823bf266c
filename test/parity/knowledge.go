package main

import (
	"strings"

	"github.com/flexsweep/flexsweep/test/faketwilio"
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
