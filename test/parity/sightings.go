package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
)

// sighting is a fact that somebody saw at the real Twilio and published. The fake is checked against each.
type sighting struct {
	fact, source, noted string   // noted is the day on which it was written down here
	routes              []string // of the fake, which it is about
	holds               func([]record) error
}

var sightings = []sighting{
	{
		fact: `page tokens begin with "PTeyJ"`, source: "github.com/twilio-labs/dev-phone issues 194 and 220", noted: "2026-11-25",
		routes: []string{"GET sync.twilio.com/v1/Services/{ServiceSid}/Documents"},
		holds: each("sync-pages", "first page", func(a answer) error {
			next, _ := field(field(a.body, "meta"), "next_page_url").(string)
			return matches(next, `[?&]PageToken=PTeyJ`)
		}),
	},
	{
		fact: "answers have the headers twilio-request-id and twilio-concurrent-requests", source: "github.com/twilio-labs/dev-phone issues 194 and 220",
		noted: "2026-11-25", holds: each("sync-document", "create", func(a answer) error {
			if a.header.Get("Twilio-Concurrent-Requests") == "" {
				return fmt.Errorf("no twilio-concurrent-requests in %v", a.header)
			}
			return matches(a.header.Get("Twilio-Request-Id"), `^RQ[0-9a-f]{32}$`)
		}),
	},
	{
		fact:   `the body of a 404 is code, message "The requested resource … was not found", more_info and status`,
		source: "github.com/TwilioDevEd/sdk-starter-ruby issue 4", noted: "2026-11-24",
		holds: each("errors-paths", "sync, no such path", func(a answer) error {
			return matches(a.raw, `^\{"code":20404,"message":"The requested resource /v1/Services/nothing/here was not found",`+
				`"more_info":"https://www.twilio.com/docs/errors/20404","status":404\}$`)
		}),
	},
	{
		fact: `a new document has revision "0" and was created by "system"`, source: "pastebin.com/G9ENwnFN, 2018", noted: "2026-11-24",
		routes: []string{"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents"},
		holds: each("sync-document", "create", func(a answer) error {
			return matches(a.raw, `"revision":"0".*"created_by":"system"`)
		}),
	},
	{
		fact: "a name that is taken is refused with 54301", source: "three public repositories branch on it", noted: "2026-11-24",
		routes: []string{"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents"},
		holds:  each("sync-document", "create again", func(a answer) error { return matches(a.raw, `"code":54301`) }),
	},
	{
		fact: `a 54009 names its limiter: "Rate limit exceeded for write-map-MP…"`, source: "github.com/pBread/twilio-agentic-voice-assistant issue 2",
		noted: "2026-11-25", routes: []string{"POST sync.twilio.com/v1/Services/{ServiceSid}/Documents/{Sid}"},
		holds: func([]record) error { return limiterNamed("") },
	},
	{
		fact:   "the limiter is called by what the request calls the object, its unique name for one: \"write-map-keystore\"",
		source: "a comment in a public Sync store that met it; the index of public code names no repository", noted: "2026-11-25",
		holds: func([]record) error { return limiterNamed("keystore") },
	},
	{
		fact: `a 401 has WWW-Authenticate: Basic realm="Twilio API" and code 20003`, source: "transcripts of api.twilio.com in several public notes on REST", noted: "2026-11-25",
		holds: each("errors-credentials", "sync", func(a answer) error {
			if a.header.Get("WWW-Authenticate") != `Basic realm="Twilio API"` {
				return fmt.Errorf("WWW-Authenticate: %s", a.header.Get("WWW-Authenticate"))
			}
			return matches(a.raw, `"code":20003`)
		}),
	},
	{
		fact: "an event's id begins with EZ", source: "the sample of Elastic's Twilio integration", noted: "2026-11-24",
		holds: func(records []record) error { return eventIDs(records) },
	},
}

// each checks the answers of one step of a case.
func each(name, step string, check func(answer) error) func([]record) error {
	return func(records []record) error {
		for _, r := range records {
			for _, e := range r.raw {
				if r.Case == name && e.step == step {
					return check(e.answer)
				}
			}
		}
		return fmt.Errorf("case %s has no step %q", name, step)
	}
}

func matches(text, pattern string) error {
	if !regexp.MustCompile(pattern).MatchString(text) {
		return fmt.Errorf("%.300q does not fit %s", text, pattern)
	}
	return nil
}

// eventIDs checks the ids of the events that were delivered for a task.
func eventIDs(records []record) error {
	for _, r := range records {
		for _, e := range r.Exchanges {
			if r.Case == "deliveries-task" && e.Request == "delivery" {
				return matches(text(e.Body), `"id":"<EZ:1>"`)
			}
		}
	}
	return fmt.Errorf("no event was delivered")
}

// limiterNamed asks a fake whose limits are on until it refuses. The document is asked for by its name, or by its SID for none.
func limiterNamed(name string) error {
	to, fake := newFake(limitsOn)
	service := fake.NewSyncService("limits")
	r := &run{target: to, ctx: context.Background(), normaliser: newNormaliser(), seen: map[string]bool{}}
	documents := syncServices + "/" + service + "/Documents"
	made := r.ask(http.MethodPost, documents, []string{"UniqueName", "keystore"})
	asked := cmp.Or(name, r.sid(made))
	for range 1000 {
		if got := r.ask(http.MethodPost, documents+"/"+asked, []string{"Data", "1"}); got.status == http.StatusTooManyRequests {
			message, _ := field(got.body, "message").(string)
			return matches(message, "^Rate limit exceeded for write-[a-z]+-"+asked+"$")
		}
	}
	return fmt.Errorf("never refused")
}
