package twilio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	chat "github.com/twilio/twilio-go/rest/chat/v2"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"
	flex "github.com/twilio/twilio-go/rest/flex/v1"
	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

const (
	account = "AC00000000000000000000000000000001"
	service = "IS00000000000000000000000000000001"
	ch      = "CH00000000000000000000000000000001"
)

// answer is one answer of the stub: a status with its body, or a broken connection.
type answer struct {
	status int
	body   string
	header http.Header
	torn   bool // the body breaks off
	err    error
}

var (
	reset = answer{err: errors.New("connection reset by peer")}
	ok    = answer{status: http.StatusOK, body: `{"revision":"1"}`}
)

func refusal(status int) answer {
	return answer{status: status, body: fmt.Sprintf(`{"code":%d,"message":"no","more_info":"","status":%d}`, 20000+status, status)}
}

// stub answers requests with the given answers in turn, the last one for ever.
type stub struct {
	answers  []answer
	requests []*http.Request
	bodies   []string
}

func (s *stub) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, body)
	a := s.answers[min(len(s.requests), len(s.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	header := a.header
	if header == nil {
		header = http.Header{}
	}
	content := io.Reader(strings.NewReader(a.body))
	if a.torn {
		content = io.MultiReader(content, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(content), Request: r}, nil
}

// pauses notes the pauses that are asked for, and takes none.
type pauses []time.Duration

func (p *pauses) sleep(_ context.Context, d time.Duration) error {
	*p = append(*p, d)
	return nil
}

// newClient returns a client over the stub whose jitter is always three quarters.
func newClient(s *stub, p *pauses) *twilio.Client {
	return twilio.New(twilio.Config{
		AccountSID: account, Username: account, Password: "secret", RequestsPerSecond: 1e6,
		Transport: s, Sleep: p.sleep, Jitter: func() float64 { return 0.75 },
	})
}

// operations are the calls that flexsweep makes.
var operations = map[string]func(*twilio.Client, context.Context) error{
	"fetch document": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Sync(ctx).FetchDocument(service, "flexsweep-"+ch)
		return err
	},
	"create document": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Sync(ctx).CreateDocument(service, new(sync.CreateDocumentParams).SetUniqueName("flexsweep-"+ch).SetData(map[string]int{"a": 1}))
		return err
	},
	"update document": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Sync(ctx).UpdateDocument(service, "flexsweep-"+ch, new(sync.UpdateDocumentParams).SetIfMatch("1").SetTtl(5))
		return err
	},
	"update document unconditionally": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Sync(ctx).UpdateDocument(service, "flexsweep-"+ch, new(sync.UpdateDocumentParams).SetTtl(5))
		return err
	},
	"fetch channel": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Chat(ctx).FetchChannel(service, ch)
		return err
	},
	"update channel": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Chat(ctx).UpdateChannel(service, ch, new(chat.UpdateChannelParams).SetAttributes("{}"))
		return err
	},
	"delete channel": func(c *twilio.Client, ctx context.Context) error {
		return c.Chat(ctx).DeleteChannel(service, ch, nil)
	},
	"close conversation": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Conversations(ctx).UpdateServiceConversation(service, ch, new(conversations.UpdateServiceConversationParams).SetState("closed"))
		return err
	},
	"close interaction channel": func(c *twilio.Client, ctx context.Context) error {
		_, err := c.Flex(ctx).UpdateInteractionChannel("KD1", "UO1", new(flex.UpdateInteractionChannelParams).SetStatus("closed"))
		return err
	},
}

func TestWhatIsSentAgain(t *testing.T) {
	t.Parallel()
	const unsafe = "another writer's change may be there to be lost"
	type row struct {
		reason string
		again  bool
	}
	// After a 5xx or a broken connection, the request may have taken effect.
	uncertain := map[string]row{
		"fetch document":                  {"reading changes nothing", true},
		"create document":                 {"the second one is refused: the name is taken", true},
		"update document":                 {"the second one is refused: the revision has changed", true},
		"update document unconditionally": {unsafe, false},
		"fetch channel":                   {"reading changes nothing", true},
		"update channel":                  {unsafe, false},
		"delete channel":                  {"the second one finds nothing to delete", true},
		"close conversation":              {"closed is closed", true},
		"close interaction channel":       {"closed is closed", true},
	}
	rows := map[string]row{}
	for operation, r := range uncertain {
		for _, status := range []string{"500", "502", "503", "504", "reset"} {
			rows[operation+" "+status] = r
		}
		rows[operation+" 429"] = row{"a 429 was never processed", true}
		for _, status := range []string{"400", "401", "403", "404", "409", "412"} {
			rows[operation+" "+status] = row{"a refusal is an answer", false}
		}
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := strings.LastIndex(name, " ")
			first := reset
			if name[i+1:] != "reset" {
				var status int
				if _, err := fmt.Sscan(name[i+1:], &status); err != nil {
					t.Fatal(err)
				}
				first = refusal(status)
			}
			s, p := &stub{answers: []answer{first, ok}}, &pauses{}
			err := operations[name[:i]](newClient(s, p), t.Context())
			if again := len(s.requests) == 2; again != row.again || (err == nil) != row.again {
				t.Errorf("%s: sent %d times, and %v", row.reason, len(s.requests), err)
			}
			if row.again && s.bodies[0] != s.bodies[1] {
				t.Errorf("the second body is %q, the first was %q", s.bodies[1], s.bodies[0])
			}
			if len(*p) != len(s.requests)-1 {
				t.Errorf("%d requests with %d pauses", len(s.requests), len(*p))
			}
		})
	}
}

func TestPauses(t *testing.T) {
	t.Parallel()
	after := func(value string) answer {
		a := refusal(http.StatusTooManyRequests)
		a.header = http.Header{"Retry-After": {value}}
		return a
	}
	const ms = time.Millisecond
	for name, row := range map[string]struct {
		reason   string
		answers  []answer
		want     pauses
		requests int
		err      bool
	}{
		"back-off doubles":        {"three quarters of 200 ms, and twice as much each time", []answer{reset}, pauses{150 * ms, 300 * ms, 600 * ms}, 4, true},
		"until it works":          {"no pause after a success", []answer{refusal(503), ok}, pauses{150 * ms}, 2, false},
		"Retry-After":             {"what Twilio asks for wins", []answer{after("3"), ok}, pauses{3 * time.Second}, 2, false},
		"Retry-After zero":        {"at once is an answer too", []answer{after("0"), ok}, pauses{0}, 2, false},
		"Retry-After on a 503":    {"whatever the status", []answer{{status: 503, header: http.Header{"Retry-After": {"2"}}}, ok}, pauses{2 * time.Second}, 2, false},
		"Retry-After a date":      {"not understood, so back-off", []answer{after("Wed, 21 Oct 2026 07:28:00 GMT"), ok}, pauses{150 * ms}, 2, false},
		"Retry-After negative":    {"not understood, so back-off", []answer{after("-1"), ok}, pauses{150 * ms}, 2, false},
		"Retry-After of 30 s":     {"the longest that is waited for", []answer{after("30"), ok}, pauses{30 * time.Second}, 2, false},
		"Retry-After of an hour":  {"a claim's lease must not run out meanwhile: the next sweep tries again", []answer{after("3600"), ok}, nil, 1, true},
		"429 for ever":            {"there is an end to it", []answer{refusal(429)}, pauses{150 * ms, 300 * ms, 600 * ms}, 4, true},
		"a broken answer":         {"half an answer is none", []answer{{status: 200, body: `{"sid"`, torn: true}, ok}, pauses{150 * ms}, 2, false},
		"a refusal is not broken": {"no second try", []answer{refusal(404)}, nil, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p := &stub{answers: row.answers}, &pauses{}
			err := operations["fetch channel"](newClient(s, p), t.Context())
			if !slices.Equal(row.want, *p) || len(s.requests) != row.requests || (err != nil) != row.err {
				t.Errorf("%s: %d requests, pauses %v, %v; want %d, %v", row.reason, len(s.requests), *p, err, row.requests, row.want)
			}
		})
	}
}

func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stub{answers: []answer{reset}}
	c := twilio.New(twilio.Config{
		AccountSID: account, Username: account, Password: "secret", Transport: s,
		Sleep: func(ctx context.Context, _ time.Duration) error { cancel(); return ctx.Err() },
	})
	err := operations["fetch channel"](c, ctx)
	if err == nil || len(s.requests) != 1 {
		t.Errorf("%d requests, %v: a call must end with its context", len(s.requests), err)
	}
	if err := operations["fetch channel"](c, ctx); !errors.Is(err, context.Canceled) || len(s.requests) != 1 {
		t.Errorf("%d requests, %v: nothing may be sent after the end", len(s.requests), err)
	}
}

// Whoever has less time left than Twilio asks for is told so at once: the webhook answers
// 503 instead of holding the delivery until its deadline.
func TestNoPauseBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	after := func(seconds string) answer {
		return answer{status: 429, body: `{"code":20429,"message":"no","status":429}`, header: http.Header{"Retry-After": {seconds}}}
	}
	for name, row := range map[string]struct {
		reason string
		asked  string
		bound  time.Duration
		want   pauses
	}{
		"asked for more than is left": {"the pause would never end", "30", 25 * time.Second, nil},
		"asked for less":              {"there is time to try again", "1", 25 * time.Second, pauses{time.Second}},
		"without a deadline":          {"a sweep waits as long as it must", "30", 0, pauses{30 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, p, ctx := &stub{answers: []answer{after(row.asked), ok}}, &pauses{}, t.Context()
			if row.bound > 0 {
				bounded, cancel := context.WithTimeout(ctx, row.bound)
				defer cancel()
				ctx = bounded
			}
			err := operations["fetch document"](newClient(s, p), ctx)
			if !slices.Equal(row.want, *p) || (err != nil) != (row.want == nil) {
				t.Errorf("%s: pauses %v, %v; want %v", row.reason, *p, err, row.want)
			}
		})
	}
}

// The rate is shared by all calls of a client: the one that would have to wait longer
// than its deadline is not sent at all.
func TestRateIsShared(t *testing.T) {
	t.Parallel()
	s := &stub{answers: []answer{ok}}
	c := twilio.New(twilio.Config{
		AccountSID: account, Username: account, Password: "secret", RequestsPerSecond: 0.001,
		Transport: s, Sleep: new(pauses).sleep,
	})
	if err := operations["fetch channel"](c, t.Context()); err != nil {
		t.Fatalf("the first request: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // the next one is due in 1,000 s
	defer cancel()
	if err := operations["fetch document"](c, ctx); err == nil || !strings.Contains(err.Error(), "wait for the request rate") || len(s.requests) != 1 {
		t.Errorf("%d requests, %v: the second had to wait", len(s.requests), err)
	}
}

func TestEachAttemptHasADeadline(t *testing.T) {
	t.Parallel()
	var left []bool
	s := roundTrip(func(r *http.Request) (*http.Response, error) {
		_, has := r.Context().Deadline()
		left = append(left, has)
		return nil, context.DeadlineExceeded
	})
	c := twilio.New(twilio.Config{AccountSID: account, Username: account, Password: "secret", Transport: s, Sleep: new(pauses).sleep, Attempts: 2})
	err := operations["fetch channel"](c, t.Context())
	if !slices.Equal(left, []bool{true, true}) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadlines %v, %v: an attempt that hangs must not use up the others", left, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMeterCounts(t *testing.T) {
	t.Parallel()
	s := &stub{answers: []answer{refusal(503), ok}}
	c := newClient(s, &pauses{})
	counted, n := twilio.WithMeter(t.Context())
	other, m := twilio.WithMeter(t.Context())
	for _, ctx := range []context.Context{counted, other, t.Context()} {
		if err := operations["fetch channel"](c, ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n.Calls() != 2 || m.Calls() != 1 {
		t.Errorf("counted %d and %d: each attempt counts, and only its own context's", n.Calls(), m.Calls())
	}
}

// What Twilio's answers say of the time is compared with our clock.
func TestMeterTellsTwiliosTime(t *testing.T) {
	t.Parallel()
	dated := func(status int, date string) answer {
		return answer{status: status, body: `{"status":` + fmt.Sprint(status) + `}`, header: http.Header{"Date": {date}}}
	}
	const first, second = "Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 01 Mar 2026 12:00:07 GMT"
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		reason  string
		answers []answer
		want    time.Time
	}{
		"an answer":         {"it has the time", []answer{dated(200, first)}, noon},
		"a refusal":         {"it has the time, too", []answer{dated(404, first)}, noon},
		"two answers":       {"the latest counts", []answer{dated(503, first), dated(200, second)}, noon.Add(7 * time.Second)},
		"then none":         {"the latest that said so counts", []answer{dated(503, first), ok}, noon},
		"then no date":      {"the latest that can be read counts", []answer{dated(503, first), dated(200, "yesterday")}, noon},
		"no answer":         {"nobody said anything", []answer{reset}, time.Time{}},
		"a zone in figures": {"not the form of a Date header", []answer{dated(200, "2026-03-01T12:00:00Z")}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, m := twilio.WithMeter(t.Context())
			_ = operations["fetch channel"](newClient(&stub{answers: row.answers}, &pauses{}), ctx)
			if got, said := m.Date(); said != !row.want.IsZero() || said && (!got.Equal(row.want) || got.Location() != time.UTC) {
				t.Errorf("%s: %v, %t; want %v", row.reason, got, said, row.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	fake := &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	for name, row := range map[string]struct {
		reason string
		base   *url.URL
		want   string
	}{
		"Twilio": {"the product's own host", nil, "https://chat.twilio.com chat.twilio.com"},
		"a fake": {"its address, with the product in the Host header", fake, "http://127.0.0.1:8080 chat.twilio.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stub{answers: []answer{ok}}
			c := twilio.New(twilio.Config{AccountSID: account, Username: "SK1", Password: "secret", BaseURL: row.base, Transport: s})
			if err := operations["fetch channel"](c, t.Context()); err != nil {
				t.Fatal(err)
			}
			r := s.requests[0]
			if got := r.URL.Scheme + "://" + r.URL.Host + " " + r.Host; got != row.want {
				t.Errorf("%s: got %s", row.reason, got)
			}
			if user, password, _ := r.BasicAuth(); user != "SK1" || password != "secret" {
				t.Errorf("credentials %s:%s", user, password)
			}
			if want := "/v2/Services/" + service + "/Channels/" + ch; r.URL.Path != want {
				t.Errorf("path %s, want %s", r.URL.Path, want)
			}
		})
	}
}

func TestUpdateIsConditional(t *testing.T) {
	t.Parallel()
	s := &stub{answers: []answer{ok}}
	if err := operations["update document"](newClient(s, &pauses{}), t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"1"}, s.requests[0].Header.Values("If-Match")); d != "" {
		t.Errorf("If-Match (-want +got):\n%s", d)
	}
}
