package eventstream

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/twilio/twilio-go/client"
)

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
		for _, form := range []string{text, withoutUserinfo(text)} {
			base, query, _ := strings.Cut(form, "?")
			v.urls = append(v.urls, accepted{base, query})
			if form == withoutUserinfo(form) {
				break
			}
		}
	}
	for _, token := range tokens {
		v.validators = append(v.validators, client.NewRequestValidator(token))
	}
	return v
}

func withoutUserinfo(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return text
	}
	u.User = nil
	return u.String()
}

// Verify tells whether the request was signed by Twilio for this very body. The body's
// hash must be part of the signed URL: without it a signature covers the URL alone, and
// any body could be put behind it (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
func (v *Verifier) Verify(r *http.Request, body []byte) bool {
	signature := r.Header.Get("X-Twilio-Signature")
	query := r.URL.RawQuery
	hashes := r.URL.Query()["bodySHA256"]
	if len(r.Header.Values("X-Twilio-Signature")) != 1 || len(hashes) != 1 || hashes[0] == "" {
		return false
	}
	for _, u := range v.urls {
		if u.query != "" && !strings.HasPrefix(query, u.query+"&") {
			continue
		}
		for i := range v.validators {
			if v.validators[i].ValidateBody(u.base+"?"+query, body, signature) {
				return true
			}
		}
	}
	return false
}
