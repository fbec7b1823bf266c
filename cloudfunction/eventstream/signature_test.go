package eventstream_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

const (
	token   = "0123456789abcdef0123456789abcdef"
	second  = "fedcba9876543210fedcba9876543210"
	hookURL = "https://region-project.cloudfunctions.net/EventStreams"
)

// sign signs as Twilio documents it, written here anew: the code under test must not
// agree with itself.
func sign(key, url string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(url))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// attempt is a request to the webhook. The zero value, after defaults, is an honest one;
// each row of the table differs in one thing.
type attempt struct {
	key    string                          // signed with
	url    string                          // of the sink, signed
	body   string                          // hashed into the signed URL
	sent   string                          // the body that arrives, if not body
	signed func(query string) string       // changes the query before signing
	query  func(query string) string       // changes the query after signing
	header func(signature string) []string // of X-Twilio-Signature
	other  http.Header                     // further headers
}

// refusal sends the attempt and returns the status with which it was turned away, or 0.
func (h hook) refusal(a attempt) int {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, a.request())
	if w.Code != http.StatusForbidden && w.Code != http.StatusTooManyRequests {
		return 0
	}
	return w.Code
}

func (a attempt) request() *http.Request {
	if a.key == "" {
		a.key = token
	}
	if a.url == "" {
		a.url = hookURL
	}
	if a.body == "" {
		a.body = `[{"id":"EZ1"}]`
	}
	if a.sent == "" {
		a.sent = a.body
	}
	base, own, has := strings.Cut(a.url, "?")
	query := "bodySHA256=" + hash(a.body)
	if has {
		query = own + "&" + query
	}
	if a.signed != nil {
		query = a.signed(query)
	}
	signature := sign(a.key, base+"?"+query)
	if a.query != nil {
		query = a.query(query)
	}
	r := httptest.NewRequest(http.MethodPost, "http://behind-a-proxy/?"+query, strings.NewReader(a.sent))
	r.Header["X-Twilio-Signature"] = []string{signature}
	if a.header != nil {
		r.Header["X-Twilio-Signature"] = a.header(signature)
	}
	for name, values := range a.other {
		r.Header[name] = values
	}
	return r
}

func constant(values ...string) func(string) []string { return func(string) []string { return values } }

func replace(from, to string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, from, to) }
}

// padded makes a query that long.
func padded(length int) func(string) string {
	return func(q string) string { return q + "&a=" + strings.Repeat("b", length-len(q)-len("&a=")) }
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		other    = "https://eventstreams-abc-ew.a.run.app/"
		queried  = "https://queried.example/hook?tenant=a&x=1"
		userinfo = "https://user:pass@basic.example/hook"
		ported   = "https://ported.example:8443/hook"
	)
	h := newHookWith(newMemory(), eventstream.Config{Verifier: eventstream.NewVerifier([]string{hookURL, other, queried, userinfo, ported}, []string{token, second})})
	const (
		passes    = 0
		malformed = http.StatusForbidden       // Twilio never sends such a thing
		unknown   = http.StatusTooManyRequests // it may be Twilio, with a token or URL that we do not have
	)
	drop := func(string) string { return "" }
	for name, row := range map[string]struct {
		reason  string
		attempt attempt
		want    int
	}{
		"honest":                  {"what Twilio sends passes", attempt{}, passes},
		"second token":            {"while a token is rotated both sign", attempt{key: second}, passes},
		"second URL":              {"Google gives a function more than one URL", attempt{url: other}, passes},
		"URL with a query":        {"the hash is appended to the sink's own query", attempt{url: queried}, passes},
		"URL with userinfo":       {"Twilio may sign the URL with user and password", attempt{url: userinfo}, passes},
		"userinfo left out":       {"or without", attempt{url: "https://basic.example/hook"}, passes},
		"standard port written":   {"Twilio's back ends differ in writing :443", attempt{url: "https://region-project.cloudfunctions.net:443/EventStreams"}, passes},
		"its own port":            {"a port is part of the URL", attempt{url: ported}, passes},
		"its port left out":       {"Twilio's back ends differ in writing the port", attempt{url: "https://ported.example/hook"}, passes},
		"a large body":            {"the hash covers it all", attempt{body: strings.Repeat("x", 1<<20)}, passes},
		"as long as can be":       {"the bound itself is allowed", attempt{signed: padded(4 << 10)}, passes},
		"bytes that are no UTF-8": {"the hash is over bytes, not text", attempt{body: "[\"\xff\xfe\"]"}, passes},

		"unsigned":                  {"without a signature anyone could be calling", attempt{header: constant()}, malformed},
		"empty signature":           {"empty is none", attempt{header: constant("")}, malformed},
		"not base64":                {"nothing Twilio would send", attempt{header: constant("!!!")}, malformed},
		"the signature cut off":     {"a prefix is not the signature", attempt{header: func(s string) []string { return []string{s[:len(s)-4]} }}, malformed},
		"the signature and more":    {"nor is a longer text", attempt{header: func(s string) []string { return []string{s + "="} }}, malformed},
		"the signature in capitals": {"base64 minds the case", attempt{header: func(s string) []string { return []string{strings.ToUpper(s)} }}, unknown},
		"21 bytes":                  {"SHA-1 has 20", attempt{header: constant(strings.Repeat("A", 28))}, malformed},
		"19 bytes":                  {"SHA-1 has 20", attempt{header: constant(strings.Repeat("A", 25) + "A==")}, malformed},
		"bits beyond the last byte": {"there is one way to write 20 bytes", attempt{header: constant(strings.Repeat("A", 26) + "B=")}, malformed},
		"two signatures":            {"a proxy may look at one and we at the other", attempt{header: func(s string) []string { return []string{s, "x"} }}, malformed},
		"the right one second":      {"two are too many in either order", attempt{header: func(s string) []string { return []string{"x", s} }}, malformed},
		"two in one header":         {"a list is not a signature", attempt{header: func(s string) []string { return []string{s + ", " + s} }}, malformed},
		"in hexadecimal": {"Twilio sends base64", attempt{header: func(s string) []string {
			b, _ := base64.StdEncoding.DecodeString(s)
			return []string{hex.EncodeToString(b)}
		}}, malformed},
		"another's token":            {"an attacker signs with his own account's", attempt{key: "ffffffffffffffffffffffffffffffff"}, unknown},
		"the token in capitals":      {"a token minds the case", attempt{key: strings.ToUpper(token)}, unknown},
		"both tokens at once":        {"each stands for itself", attempt{key: token + second}, unknown},
		"an empty key":               {"an unset token must never be accepted", attempt{header: constant(sign("", hookURL+"?bodySHA256="+hash(`[{"id":"EZ1"}]`)))}, unknown},
		"the account as key":         {"what everybody knows is no secret", attempt{key: "AC00000000000000000000000000000001"}, unknown},
		"another body":               {"a recorded signature with events of one's own", attempt{sent: `[{"id":"EZ2"}]`}, malformed},
		"one space more":             {"the hash is over the very bytes", attempt{sent: `[{"id":"EZ1"} ]`}, malformed},
		"the body cut off":           {"half a delivery is another delivery", attempt{sent: `[{"id":"EZ1"}`}, malformed},
		"a body twice":               {"so is a longer one", attempt{sent: `[{"id":"EZ1"}][{"id":"EZ1"}]`}, malformed},
		"another body and its hash":  {"the hash is part of what is signed", attempt{sent: `[]`, query: func(string) string { return "bodySHA256=" + hash(`[]`) }}, unknown},
		"no hash":                    {"a signature over the URL alone fits any body", attempt{signed: drop}, malformed},
		"no hash, a form":            {"Twilio's other webhooks sign a form's fields instead", attempt{signed: drop, sent: "a=b", header: constant(sign(token, hookURL+"?ab"))}, malformed},
		"an empty hash":              {"empty is none", attempt{signed: func(string) string { return "bodySHA256=" }}, malformed},
		"a hash in capitals":         {"Twilio writes lower case", attempt{signed: func(q string) string { return "bodySHA256=" + strings.ToUpper(strings.TrimPrefix(q, "bodySHA256=")) }}, malformed},
		"the hash in capitals later": {"nothing of the query may change", attempt{query: func(q string) string { return "bodySHA256=" + strings.ToUpper(strings.TrimPrefix(q, "bodySHA256=")) }}, malformed},
		"two hashes, signed":         {"which of them would count?", attempt{signed: func(q string) string { return "bodySHA256=" + hash("other") + "&" + q }}, malformed},
		"two hashes, the first fits": {"which of them would count?", attempt{signed: func(q string) string { return q + "&bodySHA256=" + hash("other") }}, malformed},
		"a second hash":              {"one signed, one for the body", attempt{sent: `[]`, query: func(q string) string { return q + "&bodySHA256=" + hash(`[]`) }}, malformed},
		"a hash before it":           {"one for the body, one signed", attempt{sent: `[]`, query: func(q string) string { return "bodySHA256=" + hash(`[]`) + "&" + q }}, malformed},
		"the hash under another key": {"names mind the case", attempt{signed: replace("bodySHA256", "bodysha256")}, malformed},
		"the key encoded":            {"the same to a parser, another text to a signature", attempt{query: replace("bodySHA256", "body%53HA256")}, unknown},
		"a parameter added":          {"the whole URL is signed", attempt{query: func(q string) string { return q + "&dryRun=1" }}, unknown},
		"a parameter before":         {"the whole URL is signed", attempt{query: func(q string) string { return "a=b&" + q }}, unknown},
		"a semicolon":                {"parsers disagree on it", attempt{query: func(q string) string { return q + ";a=b" }}, malformed},
		"a query a byte too long":    {"the bound is one", attempt{signed: padded(4<<10 + 1)}, malformed},
		"a query without end":        {"nobody has us sign a megabyte", attempt{query: func(q string) string { return q + "&a=" + strings.Repeat("b", 1<<20) }}, malformed},
		"its own query left out":     {"the sink's query is part of its URL", attempt{url: queried, query: replace("tenant=a&x=1&", "")}, unknown},
		"its own query changed":      {"the sink's query is part of its URL", attempt{url: queried, query: replace("tenant=a", "tenant=b")}, unknown},
		"its own query reordered":    {"text is signed, not parameters", attempt{url: queried, query: replace("tenant=a&x=1", "x=1&tenant=a")}, unknown},
		"another query signed":       {"the tenant of another sink", attempt{url: "https://queried.example/hook?tenant=b"}, unknown},
		"no query signed":            {"this sink has one", attempt{url: "https://queried.example/hook"}, unknown},
		"signed for http":            {"only what the sink has", attempt{url: strings.Replace(hookURL, "https", "http", 1)}, unknown},
		"signed for another host":    {"a sink elsewhere with the same account", attempt{url: "https://attacker.example/EventStreams"}, unknown},
		"signed for another path":    {"another function of the project", attempt{url: hookURL + "Other"}, unknown},
		"signed with a slash more":   {"another path", attempt{url: hookURL + "/"}, unknown},
		"signed for another port":    {"another service on that host", attempt{url: "https://region-project.cloudfunctions.net:8443/EventStreams"}, unknown},
		"signed with another user":   {"user and password are part of the URL", attempt{url: "https://other:pass@basic.example/hook"}, unknown},
		"signed for the proxy":       {"the address behind the proxy is not the sink's", attempt{url: "http://behind-a-proxy/"}, unknown},
		"a forwarded host":           {"headers that anyone can set prove nothing", attempt{url: "https://attacker.example/", other: http.Header{"X-Forwarded-Host": {"attacker.example"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=attacker.example"}}}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := h.refusal(row.attempt); got != row.want {
				t.Errorf("%s: got %d, want %d", row.reason, got, row.want)
			}
		})
	}
}

// The vector that Twilio's own libraries are tested with
// (https://github.com/twilio/twilio-go/blob/main/client/request_validator_test.go).
func TestVerifyDocumentedVector(t *testing.T) {
	t.Parallel()
	const body = `{"property": "value", "boolean": true}`
	r := httptest.NewRequest(http.MethodPost, "/?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620", strings.NewReader(body))
	r.Header.Set("X-Twilio-Signature", "y77kIzt2vzLz71DgmJGsen2scGs=")
	verifier := func(token string) eventstream.Config {
		return eventstream.Config{Verifier: eventstream.NewVerifier([]string{"https://mycompany.com/myapp.php"}, []string{token})}
	}
	w := httptest.NewRecorder()
	newHookWith(newMemory(), verifier("12345")).ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("the documented vector is refused with %d", w.Code)
	}
	w = httptest.NewRecorder()
	newHookWith(newMemory(), verifier("12346")).ServeHTTP(w, r)
	if w.Code != http.StatusTooManyRequests {
		t.Errorf("the documented vector is answered %d with another token", w.Code)
	}
}

func TestVerifyWithNothingConfigured(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*eventstream.Verifier{
		"no token": eventstream.NewVerifier([]string{hookURL}, nil),
		"no URL":   eventstream.NewVerifier(nil, []string{token}),
	} {
		if newHookWith(newMemory(), eventstream.Config{Verifier: v}).refusal(attempt{}) != http.StatusTooManyRequests {
			t.Errorf("%s: something passes where nothing can", name)
		}
	}
}

func TestVerifyNoticesAnyChangedByte(t *testing.T) {
	t.Parallel()
	h := newHook(newMemory())
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringN(1, 200, -1).Draw(t, "body")
		changed := []byte(body)
		i := rapid.IntRange(0, len(changed)-1).Draw(t, "byte")
		changed[i] ^= rapid.ByteMin(1).Draw(t, "change")
		if h.refusal(attempt{body: body}) != 0 {
			t.Fatal("the honest request is refused")
		}
		if h.refusal(attempt{body: body, sent: string(changed)}) == 0 {
			t.Fatal("the changed body passes")
		}
	})
}
