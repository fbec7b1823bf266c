package integration

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
)

// request is a delivery to be tampered with.
type request struct {
	method string
	query  string // as it arrives, with its ?
	header http.Header
	body   []byte
}

// capture takes the delivery of a task's first event away from the webhook.
func capture(c *world.Thread) request {
	c.T.Helper()
	var captured request
	c.Deliver = func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		captured = request{r.Method, "?" + r.URL.RawQuery, r.Header.Clone(), body}
		return world.Answer(http.StatusNotFound), err
	}
	c.NewWaitingTask()
	c.Deliver = nil
	if captured.body == nil {
		c.T.Fatalf("there was no delivery")
	}
	return captured
}

func post(w *world.World, r request) int {
	arrived := httptest.NewRequestWithContext(context.Background(), r.method, "http://internal/"+r.query, bytes.NewReader(r.body))
	arrived.Header = r.header
	answer := httptest.NewRecorder()
	w.Webhook.ServeHTTP(answer, arrived)
	return answer.Code
}

// sign signs the request for a URL whose bodySHA256, if it has one, is taken as it is.
func (r *request) sign(token, address string) {
	r.header.Set("X-Twilio-Signature", faketwilio.Sign(token, address, r.body))
	r.query = address[strings.Index(address, "?"):]
}

func TestRequestsThatAreNotTwilios(t *testing.T) {
	t.Parallel()
	const (
		never = http.StatusForbidden       // Twilio does not send such a thing
		maybe = http.StatusTooManyRequests // it may be Twilio's, while our token or URL is wrong
	)
	right := func(w *world.World) string { return w.Settings["TWILIO_AUTH_TOKEN"] }
	other := strings.Repeat("0f", 16)
	const target = world.WebhookURL
	for _, row := range []struct {
		name, reason string
		status       int
		tamper       func(*world.World, *request)
	}{
		{"unsigned", "anybody can find the URL", never, func(_ *world.World, r *request) { r.header.Del("X-Twilio-Signature") }},
		{"empty signature", "an empty header is no signature", never, func(_ *world.World, r *request) { r.header.Set("X-Twilio-Signature", "") }},
		{"two signatures", "a proxy might look at the one and the function at the other", never,
			func(_ *world.World, r *request) { r.header.Add("X-Twilio-Signature", "AAAA") }},
		{"forged", "signed by somebody without the Auth Token", maybe,
			func(_ *world.World, r *request) { r.sign(other, faketwilio.SignedURL(target, r.body)) }},
		{"signed with the API secret", "an API key cannot sign", maybe, func(w *world.World, r *request) {
			r.sign(w.Settings["TWILIO_API_SECRET"], faketwilio.SignedURL(target, r.body))
		}},
		{"tampered body", "the signature covers the URL, and that the body's hash", never,
			func(_ *world.World, r *request) { r.body = bytes.Replace(r.body, []byte("WT"), []byte("WU"), 1) }},
		{"one more space", "the hash is of the raw bytes", never, func(_ *world.World, r *request) { r.body = append(r.body, ' ') }},
		{"no body", "a body that got lost", never, func(_ *world.World, r *request) { r.body = nil }},
		{"mis-hashed", "a valid signature over a hash that is not the body's", never, func(w *world.World, r *request) {
			r.sign(right(w), target+"?bodySHA256="+strings.Repeat("ab", 32))
		}},
		{"hash in upper case", "Twilio writes lower case", never, func(w *world.World, r *request) {
			base, hash, _ := strings.Cut(faketwilio.SignedURL(target, r.body), "bodySHA256=")
			r.sign(right(w), base+"bodySHA256="+strings.ToUpper(hash))
		}},
		{"no hash", "a valid signature over the URL alone would let any body pass", never, func(w *world.World, r *request) {
			r.query, r.body = "?x=1", nil // what a validator for forms takes for signed
			mac := hmac.New(sha1.New, []byte(right(w)))
			mac.Write([]byte(target + r.query))
			r.header.Set("X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		}},
		{"two hashes", "which of them holds?", never, func(w *world.World, r *request) {
			r.sign(right(w), faketwilio.SignedURL(target, r.body)+"&bodySHA256="+strings.Repeat("ab", 32))
		}},
		{"for another URL", "a signature for another webhook of the same account", maybe, func(w *world.World, r *request) {
			r.sign(right(w), faketwilio.SignedURL("https://hooks.example.com/other", r.body))
		}},
		{"for http", "the scheme is part of what is signed", maybe, func(w *world.World, r *request) {
			r.sign(right(w), faketwilio.SignedURL(strings.Replace(target, "https", "http", 1), r.body))
		}},
		{"one more parameter", "the query is part of what is signed", maybe, func(_ *world.World, r *request) { r.query += "&x=1" }},
		{"a header that names the URL", "what a request says of itself proves nothing", maybe, func(w *world.World, r *request) {
			r.sign(right(w), faketwilio.SignedURL("https://evil.example.com/", r.body))
			r.header.Set("X-Original-Webhook-Url", "https://evil.example.com/")
			r.header.Set("X-Forwarded-Host", "evil.example.com")
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			r := capture(w.NewChat())
			genuine := request{r.method, r.query, r.header.Clone(), bytes.Clone(r.body)}
			row.tamper(w, &r)
			want(t, "HTTP status", post(w, r), row.status)
			want(t, "calls to Twilio", w.WebhookWire.Calls(), 0)
			want(t, "records", len(w.Records()), 0)
			want(t, "HTTP status of the genuine one", post(w, genuine), http.StatusOK)
			want(t, "records afterwards", len(w.Records()), 1)
		})
	}
}

func TestTokenRotation(t *testing.T) {
	t.Parallel()
	next := strings.Repeat("0f", 16)
	for _, row := range []struct {
		name, reason string
		own          func(old string) world.Settings
		before       string // outcome of a delivery before Twilio promotes the new token
		after        string
	}{
		{"without a second token", "why there is a second one; a 429 makes Twilio repeat the event for four hours, time to mend it",
			func(string) world.Settings { return nil }, "delivered", "pending"},
		{"new one second", "both are good while the rotation lasts",
			func(string) world.Settings { return world.Settings{"TWILIO_AUTH_TOKEN_SECONDARY": next} }, "delivered", "delivered"},
		{"old one second", "both are good while the rotation lasts", func(old string) world.Settings {
			return world.Settings{"TWILIO_AUTH_TOKEN": next, "TWILIO_AUTH_TOKEN_SECONDARY": old}
		}, "delivered", "delivered"},
		{"old token removed", "after the rotation the old one must not work any more",
			func(string) world.Settings { return world.Settings{"TWILIO_AUTH_TOKEN": next} }, "pending", "delivered"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			for name, value := range row.own(w.Settings["TWILIO_AUTH_TOKEN"]) {
				w.Settings[name] = value
			}
			w.RestartWebhook()
			w.NewChat().NewWaitingTask()
			w.Fake.SetAuthToken(next)
			w.NewChat().NewWaitingTask()
			deliveries := w.Fake.Deliveries()
			want(t, "before", deliveries[0].Outcome, row.before)
			want(t, "after", deliveries[1].Outcome, row.after)
		})
	}
}

func TestWebhookURLs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, urls, sink, reason string
		options                  faketwilio.Unverified
	}{
		{"the second of two", "https://a.example.com/hook,https://b.example.com/", "https://b.example.com/",
			"Google gives a function more than one URL", faketwilio.Unverified{}},
		{"with a query", "https://a.example.com/hook?tenant=7", "https://a.example.com/hook?tenant=7",
			"a sink's URL may have its own query, to which Twilio appends", faketwilio.Unverified{}},
		{"with a user", "https://user:pass@a.example.com/", "https://user:pass@a.example.com/", "the user is sent as Basic auth", faketwilio.Unverified{}},
		{"with a user, signed", "https://user:pass@a.example.com/", "https://user:pass@a.example.com/",
			"whether Twilio signs the user is not documented", faketwilio.Unverified{SignUserinfo: true}},
		{"signed with a port", "https://a.example.com/hook", "https://a.example.com/hook", "whether Twilio signs :443 is not documented",
			faketwilio.Unverified{SignPort: true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorldWith(t, row.reason, world.Settings{"WEBHOOK_URLS": row.urls}, faketwilio.Options{Seed: 1, Unverified: row.options})
			w.Fake.NewSubscription(w.Fake.NewSink(row.sink), eventstream.EventTypes()...)
			w.NewChat().NewWaitingTask()
			deliveries := w.Fake.Deliveries()
			want(t, "deliveries", len(deliveries), 2)
			for _, d := range deliveries {
				want(t, "outcome at "+d.URL, d.Outcome == "delivered", d.URL == row.sink)
			}
		})
	}
}

func TestRequestsOfTheWrongShape(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, reason string
		method, body string
		status       int
	}{
		{"GET", "Event Streams can be told to use GET; then nothing could be verified", http.MethodGet, "[]", http.StatusMethodNotAllowed},
		{"PUT", "only POST", http.MethodPut, "[]", http.StatusMethodNotAllowed},
		{"too large", "a body is read to a limit, whoever signed it", http.MethodPost, "[" + strings.Repeat(" ", eventstream.MaxBody) + "]",
			http.StatusRequestEntityTooLarge},
		{"as large as can be", "the limit itself is allowed", http.MethodPost, "[" + strings.Repeat(" ", eventstream.MaxBody-2) + "]", http.StatusOK},
		{"an empty batch", "nothing to do is no fault", http.MethodPost, "[]", http.StatusOK},
		{"an object", "one event that is not in an array is a delivery of one", http.MethodPost, "{}", http.StatusOK},
		{"not JSON", "a repetition would read the same, so it is dropped", http.MethodPost, "hello", http.StatusBadRequest},
		{"cut short", "a repetition would read the same, so it is dropped", http.MethodPost, `[{"id":"EZ`, http.StatusBadRequest},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			r := request{row.method, "", http.Header{}, []byte(row.body)}
			r.sign(w.Settings["TWILIO_AUTH_TOKEN"], faketwilio.SignedURL(world.WebhookURL, r.body))
			want(t, "HTTP status", post(w, r), row.status)
			want(t, "calls to Twilio", w.WebhookWire.Calls(), 0)
		})
	}
}

func TestSweepRequestsOfTheWrongShape(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, method, body string
		status             int
		reason             string
	}{
		{"GET", http.MethodGet, "", http.StatusMethodNotAllowed, "a link that somebody follows must not retire anything"},
		{"misspelt dryRun", http.MethodPost, `{"dryrun_":true}`, http.StatusBadRequest, "a misspelt dry run must not retire anything"},
		{"a negative limit", http.MethodPost, `{"limit":-1}`, http.StatusBadRequest, "nonsense must not mean everything"},
		{"not JSON", http.MethodPost, `dryRun=true`, http.StatusBadRequest, "a form must not be taken for an empty request"},
		{"two objects", http.MethodPost, `{}{"dryRun":true}`, http.StatusBadRequest, "half of a request must not be acted on"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.reason, nil)
			c := overdue(w, 1)[0]
			w.Fake.Journal().Reset()
			answer := httptest.NewRecorder()
			w.Sweeper.ServeHTTP(answer, httptest.NewRequest(row.method, "/", strings.NewReader(row.body)))
			want(t, "HTTP status", answer.Code, row.status)
			want(t, "calls to Twilio", w.Fake.Journal().Calls(), 0)
			c.MustBe(usable, "afterwards")
		})
	}
}

func TestPoisonEvent(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, "one event that cannot be understood costs none of the others, is never repeated for 4 hours, and can be found by its id", nil,
		faketwilio.Options{Seed: 1, BatchSize: 100})
	first, second := w.NewChat(), w.NewConversation()
	at := w.Fake.Clock().Now()
	sid := w.Fake.NewTask(w.Workspace, first.TaskAttributes())
	w.Fake.Event("com.twilio.taskrouter.task.created", at, map[string]any{"task_sid": sid, "task_attributes": "{not json"})
	w.Fake.Event("com.twilio.taskrouter.task.created", at, map[string]any{"task_sid": sid, "task_attributes": `{"channelSid":"../../etc"}`})
	w.Fake.NewTask(w.Workspace, second.TaskAttributes())
	w.Fake.Flush()
	deliveries := w.Fake.Deliveries()
	want(t, "deliveries", len(deliveries), 1)
	want(t, "events in it", len(deliveries[0].EventIDs), 4)
	want(t, "attempts", len(deliveries[0].Attempts), 1)
	want(t, "outcome", deliveries[0].Outcome, "delivered")
	want(t, "records", len(w.Records()), 2)
	want(t, "phase", first.Record().Tasks[sid].Phase, channel.Open)
	want(t, "quarantined in the log", w.Logs.Last(t, "delivery")["quarantined"].(float64), 2)
	for _, id := range deliveries[0].EventIDs[1:3] {
		want(t, "the log names "+id, strings.Contains(w.Logs.String(), id), true)
	}
}

func TestSinkTest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the sink's test event is acknowledged, and nothing else", nil)
	w.Call(http.MethodPost, "https://events.twilio.com/v1/Sinks/"+w.Sink+"/Test", url.Values{})
	w.Fake.Flush()
	deliveries := w.Fake.Deliveries()
	want(t, "deliveries", len(deliveries), 1)
	want(t, "outcome", deliveries[0].Outcome, "delivered")
	want(t, "calls to Twilio", w.WebhookWire.Calls(), 0)
	want(t, "test_id in the log", w.Logs.Last(t, "test event received")["test_id"] != nil, true)
}
