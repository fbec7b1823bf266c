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
	showing      = "GET flex-api/v1/Interactions/KD1"
	ours         = `200 {"sid":"KD1","routing":{"properties":{"attributes":"{\"conversationSid\":\"CH1\",\"flexInteractionChannelSid\":\"UO1\"}"}}}`
	closing      = "POST " + interaction + ` Status=closed Routing={"status":"closed"}`
)

var gone = refusal(404, 20404)

func retirer(s *script) *retire.Retirer {
	client := twilio.New(twilio.Config{AccountSID: "AC1", Username: "AC1", Password: "secret", Transport: s, Attempts: 1, RequestsPerSecond: 1e6})
	return retire.New(client, []string{"IS1", "IS2"}, 10*time.Minute, func() time.Time { return noon })
}

func claimed(b channel.Backend, d channel.Disposition) channel.Record {
	return channel.Record{SID: "CH1", Backend: b, Claim: &channel.Claim{Run: "run", Target: channel.Target{Backend: b, Disposition: d}}}
}

// in returns the record with a claim that knows the service.
func in(service string, r channel.Record) channel.Record {
	claim := *r.Claim
	claim.ServiceSID = service
	r.Claim = &claim
	return r
}

// had returns the record with a claim that says what the channel had.
func had(f channel.Found, r channel.Record) channel.Record {
	claim := *r.Claim
	claim.Found = &f
	r.Claim = &claim
	return r
}

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

// result is what Retire returns.
type result struct {
	Result  channel.Result
	Service string
}

func TestRetire(t *testing.T) {
	t.Parallel()
	wasActive, inactive := values("true", `"ACTIVE"`), channel.Inactive()
	unseen := claimed(channel.Chat, channel.Deactivate)
	deactivate := had(wasActive, unseen)
	deleteChat := claimed(channel.Chat, channel.Delete)
	closeIt := claimed(channel.Conversations, channel.Close)
	deleteConv := claimed(channel.Conversations, channel.Delete)
	done := func(service string) result { return result{channel.Done, service} }
	already := func(service string) result { return result{channel.Already, service} }
	gone2 := result{Result: channel.Gone}
	failed := func(service string) result { return result{"", service} }
	flipped := func(b channel.Backend, r channel.Record) channel.Record { r.Backend = b; return r }
	moved := func(r channel.Record) channel.Record { r.ServiceSID = "IS2"; return r }
	update := func(text string) string { return "POST " + chat1 + " Attributes=" + text }
	const bare = `{"long_lived":false,"status":"INACTIVE"}`

	for name, row := range map[string]struct {
		reason    string
		record    channel.Record
		exchanges []exchange
		want      result
		err       string
	}{
		"deactivate": {
			"two values change", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), attributes(retired)}}, done("IS1"), "",
		},
		"deactivate, without attributes": {
			"a channel need not have any", had(none, unseen),
			[]exchange{{"GET " + chat1, `200 {"sid":"CH1","attributes":null}`}, {update(bare), attributes(bare)}}, done("IS1"), "",
		},
		"deactivate, already so": {
			"the goal is reached, so nothing is written", deactivate,
			[]exchange{{"GET " + chat1, attributes(retired)}}, already("IS1"), "",
		},
		"deactivate, so before": {
			"the goal is reached, so nothing is written", had(inactive, unseen),
			[]exchange{{"GET " + chat1, attributes(retired)}}, already("IS1"), "",
		},
		"deactivate, already so, not looked at": {
			"the goal is reached, so nothing is written", unseen,
			[]exchange{{"GET " + chat1, attributes(retired)}}, already("IS1"), "",
		},
		"deactivate, half so": {
			"both values must be set, and Twilio may write the same in another way", had(values("false", ""), unseen),
			[]exchange{{"GET " + chat1, attributes(`{"long_lived":false}`)}, {update(bare), attributes(`{"status":"INACTIVE","long_lived": false}`)}}, done("IS1"), "",
		},
		"deactivate, not looked at": {
			"what is overwritten must be in the claim, or a crash would lose it", unseen,
			[]exchange{{"GET " + chat1, attributes(active)}}, failed("IS1"), "in use just now: somebody has changed its attributes",
		},
		"deactivate, changed since it was looked at": {
			"what is overwritten must be in the claim, or a crash would lose it", deactivate,
			[]exchange{{"GET " + chat1, attributes(`{"long_lived":1.0,"status":"ACTIVE"}`)}}, failed("IS1"), "in use just now: somebody has changed its attributes",
		},
		"deactivate, emptied since it was looked at": {
			"what is overwritten must be in the claim, or a crash would lose it", deactivate,
			[]exchange{{"GET " + chat1, attributes(`{}`)}}, failed("IS1"), "in use just now: somebody has changed its attributes",
		},
		"deactivate, active again after an earlier one": {
			"an evidence of inactive is no leave to overwrite what is there now", had(inactive, unseen),
			[]exchange{{"GET " + chat1, attributes(active)}}, failed("IS1"), "in use just now",
		},
		"deactivate, in the second service": {
			"the claim does not know the service yet", deactivate,
			[]exchange{{"GET " + chat1, gone}, {"GET " + chat2, attributes(retired)}}, already("IS2"), "",
		},
		"deactivate, the service known": {
			"no search where it is known", in("IS2", deactivate),
			[]exchange{{"GET " + chat2, attributes(retired)}}, already("IS2"), "",
		},
		"deactivate, the record in another service": {
			"what the claim says counts", in("IS1", moved(deactivate)),
			[]exchange{{"GET " + chat1, attributes(retired)}}, already("IS1"), "",
		},
		"deactivate, the record in a service of its own": {
			"what the claim says counts", moved(deactivate),
			[]exchange{{"GET " + chat1, attributes(retired)}}, already("IS1"), "",
		},
		"deactivate, the service not listed": {
			"what is not listed (any more) is not asked", in("IS9", deactivate),
			[]exchange{{"GET " + chat1, gone}, {"GET " + chat2, attributes(retired)}}, already("IS2"), "",
		},
		"deactivate, gone": {
			"what does not exist is retired", deactivate,
			[]exchange{{"GET " + chat1, gone}, {"GET " + chat2, gone}}, gone2, "",
		},
		"deactivate, gone from its service": {
			"a channel does not change its service", in("IS1", deactivate),
			[]exchange{{"GET " + chat1, gone}}, gone2, "",
		},
		"deactivate, gone while at it": {
			"deleted between the two calls", in("IS1", deactivate),
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), gone}}, gone2, "",
		},
		"deactivate, no object": {
			"what cannot be merged must not be overwritten", deactivate,
			[]exchange{{"GET " + chat1, attributes("Ann")}}, failed("IS1"), "cannot be changed and given back: they are no JSON object",
		},
		"deactivate, a long value": {
			"what does not fit into the claim cannot be given back", deactivate,
			[]exchange{{"GET " + chat1, attributes(`{"status":"` + strings.Repeat("x", 63) + `"}`)}}, failed("IS1"), "cannot be changed and given back: long_lived or status has 65 bytes",
		},
		"deactivate, not taken over": {
			"an answer that shows other values is no success", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), attributes(active)}}, failed("IS1"), "other attributes than were sent",
		},
		"deactivate, an answer without": {
			"an answer that shows no values is no success", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), `200 {"sid":"CH1"}`}}, failed("IS1"), "the answer has no attributes",
		},
		"deactivate, an answer of another kind": {
			"an answer that cannot be read is no success", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), attributes("[]")}}, failed("IS1"), "other attributes than were sent",
		},
		"deactivate, down": {
			"an outage in the first service is no reason to look in the second", deactivate,
			[]exchange{{"GET " + chat1, refusal(500, 20500)}}, failed("IS1"), "fetch channel: HTTP 500",
		},
		"deactivate, too long": {
			"Twilio's refusal is reported with its code", deactivate,
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), refusal(400, 50303)}}, failed("IS1"), "update channel: HTTP 400, code 50303",
		},
		"deactivate, a conversation by now": {
			"what the claim says is done, whatever an event has made of the record", flipped(channel.Conversations, deactivate),
			[]exchange{{"GET " + chat1, attributes(active)}, {update(retired), attributes(retired)}}, done("IS1"), "",
		},

		"deactivate a conversation": {"nothing is done that does not fit", claimed(channel.Conversations, channel.Deactivate), nil, result{}, `its claim says "deactivate", which is nothing that is done to conversations`},
		"close a chat channel":      {"nothing is done that does not fit", claimed(channel.Chat, channel.Close), nil, result{}, `its claim says "close", which is nothing that is done to chat`},
		"an unknown disposition":    {"nothing is done that is not known", claimed(channel.Chat, "explode"), nil, result{}, `its claim says "explode"`},
		"no disposition":            {"a claim to put back is none to retire", claimed(channel.Chat, ""), nil, result{}, `its claim says ""`},
		"delete, of no backend":     {"nothing is done to what is not known", flipped(channel.Chat, claimed("", channel.Delete)), nil, result{}, `its claim says "delete"`},

		"delete chat":                   {"with its history, so look first", deleteChat, []exchange{{"GET " + chat1 + newest, message(time.Hour)}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, no messages":      {"an empty channel is quiet", deleteChat, []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, busy":             {"someone may be writing", deleteChat, []exchange{{"GET " + chat1 + newest, message(10*time.Minute - time.Second)}}, failed("IS1"), "in use just now: a message came in 9m59s ago, and the quiet period is 10m0s"},
		"delete chat, just quiet":       {"the period itself is enough", deleteChat, []exchange{{"GET " + chat1 + newest, message(10 * time.Minute)}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, gone":             {"someone else deleted it", in("IS1", deleteChat), []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, gone}}, gone2, ""},
		"delete chat, messages down":    {"nobody knows whether it is quiet", deleteChat, []exchange{{"GET " + chat1 + newest, refusal(500, 20500)}}, failed("IS1"), "list messages: HTTP 500"},
		"delete chat, a conversation":   {"what the claim says is done, whatever an event has made of the record", flipped(channel.Conversations, deleteChat), []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, "204 "}}, done("IS1"), ""},
		"delete chat, a future message": {"clocks differ, and it is young", deleteChat, []exchange{{"GET " + chat1 + newest, message(-time.Hour)}}, failed("IS1"), "in use just now"},
		"delete chat, refused":          {"it is reported", deleteChat, []exchange{{"GET " + chat1 + newest, noMessages}, {"DELETE " + chat1, refusal(403, 20403)}}, failed("IS1"), "delete channel: HTTP 403"},

		"close":                        {"two requests", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, already so":            {"closed is final, and so a success", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", refusal(400, 50377)}}, already("IS1"), ""},
		"close, the interaction known": {"its channel first, with the routing, or its agent keeps the task", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, `200 {"status":"closed"}`}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, by the interaction":    {"closing the one closed the other: this run did it", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, `200 {"status":"closed"}`}, {"POST " + conv1 + " State=closed", refusal(400, 50377)}}, done("IS1"), ""},
		"close, the interaction gone":  {"Twilio removes it after 180 days", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, gone}, {"POST " + conv1 + " State=closed", `200 {"state":"closed"}`}}, done("IS1"), ""},
		"close, the interaction fails": {"the conversation is left alone, and the next sweep tries again", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, refusal(500, 20500)}}, failed("IS1"), "close interaction channel: HTTP 500"},
		"close, another's interaction": {"a task's attributes may name another customer's", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, strings.ReplaceAll(ours, "CH1", "CH2")}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, another channel of it": {"so may what they say of its channel", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, strings.ReplaceAll(ours, "UO1", "UO2")}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, a bare interaction":    {"where nothing shows whose it is, it is left alone", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, `200 {"routing":null}`}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, no interaction there":  {"Twilio does not know it", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, gone}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, the look at it fails":  {"nobody knows whose it is, so nothing is done in an outage", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, refusal(500, 20500)}}, failed("IS1"), "fetch interaction: HTTP 500"},
		"close, a message of no time":  {"a newest message without a time says nothing", closeIt, []exchange{{"GET " + conv1 + newest, `200 {"messages":[{"sid":"IM1"}],"meta":{}}`}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, a chat by now":         {"what the claim says is done, whatever an event has made of the record", flipped(channel.Chat, closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", "200 {}"}}, done("IS1"), ""},
		"close, already so by another": {"the interaction could not be closed and the conversation was: somebody else did it", known(closeIt), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, refusal(400, 45004)}, {"POST " + conv1 + " State=closed", refusal(400, 50377)}}, already("IS1"), ""},
		"close, gone while at it":      {"deleted between the calls", in("IS1", known(closeIt)), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, "200 {}"}, {"POST " + conv1 + " State=closed", gone}}, gone2, ""},
		"close, messages down":         {"nobody knows whether it is quiet", closeIt, []exchange{{"GET " + conv1 + newest, refusal(500, 20500)}}, failed("IS1"), "list messages: HTTP 500"},
		"close, busy":                  {"closed is final, so look first", known(closeIt), []exchange{{"GET " + conv1 + newest, message(time.Second)}}, failed("IS1"), "in use just now: a message came in"},
		"close, in the second service": {"the interaction is closed once only", known(closeIt), []exchange{{"GET " + conv1 + newest, gone}, {"GET " + conv2 + newest, noMessages}, {showing, ours}, {closing, "200 {}"}, {"POST " + conv2 + " State=closed", "200 {}"}}, done("IS2"), ""},
		"close, gone":                  {"what does not exist is retired", in("IS1", closeIt), []exchange{{"GET " + conv1 + newest, gone}}, gone2, ""},
		"close, refused":               {"another refusal is none of ours to ignore", closeIt, []exchange{{"GET " + conv1 + newest, noMessages}, {"POST " + conv1 + " State=closed", refusal(400, 50388)}}, failed("IS1"), "close conversation: HTTP 400, code 50388"},

		"delete conversation":          {"with its history, so look first", known(deleteConv), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, "200 {}"}, {"DELETE " + conv1, "204 "}}, done("IS1"), ""},
		"delete conversation, busy":    {"someone may be writing", deleteConv, []exchange{{"GET " + conv1 + newest, message(0)}}, failed("IS1"), "in use just now: a message came in"},
		"delete conversation, a chat":  {"what the claim says is done, whatever an event has made of the record", flipped(channel.Chat, deleteConv), []exchange{{"GET " + conv1 + newest, noMessages}, {"DELETE " + conv1, "204 "}}, done("IS1"), ""},
		"delete conversation, gone":    {"someone else deleted it", in("IS1", deleteConv), []exchange{{"GET " + conv1 + newest, noMessages}, {"DELETE " + conv1, gone}}, gone2, ""},
		"delete conversation, refused": {"the interaction's outage leaves it alone", known(deleteConv), []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, refusal(503, 20503)}}, failed("IS1"), "close interaction channel: HTTP 503"},
		"delete conversation, down":    {"it is reported", deleteConv, []exchange{{"GET " + conv1 + newest, noMessages}, {"DELETE " + conv1, refusal(503, 20503)}}, failed("IS1"), "delete conversation: HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			as, service, err := retirer(s).Retire(t.Context(), row.record)
			got := result{as, service}
			contains(t, row.reason, err, row.err)
			if busy := strings.Contains(row.err, "just now"); errors.Is(err, retire.ErrBusy) != busy {
				t.Errorf("%s: busy %t, but %v", row.reason, busy, err)
			}
			if unreadable := strings.Contains(row.err, "given back"); errors.Is(err, retire.ErrUnreadable) != unreadable {
				t.Errorf("%s: unreadable %t, but %v", row.reason, unreadable, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			s.check(t)
		})
	}
}

// Which refusals of the interaction channel mean that there is none to close, and which are
// failures.
func TestInteractionChannelRefuses(t *testing.T) {
	t.Parallel()
	for status, goesOn := range map[int]bool{400: true, 404: true, 409: true, 422: true, 401: false, 403: false, 405: false, 410: false, 429: false, 500: false, 502: false, 503: false} {
		for d, last := range map[channel.Disposition]exchange{
			channel.Close:  {"POST " + conv1 + " State=closed", "200 {}"},
			channel.Delete: {"DELETE " + conv1, "204 "},
		} {
			t.Run(fmt.Sprint(status, " ", d), func(t *testing.T) {
				t.Parallel()
				s := &script{exchanges: []exchange{{"GET " + conv1 + newest, noMessages}, {showing, ours}, {closing, refusal(status, 20000+status)}, last}}
				want, text := result{channel.Done, "IS1"}, ""
				if !goesOn {
					s.exchanges, want, text = s.exchanges[:3], result{"", "IS1"}, fmt.Sprintf("close interaction channel: HTTP %d", status)
				}
				as, service, err := retirer(s).Retire(t.Context(), known(claimed(channel.Conversations, d)))
				contains(t, "the conversation must not stay open, nor be closed in an outage", err, text)
				if got := (result{as, service}); got != want {
					t.Errorf("got %v, want %v", got, want)
				}
				s.check(t)
			})
		}
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	r := channel.Record{SID: "CH1", Backend: channel.Chat}
	inService := func(service string) channel.Record { r := r; r.ServiceSID = service; return r }
	want := func(longLived, status string) *channel.Found { f := values(longLived, status); return &f }
	for name, row := range map[string]struct {
		reason    string
		record    channel.Record
		exchanges []exchange
		want      *channel.Found
		err       string
	}{
		"as usual":              {"what a deactivation would overwrite", r, []exchange{{"GET " + chat1, attributes(active)}}, want("true", `"ACTIVE"`), ""},
		"odd":                   {"the very text", r, []exchange{{"GET " + chat1, attributes(`{"long_lived": 1e999}`)}}, want("1e999", ""), ""},
		"none":                  {"a channel need not have any", r, []exchange{{"GET " + chat1, `200 {"sid":"CH1"}`}}, want("", ""), ""},
		"in the second service": {"one after the other", r, []exchange{{"GET " + chat1, gone}, {"GET " + chat2, attributes(active)}}, want("true", `"ACTIVE"`), ""},
		"the service known":     {"no search where it is known", inService("IS2"), []exchange{{"GET " + chat2, attributes(active)}}, want("true", `"ACTIVE"`), ""},
		"not listed any more":   {"then it is searched for", inService("IS9"), []exchange{{"GET " + chat1, attributes(active)}}, want("true", `"ACTIVE"`), ""},
		"nowhere":               {"there is nothing to overwrite", r, []exchange{{"GET " + chat1, gone}, {"GET " + chat2, gone}}, nil, ""},
		"no object":             {"what cannot be given back is left alone", r, []exchange{{"GET " + chat1, attributes("[]")}}, want("", ""), "cannot be changed and given back"},
		"down":                  {"an outage says nothing", r, []exchange{{"GET " + chat1, refusal(500, 20500)}}, nil, "fetch channel: HTTP 500"},
		"forbidden":             {"a wrong key says nothing", r, []exchange{{"GET " + chat1, refusal(403, 20403)}}, nil, "fetch channel: HTTP 403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := retirer(s).Inspect(t.Context(), row.record)
			contains(t, row.reason, err, row.err)
			if unreadable := strings.Contains(row.err, "given back"); errors.Is(err, retire.ErrUnreadable) != unreadable {
				t.Errorf("%s: unreadable %t, but %v", row.reason, unreadable, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			s.check(t)
		})
	}
}

// A service that Twilio does not know says nothing of its channels.
func TestCheckServices(t *testing.T) {
	t.Parallel()
	const there = `200 {"sid":"IS1"}`
	for backend, path := range map[channel.Backend]string{channel.Chat: "GET chat/v2/Services/", channel.Conversations: "GET conversations/v1/Services/"} {
		for name, row := range map[string]struct {
			reason  string
			answers []string
			unknown bool
			err     string
		}{
			"both there":          {"one request for each", []string{there, there}, false, ""},
			"the first unknown":   {"it is named, with its setting", []string{gone}, true, "Twilio does not know the chat service IS1: look at CHAT_SERVICE_SIDS"},
			"the second unknown":  {"each counts", []string{there, gone}, true, "Twilio does not know the chat service IS2"},
			"the first forbidden": {"a wrong key says nothing of the service", []string{refusal(403, 20403)}, false, "fetch chat service: HTTP 403"},
			"the second down":     {"an outage says nothing of the service", []string{there, refusal(500, 20500)}, false, "fetch chat service: HTTP 500"},
		} {
			t.Run(string(backend)+", "+name, func(t *testing.T) {
				t.Parallel()
				s := &script{}
				for i, answer := range row.answers {
					s.exchanges = append(s.exchanges, exchange{fmt.Sprintf("%sIS%d", path, i+1), answer})
				}
				err := retirer(s).CheckServices(t.Context(), backend)
				contains(t, row.reason, err, row.err)
				if errors.Is(err, retire.ErrService) != row.unknown {
					t.Errorf("%s: unknown %t, but %v", row.reason, row.unknown, err)
				}
				s.check(t)
			})
		}
	}
}

func TestRestore(t *testing.T) {
	t.Parallel()
	chat := in("IS1", claimed(channel.Chat, channel.Deactivate))
	was := func(longLived, status string) channel.Record { return had(values(longLived, status), chat) }
	wasActive := was("true", `"ACTIVE"`)
	deleteChat := in("IS1", claimed(channel.Chat, channel.Delete))
	closeIt := in("IS1", claimed(channel.Conversations, channel.Close))
	deleteConv := in("IS1", claimed(channel.Conversations, channel.Delete))
	anywhere := in("", wasActive)
	flipped := wasActive
	flipped.Backend = channel.Conversations
	update := func(text string) string { return "POST " + chat1 + " Attributes=" + text }
	const odd = `{"long_lived":1.0,"status":"PAUSED","n":1.10}`
	for name, row := range map[string]struct {
		reason    string
		record    channel.Record
		exchanges []exchange
		want      retire.Restoration
		err       string
	}{
		"what it had":             {"the very text comes back", was("1.0", `"PAUSED"`), []exchange{{"GET " + chat1, attributes(retired)}, {update(odd), attributes(odd)}}, retire.Restored, ""},
		"what Twilio spells anew": {"the two values count", was("1.0", `"PAUSED"`), []exchange{{"GET " + chat1, attributes(retired)}, {update(odd), attributes(`{"status":"PAUSED","long_lived":1.0}`)}}, retire.Restored, ""},
		"it had neither":          {"they go again", was("", ""), []exchange{{"GET " + chat1, attributes(retired)}, {update(`{"n":1.10}`), attributes(`{"n":1.10}`)}}, retire.Restored, ""},
		"it had one":              {"the other goes again", was("true", ""), []exchange{{"GET " + chat1, attributes(retired)}, {update(`{"long_lived":true,"n":1.10}`), attributes(`{"long_lived":true,"n":1.10}`)}}, retire.Restored, ""},
		"nobody looked":           {"what flexsweep never changed it never changes back", chat, []exchange{{"GET " + chat1, attributes(retired)}}, retire.NotNeeded, ""},
		"inactive before":         {"what flexsweep never changed it never changes back", was("false", `"INACTIVE"`), []exchange{{"GET " + chat1, attributes(retired)}}, retire.NotNeeded, ""},
		"not retired":             {"nothing to put back", wasActive, []exchange{{"GET " + chat1, attributes(active)}}, retire.NotNeeded, ""},
		"changed by another":      {"another status is another's doing", wasActive, []exchange{{"GET " + chat1, attributes(`{"long_lived":false,"status":"PAUSED"}`)}}, retire.NotNeeded, ""},
		"a conversation by now":   {"what was done is undone, whatever an event has made of the record", flipped, []exchange{{"GET " + chat1, attributes(retired)}, {update(active), attributes(active)}}, retire.Restored, ""},
		"in the second service":   {"nobody knows the service yet", anywhere, []exchange{{"GET " + chat1, gone}, {"GET " + chat2, attributes(active)}}, retire.NotNeeded, ""},
		"nowhere":                 {"it cannot be put back", anywhere, []exchange{{"GET " + chat1, gone}, {"GET " + chat2, gone}}, retire.Lost, ""},
		"gone":                    {"somebody deleted what should be kept", wasActive, []exchange{{"GET " + chat1, gone}}, retire.Lost, ""},
		"gone while at it":        {"somebody deleted what should be kept", wasActive, []exchange{{"GET " + chat1, attributes(retired)}, {update(active), gone}}, retire.Lost, ""},
		"no object":               {"what cannot be merged must not be overwritten", wasActive, []exchange{{"GET " + chat1, attributes("[]")}}, "", "no JSON object"},
		"down":                    {"it is reported", wasActive, []exchange{{"GET " + chat1, refusal(500, 20500)}}, "", "fetch channel: HTTP 500"},
		"the update is refused":   {"it is reported", wasActive, []exchange{{"GET " + chat1, attributes(retired)}, {update(active), refusal(403, 20403)}}, "", "update channel: HTTP 403"},
		"not taken over":          {"an answer that shows other values is no success", wasActive, []exchange{{"GET " + chat1, attributes(retired)}, {update(active), attributes(retired)}}, "", "other attributes than were sent"},
		"chat to be deleted":      {"the interrupted sweep had not deleted it, and changes no attribute", deleteChat, []exchange{{"GET " + chat1, attributes(retired)}}, retire.NotNeeded, ""},
		"chat deleted":            {"deleted is final", deleteChat, []exchange{{"GET " + chat1, gone}}, retire.Final, ""},
		"conversation active":     {"the interrupted sweep had not closed it", closeIt, []exchange{{"GET " + conv1, `200 {"state":"active"}`}}, retire.NotNeeded, ""},
		"conversation, no state":  {"nothing says that it is closed", closeIt, []exchange{{"GET " + conv1, `200 {}`}}, retire.NotNeeded, ""},
		"conversation closed":     {"closed is final", closeIt, []exchange{{"GET " + conv1, `200 {"state":"closed"}`}}, retire.Final, ""},
		"conversation gone":       {"somebody deleted what was to be closed", closeIt, []exchange{{"GET " + conv1, gone}}, retire.Lost, ""},
		"to be deleted, active":   {"the interrupted sweep had done nothing", deleteConv, []exchange{{"GET " + conv1, `200 {"state":"active"}`}}, retire.NotNeeded, ""},
		"to be deleted, closed":   {"the interrupted sweep had closed it only: its history is still there", deleteConv, []exchange{{"GET " + conv1, `200 {"state":"closed"}`}}, retire.HalfDone, ""},
		"deleted":                 {"deleted is final", deleteConv, []exchange{{"GET " + conv1, gone}}, retire.Final, ""},
		"conversation not known":  {"it is reported", closeIt, []exchange{{"GET " + conv1, refusal(500, 20500)}}, "", "fetch conversation: HTTP 500"},
		"a claim without a word":  {"nothing was to be done, so nothing is to be undone", in("IS1", claimed("", "")), nil, retire.NotNeeded, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{exchanges: row.exchanges}
			got, err := retirer(s).Restore(t.Context(), row.record)
			contains(t, row.reason, err, row.err)
			if got != row.want {
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
