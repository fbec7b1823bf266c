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

func (a attempt) request() (*http.Request, []byte) {
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
	return r, []byte(a.sent)
}

func constant(values ...string) func(string) []string { return func(string) []string { return values } }

func replace(from, to string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, from, to) }
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		other    = "https://eventstreams-abc-ew.a.run.app/"
		queried  = "https://queried.example/hook?tenant=a&x=1"
		userinfo = "https://user:pass@basic.example/hook"
		ported   = "https://ported.example:8443/hook"
	)
	verifier := eventstream.NewVerifier([]string{hookURL, other, queried, userinfo, ported}, []string{token, second})
	drop := func(string) string { return "" }
	for name, row := range map[string]struct {
		reason  string
		attempt attempt
		want    bool
	}{
		"honest":                  {"what Twilio sends passes", attempt{}, true},
		"second token":            {"while a token is rotated both sign", attempt{key: second}, true},
		"second URL":              {"Google gives a function more than one URL", attempt{url: other}, true},
		"URL with a query":        {"the hash is appended to the sink's own query", attempt{url: queried}, true},
		"URL with userinfo":       {"Twilio may sign the URL with user and password", attempt{url: userinfo}, true},
		"userinfo left out":       {"or without", attempt{url: "https://basic.example/hook"}, true},
		"standard port written":   {"Twilio's back ends differ in writing :443", attempt{url: "https://region-project.cloudfunctions.net:443/EventStreams"}, true},
		"its own port":            {"a port is part of the URL", attempt{url: ported}, true},
		"its port left out":       {"Twilio's back ends differ in writing the port", attempt{url: "https://ported.example/hook"}, true},
		"a large body":            {"the hash covers it all", attempt{body: strings.Repeat("x", 1<<20)}, true},
		"bytes that are no UTF-8": {"the hash is over bytes, not text", attempt{body: "[\"\xff\xfe\"]"}, true},

		"unsigned":                  {"without a signature anyone could be calling", attempt{header: constant()}, false},
		"empty signature":           {"empty is none", attempt{header: constant("")}, false},
		"not base64":                {"nothing Twilio would send", attempt{header: constant("!!!")}, false},
		"the signature cut off":     {"a prefix is not the signature", attempt{header: func(s string) []string { return []string{s[:len(s)-4]} }}, false},
		"the signature and more":    {"nor is a longer text", attempt{header: func(s string) []string { return []string{s + "="} }}, false},
		"the signature in capitals": {"base64 minds the case", attempt{header: func(s string) []string { return []string{strings.ToUpper(s)} }}, false},
		"two signatures":            {"a proxy may look at one and we at the other", attempt{header: func(s string) []string { return []string{s, "x"} }}, false},
		"the right one second":      {"two are too many in either order", attempt{header: func(s string) []string { return []string{"x", s} }}, false},
		"two in one header":         {"a list is not a signature", attempt{header: func(s string) []string { return []string{s + ", " + s} }}, false},
		"in hexadecimal": {"Twilio sends base64", attempt{header: func(s string) []string {
			b, _ := base64.StdEncoding.DecodeString(s)
			return []string{hex.EncodeToString(b)}
		}}, false},
		"another's token":            {"an attacker signs with his own account's", attempt{key: "ffffffffffffffffffffffffffffffff"}, false},
		"the token in capitals":      {"a token minds the case", attempt{key: strings.ToUpper(token)}, false},
		"both tokens at once":        {"each stands for itself", attempt{key: token + second}, false},
		"an empty key":               {"an unset token must never be accepted", attempt{header: constant(sign("", hookURL+"?bodySHA256="+hash(`[{"id":"EZ1"}]`)))}, false},
		"the account as key":         {"what everybody knows is no secret", attempt{key: "AC00000000000000000000000000000001"}, false},
		"another body":               {"a recorded signature with events of one's own", attempt{sent: `[{"id":"EZ2"}]`}, false},
		"one space more":             {"the hash is over the very bytes", attempt{sent: `[{"id":"EZ1"} ]`}, false},
		"the body cut off":           {"half a delivery is another delivery", attempt{sent: `[{"id":"EZ1"}`}, false},
		"a body twice":               {"so is a longer one", attempt{sent: `[{"id":"EZ1"}][{"id":"EZ1"}]`}, false},
		"another body and its hash":  {"the hash is part of what is signed", attempt{sent: `[]`, query: func(string) string { return "bodySHA256=" + hash(`[]`) }}, false},
		"no hash":                    {"a signature over the URL alone fits any body", attempt{signed: drop}, false},
		"no hash, a form":            {"Twilio's other webhooks sign a form's fields instead", attempt{signed: drop, sent: "a=b", header: constant(sign(token, hookURL+"?ab"))}, false},
		"an empty hash":              {"empty is none", attempt{signed: func(string) string { return "bodySHA256=" }}, false},
		"a hash in capitals":         {"Twilio writes lower case", attempt{signed: func(q string) string { return "bodySHA256=" + strings.ToUpper(strings.TrimPrefix(q, "bodySHA256=")) }}, false},
		"the hash in capitals later": {"nothing of the query may change", attempt{query: func(q string) string { return "bodySHA256=" + strings.ToUpper(strings.TrimPrefix(q, "bodySHA256=")) }}, false},
		"two hashes, signed":         {"which of them would count?", attempt{signed: func(q string) string { return "bodySHA256=" + hash("other") + "&" + q }}, false},
		"two hashes, the first fits": {"which of them would count?", attempt{signed: func(q string) string { return q + "&bodySHA256=" + hash("other") }}, false},
		"a second hash":              {"one signed, one for the body", attempt{sent: `[]`, query: func(q string) string { return q + "&bodySHA256=" + hash(`[]`) }}, false},
		"a hash before it":           {"one for the body, one signed", attempt{sent: `[]`, query: func(q string) string { return "bodySHA256=" + hash(`[]`) + "&" + q }}, false},
		"the hash under another key": {"names mind the case", attempt{signed: replace("bodySHA256", "bodysha256")}, false},
		"the key encoded":            {"the same to a parser, another text to a signature", attempt{query: replace("bodySHA256", "body%53HA256")}, false},
		"a parameter added":          {"the whole URL is signed", attempt{query: func(q string) string { return q + "&dryRun=1" }}, false},
		"a parameter before":         {"the whole URL is signed", attempt{query: func(q string) string { return "a=b&" + q }}, false},
		"a semicolon":                {"parsers disagree on it", attempt{query: func(q string) string { return q + ";a=b" }}, false},
		"its own query left out":     {"the sink's query is part of its URL", attempt{url: queried, query: replace("tenant=a&x=1&", "")}, false},
		"its own query changed":      {"the sink's query is part of its URL", attempt{url: queried, query: replace("tenant=a", "tenant=b")}, false},
		"its own query reordered":    {"text is signed, not parameters", attempt{url: queried, query: replace("tenant=a&x=1", "x=1&tenant=a")}, false},
		"another query signed":       {"the tenant of another sink", attempt{url: "https://queried.example/hook?tenant=b"}, false},
		"no query signed":            {"this sink has one", attempt{url: "https://queried.example/hook"}, false},
		"signed for http":            {"only what the sink has", attempt{url: strings.Replace(hookURL, "https", "http", 1)}, false},
		"signed for another host":    {"a sink elsewhere with the same account", attempt{url: "https://attacker.example/EventStreams"}, false},
		"signed for another path":    {"another function of the project", attempt{url: hookURL + "Other"}, false},
		"signed with a slash more":   {"another path", attempt{url: hookURL + "/"}, false},
		"signed for another port":    {"another service on that host", attempt{url: "https://region-project.cloudfunctions.net:8443/EventStreams"}, false},
		"signed with another user":   {"user and password are part of the URL", attempt{url: "https://other:pass@basic.example/hook"}, false},
		"signed for the proxy":       {"the address behind the proxy is not the sink's", attempt{url: "http://behind-a-proxy/"}, false},
		"a forwarded host":           {"headers that anyone can set prove nothing", attempt{url: "https://attacker.example/", other: http.Header{"X-Forwarded-Host": {"attacker.example"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {"host=attacker.example"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := verifier.Verify(row.attempt.request()); got != row.want {
				t.Errorf("%s: got %t, want %t", row.reason, got, row.want)
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
	const url = "https://mycompany.com/myapp.php"
	if !eventstream.NewVerifier([]string{url}, []string{"12345"}).Verify(r, []byte(body)) {
		t.Error("the documented vector is refused")
	}
	if eventstream.NewVerifier([]string{url}, []string{"12346"}).Verify(r, []byte(body)) {
		t.Error("the documented vector passes with another token")
	}
}

func TestVerifyWithNothingConfigured(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]*eventstream.Verifier{
		"no token": eventstream.NewVerifier([]string{hookURL}, nil),
		"no URL":   eventstream.NewVerifier(nil, []string{token}),
	} {
		if v.Verify(attempt{}.request()) {
			t.Errorf("%s: something passes where nothing can", name)
		}
	}
}

func TestVerifyNoticesAnyChangedByte(t *testing.T) {
	t.Parallel()
	verifier := eventstream.NewVerifier([]string{hookURL}, []string{token})
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringN(1, 200, -1).Draw(t, "body")
		changed := []byte(body)
		i := rapid.IntRange(0, len(changed)-1).Draw(t, "byte")
		changed[i] ^= rapid.ByteMin(1).Draw(t, "change")
		if !verifier.Verify(attempt{body: body}.request()) {
			t.Fatal("the honest request is refused")
		}
		if verifier.Verify(attempt{body: body, sent: string(changed)}.request()) {
			t.Fatal("the changed body passes")
		}
	})
}
