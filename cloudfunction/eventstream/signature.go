package eventstream

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/twilio/twilio-go/client"
)

// maxQuery bounds the query of a request: a sink's own and the hash fit well, and nobody
// has us compute signatures over a megabyte.
const maxQuery = 4 << 10

// Verifier tells Twilio's requests from forged ones.
type Verifier struct {
	urls       []accepted
	validators []client.RequestValidator
}

// accepted is one public URL of the webhook, exactly as a sink has it.
type accepted struct {
	base  string // without the query
	query string // its own query, if it has one
}

// NewVerifier returns a verifier for webhooks at any of the URLs, signed with any of the
// Auth Tokens: two while a token is rotated. The URLs are those of the sinks, since that
// is the text that Twilio signs; Host and path of a request behind Google's proxies are
// not. A URL with user:password is accepted signed with and without them.
func NewVerifier(urls, tokens []string) *Verifier {
	v := &Verifier{}
	for _, text := range urls {
		v.accept(text)
		if u, err := url.Parse(text); err == nil && u.User != nil {
			u.User = nil
			v.accept(u.String())
		}
	}
	for _, token := range tokens {
		v.validators = append(v.validators, client.NewRequestValidator(token))
	}
	return v
}

func (v *Verifier) accept(url string) {
	base, query, _ := strings.Cut(url, "?")
	v.urls = append(v.urls, accepted{base, query})
}

// hashPattern is what Twilio appends: SHA-256 in lower-case hexadecimal.
var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// verify tells whether Twilio signed the request's URL, and with which hash of the body in
// it. It reads nothing of the body, so that a stranger costs no memory. The hash must be
// part of the signed URL: without it a signature covers the URL alone, and any body could
// be put behind it (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
func (v *Verifier) verify(r *http.Request) (bodyHash string, refused *refusal) {
	signatures := r.Header.Values("X-Twilio-Signature")
	if len(signatures) != 1 || !isSignature(signatures[0]) {
		return "", noSignature
	}
	query := r.URL.RawQuery
	if len(query) > maxQuery {
		return "", noHash
	}
	hashes := r.URL.Query()["bodySHA256"]
	if len(hashes) != 1 || !hashPattern.MatchString(hashes[0]) {
		return "", noHash
	}
	if !v.signed(query, signatures[0]) {
		return "", unknownSignature
	}
	return hashes[0], nil
}

// isSignature tells whether text has the form of a signature: SHA-1's 20 bytes in base64.
func isSignature(text string) bool {
	if len(text) != base64.StdEncoding.EncodedLen(sha1.Size) {
		return false // before anything is made of it
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil && len(raw) == sha1.Size
}

// signed tells whether the signature fits one of the URLs, with the request's query, and
// one of the Auth Tokens. With a hash of the body in the URL no parameters are signed but
// those in it.
func (v *Verifier) signed(query, signature string) bool {
	for _, u := range v.urls {
		if u.query != "" && !strings.HasPrefix(query, u.query+"&") {
			continue
		}
		for i := range v.validators {
			if v.validators[i].Validate(u.base+"?"+query, nil, signature) {
				return true
			}
		}
	}
	return false
}
