package retire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// exchange is one request that is expected, "GET chat/v2/Services/IS1/Channels/CH1
// Field=value", and its answer, "200 {…}".
type exchange struct{ request, answer string }

// script answers the expected requests, in order.
type script struct {
	exchanges []exchange
	got       []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	product, _, _ := strings.Cut(r.URL.Host, ".")
	line := r.Method + " " + product + r.URL.Path
	query := r.URL.Query()
	if r.Body != nil && r.Method == http.MethodPost {
		text, _ := io.ReadAll(r.Body)
		query, _ = url.ParseQuery(string(text))
	}
	for _, field := range []string{"State", "Status", "Routing", "Order", "PageSize", "Attributes"} {
		for _, value := range query[field] {
			line += " " + field + "=" + value
		}
	}
	s.got = append(s.got, line)
	if len(s.got) > len(s.exchanges) {
		return nil, fmt.Errorf("unexpected request: %s", line)
	}
	status, body, _ := strings.Cut(s.exchanges[len(s.got)-1].answer, " ")
	res := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	_, err := fmt.Sscan(status, &res.StatusCode)
	return res, err
}

func refusal(status, code int) string {
	return fmt.Sprintf(`%d {"code":%d,"message":"no","more_info":"","status":%d}`, status, code, status)
}

// attributes is the answer that shows a channel with these attributes.
func attributes(text string) string {
	quoted, _ := json.Marshal(text)
	return fmt.Sprintf(`200 {"sid":"CH1","attributes":%s}`, quoted)
}

func message(age time.Duration) string {
	return fmt.Sprintf(`200 {"messages":[{"sid":"IM1","date_created":%q}],"meta":{}}`, noon.Add(-age).Format(time.RFC3339))
}

const (
	chat1, chat2 = "chat/v2/Services/IS1/Channels/CH1", "chat/v2/Services/IS2/Channels/CH1"
	conv1        = "conversations/v1/Services/IS1/Conversations/CH1"
	conv2        = "conversations/v1/Services/IS2/Conversations/CH1"
	interaction  = "flex-api/v1/Interactions/KD1/Channels/UO1"
	newest       = "/Messages Order=desc PageSize=1"
	noMessages   = `200 {"messages":[],"meta":{}}`
	active       = `{"long_lived":true,"status":"ACTIVE","n":1.10}`
	retired      = `{"long_lived":false,"status":"INACTIVE","n":1.10}`
	closing      = "POST " + interaction + ` Status=closed Routing={"status":"closed"}`
)

var gone = refusal(404, 20404)

func retirer(s *script) *retire.Retirer {
	client := twilio.New(twilio.Config{AccountSID: "AC1", Username: "AC1", Password: "secret", Transport: s, Attempts: 1, RequestsPerSecond: 1e6})
	return retire.New(client, []string{"IS1", "IS2"}, 10*time.Minute, func() time.Time { return noon })
}

func claimed(b channel.Backend, d channel.Disposition) channel.Record {
	return channel.Record{SID: "CH1", Backend: b, Claim: &channel.Claim{Run: "run", Disposition: d}}
}

func in(service string, r channel.Record) channel.Record { r.ServiceSID = service; return r }

func known(r channel.Record) channel.Record {
	r.Interaction = &channel.Interaction{SID: "KD1", ChannelSID: "UO1"}
	return r
}

func (s *script) check(t *testing.T) {
	t.Helper()
	var want []string
	for _, e := range s.exchanges {
		want = append(want, e.request)
	}
	if d := cmp.Diff(want, s.got); d != "" {
		t.Errorf("the requests (-want +got):\n%s", d)
	}
}

func TestRetire(t *testing.T) {
	t.Parallel()
	deactivate := claimed(channel.Chat, channel.Deactivate)
	deleteChat := claimed(channel.Chat, channel.Delete)
	closeIt := claimed(channel.Conversations, channel.Close)
	deleteConv := claimed(channel.Conversations, channel.Delete)
	was := &channel.Previous{LongLived: json.RawMessage("true"), Status: json.RawMessage(`"ACTIVE"`)}
	done := func(service string) channel.Outcome {
		return channel.Outcome{Result: channel.Done, ServiceSID: service}
	}
	with := func(o channel.Outcome, p *channel.Previous) channel.Outcome { o.Previous = p; return o }

	for name, row := range map[string]struct {
		reason    string
		record    channel.Record
		exchanges []exchange
		want      channel.Outcome
		err       string
	}{
		"deactivate": {
			"two values change, and what they were is kept", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {"POST " + chat1 + " Attributes=" + retired, attributes(retired)}}, with(done("IS1"), was), "",
		},
		"deactivate, without attributes": {
			"a channel need not have any", channel.Noted(deactivate, channel.Previous{}),
			[]exchange{{"GET " + chat1, `200 {"sid":"CH1","attributes":null}`}, {"POST " + chat1 + ` Attributes={"long_lived":false,"status":"INACTIVE"}`, attributes(`{"long_lived":false,"status":"INACTIVE"}`)}}, with(done("IS1"), &channel.Previous{}), "",
		},
		"deactivate, already so": {
			"the goal is reached, so nothing is written", deactivate,
			[]exchange{{"GET " + chat1, attributes(retired)}}, channel.Outcome{Result: channel.Already, ServiceSID: "IS1"}, "",
		},
		"deactivate, half so": {
			"both values must be set", channel.Noted(deactivate, channel.Previous{LongLived: json.RawMessage("false")}),
			[]exchange{{"GET " + chat1, attributes(`{"long_lived":false}`)}, {"POST " + chat1 + ` Attributes={"long_lived":false,"status":"INACTIVE"}`, attributes(`{"status":"INACTIVE","long_lived": false}`)}}, with(done("IS1"), &channel.Previous{LongLived: json.RawMessage("false")}), "",
		},
		"deactivate, not as usual": {
			"what is overwritten must be written down first, or a crash would lose it", deactivate,
			[]exchange{{"GET " + chat1, attributes(`{"long_lived":"yes"}`)}}, channel.Outcome{ServiceSID: "IS1"}, "must be written down first",
		},
		"deactivate, noted by another run": {
			"that run's note may be old", channel.Claimed(channel.Noted(deactivate, channel.Previous{}), "another", channel.Deactivate, noon),
			[]exchange{{"GET " + chat1, attributes(`{}`)}}, channel.Outcome{ServiceSID: "IS1"}, "must be written down first",
		},
		"deactivate, in the second service": {
			"the record does not know the service yet", deactivate,
			[]exchange{{"GET " + chat1, gone}, {"GET " + chat2, attributes(retired)}}, channel.Outcome{Result: channel.Already, ServiceSID: "IS2"}, "",
		},
		"deactivate, the service known": {
			"no search where it is known", in("IS2", deactivate),
			[]exchange{{"GET " + chat2, attributes(retired)}}, channel.Outcome{Result: channel.Already, ServiceSID: "IS2"}, "",
		},
		"deactivate, gone": {
			"what does not exist is retired", deactivate,
			[]exchange{{"GET " + chat1, gone}, {"GET " + chat2, gone}}, channel.Outcome{Result: channel.Gone}, "",
		},
		"deactivate, gone while at it": {
			"deleted between the two calls", in("IS1", deactivate),
			[]exchange{{"GET " + chat1, attributes(active)}, {"POST " + chat1 + " Attributes=" + retired, gone}}, channel.Outcome{Result: channel.Gone}, "",
		},
		"deactivate, no object": {
			"what cannot be merged must not be overwritten", deactivate,
			[]exchange{{"GET " + chat1, attributes("Ann")}}, channel.Outcome{ServiceSID: "IS1"}, "not a JSON object",
		},
		"deactivate, not taken over": {
			"an answer that shows other values is no success", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {"POST " + chat1 + " Attributes=" + retired, attributes(active)}}, channel.Outcome{ServiceSID: "IS1"}, "other attributes than were sent",
		},
		"deactivate, down": {
			"an outage in the first service is no reason to look in the second", deactivate,
			[]exchange{{"GET " + chat1, refusal(500, 20500)}}, channel.Outcome{ServiceSID: "IS1"}, "fetch channel: HTTP 500",
		},
		"deactivate, too long": {
			"Twilio's refusal is reported with its code", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {"POST " + chat1 + " Attributes=" + retired, refusal(400, 50303)}}, channel.Outcome{ServiceSID: "IS1"}, "update channel: HTTP 400, code 50303",
		},

		"delete chat":              {"with its history, so look first", deleteChat, []exchange{{"GET " + chat1 + newest, message(time.Hour)}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, no messages": {"an empty channel is quiet", deleteChat, []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, busy":        {"someone may be writing", deleteChat, []exchange{{"GET " + chat1 + newest, message(10*time.Minute - time.Second)}}, channel.Outcome{ServiceSID: "IS1"}, "a message came in just now: 9m59s ago, and the quiet period is 10m0s"},
		"delete chat, just quiet":  {"the period itself is enough", deleteChat, []exchange{{"GET " + chat1 + newest, message(10 * time.Minute)}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, gone":        {"someone else deleted it", in("IS1", deleteChat), []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, gone}}, channel.Outcome{Result: channel.Gone}, ""},
		"delete chat, refused":     {"it is reported", deleteChat, []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, refusal(403, 20403)}}, channel.Outcome{ServiceSID: "IS1"}, "delete channel: HTTP 403"},

		"close":                        {"two requests", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, already so":            {"closed is final, and so a success", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", refusal(400, 50377)}}, channel.Outcome{Result: channel.Already, ServiceSID: "IS1"}, ""},
		"close, the interaction known": {"its channel first, with the routing, or its agent keeps the task", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {closing, `200 {"status":"closed"}`}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, by the interaction":    {"closing the one closed the other: this run did it", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {closing, `200 {"status":"closed"}`}, {"POST " + conv1 + " State=closed", refusal(400, 50377)}}, done("IS1"), ""},
		"close, the interaction gone":  {"Twilio removes it after 180 days", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {closing, gone}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, the interaction fails": {"the conversation is left alone, and the next sweep tries again", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {closing, refusal(500, 20500)}}, channel.Outcome{ServiceSID: "IS1"}, "close interaction channel: HTTP 500"},
		"close, busy":                  {"closed is final, so look first", known(closeIt), []exchange{{"GET " + conv1 + newest, message(time.Second)}}, channel.Outcome{ServiceSID: "IS1"}, "a message came in just now"},
		"close, in the second service": {"the interaction is closed once only", known(closeIt), []exchange{{"GET " + conv1 + newest, gone}, {"GET " + conv2 + newest, noMessages}, {closing, "200 {}"}, {"POST " + conv2 + " State=closed", "200 {}"}}, done("IS2"), ""},
		"close, gone":                  {"what does not exist is retired", in("IS1", closeIt), []exchange{{"GET " + conv1 + newest, gone}}, channel.Outcome{Result: channel.Gone}, ""},
		"close, refused":               {"another refusal is none of ours to ignore", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", refusal(400, 50388)}}, channel.Outcome{ServiceSID: "IS1"}, "close conversation: HTTP 400, code 50388"},

		"delete conversation":       {"with its history, so look first", known(deleteConv), []exchange{{"GET " + conv1 + newest, noMessages}, {closing, "200 {}"}, {"DELETE " + conv1, "204 "}}, done("IS1"), ""},
		"delete conversation, busy": {"someone may be writing", deleteConv, []exchange{{"GET " + conv1 + newest, message(0)}}, channel.Outcome{ServiceSID: "IS1"}, "a message came in just now"},
		"delete conversation, down": {"it is reported", deleteConv, []exchange{{"GET " + conv1 + newest, noMessages}, {"DELETE " + conv1, refusal(503, 20503)}}, channel.Outcome{ServiceSID: "IS1"}, "delete conversation: HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := retirer(s).Retire(t.Context(), row.record)
			contains(t, row.reason, err, row.err)
			if busy := strings.Contains(row.err, "just now"); errors.Is(err, retire.ErrBusy) != busy {
				t.Errorf("%s: busy %t, but %v", row.reason, busy, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			s.check(t)
		})
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	chat := in("IS1", channel.Record{SID: "CH1", Backend: channel.Chat})
	conversation := in("IS1", channel.Record{SID: "CH1", Backend: channel.Conversations})
	had := func(p *channel.Previous) channel.Record {
		r := chat
		r.Retirement = &channel.Retirement{Previous: p}
		return r
	}
	for name, row := range map[string]struct {
		reason    string
		record    channel.Record
		exchanges []exchange
		want      retire.Restoration
		err       string
	}{
		"what it had":            {"the values that were overwritten come back", had(&channel.Previous{LongLived: json.RawMessage("true"), Status: json.RawMessage(`"PAUSED"`)}), []exchange{{"GET " + chat1, attributes(retired)}, {"POST " + chat1 + ` Attributes={"long_lived":true,"status":"PAUSED","n":1.10}`, attributes(`{"long_lived":true,"status":"PAUSED","n":1.10}`)}}, retire.PutBack, ""},
		"it had neither":         {"they go again", had(&channel.Previous{}), []exchange{{"GET " + chat1, attributes(retired)}, {"POST " + chat1 + ` Attributes={"n":1.10}`, attributes(`{"n":1.10}`)}}, retire.PutBack, ""},
		"nobody knows":           {"a sweep died before it wrote them down: what every long-lived channel has", chat, []exchange{{"GET " + chat1, attributes(retired)}, {"POST " + chat1 + " Attributes=" + active, attributes(active)}}, retire.PutBack, ""},
		"not retired":            {"nothing to put back", chat, []exchange{{"GET " + chat1, attributes(active)}}, retire.NotNeeded, ""},
		"changed by another":     {"another status is another's doing", chat, []exchange{{"GET " + chat1, attributes(`{"long_lived":false,"status":"PAUSED"}`)}}, retire.NotNeeded, ""},
		"gone":                   {"deleted is final", chat, []exchange{{"GET " + chat1, gone}}, retire.Impossible, ""},
		"no object":              {"what cannot be merged must not be overwritten", chat, []exchange{{"GET " + chat1, attributes("[]")}}, "", "not a JSON object"},
		"down":                   {"it is reported", chat, []exchange{{"GET " + chat1, refusal(500, 20500)}}, "", "fetch channel: HTTP 500"},
		"the update is refused":  {"it is reported", chat, []exchange{{"GET " + chat1, attributes(retired)}, {"POST " + chat1 + " Attributes=" + active, refusal(403, 20403)}}, "", "update channel: HTTP 403"},
		"conversation active":    {"the interrupted sweep had not closed it", conversation, []exchange{{"GET " + conv1, `200 {"state":"active"}`}}, retire.NotNeeded, ""},
		"conversation closed":    {"closed is final", conversation, []exchange{{"GET " + conv1, `200 {"state":"closed"}`}}, retire.Impossible, ""},
		"to be deleted, closed":  {"the interrupted sweep had closed it only: its history is still there", in("IS1", claimed(channel.Conversations, channel.Delete)), []exchange{{"GET " + conv1, `200 {"state":"closed"}`}}, retire.HalfDone, ""},
		"to be closed, closed":   {"closed is final", in("IS1", claimed(channel.Conversations, channel.Close)), []exchange{{"GET " + conv1, `200 {"state":"closed"}`}}, retire.Impossible, ""},
		"conversation gone":      {"deleted is final", conversation, []exchange{{"GET " + conv1, gone}}, retire.Impossible, ""},
		"conversation not known": {"it is reported", conversation, []exchange{{"GET " + conv1, refusal(500, 20500)}}, "", "fetch conversation: HTTP 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := retirer(s).Restore(t.Context(), row.record)
			contains(t, row.reason, err, row.err)
			if err == nil && got != row.want {
				t.Errorf("%s: got %q, want %q", row.reason, got, row.want)
			}
			s.check(t)
		})
	}
}

func contains(t *testing.T, reason string, err error, text string) {
	t.Helper()
	if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got the error %v, want one with %q", reason, err, text)
	}
}
