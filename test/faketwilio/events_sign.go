package faketwilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// SignedURL is the address that a signature covers: url with bodySHA256, the lower-case hex SHA-256 of the body, appended to
// whatever query it has [docs usage/webhooks/webhooks-security].
func SignedURL(url string, body []byte) string {
	hash := sha256.Sum256(body)
	separator := "?"
	if strings.Contains(url, "?") {
		separator = "&"
	}
	return url + separator + "bodySHA256=" + hex.EncodeToString(hash[:])
}

// Sign returns the value of X-Twilio-Signature for a JSON body: base64(HMAC-SHA1(token, url)). A url that carries bodySHA256 is
// signed as it stands, right or wrong, so that a test can forge one; one that does not is completed first.
func Sign(token, url string, body []byte) string {
	if !strings.Contains(url, "bodySHA256=") {
		url = SignedURL(url, body)
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(url))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// destination is where a delivery goes and what its signature covers.
type destination struct {
	requestURL, signature string
	user                  *url.Userinfo
}

// sign prepares the delivery of a body to a sink's address. User information becomes Basic auth.
func (s *Server) sign(address string, body []byte, token string) (destination, error) {
	target, err := url.Parse(address)
	if err != nil {
		return destination{}, err
	}
	d := destination{user: target.User}
	signed := *target
	if !s.options.Unverified.SignUserinfo {
		signed.User = nil
	}
	if s.options.Unverified.SignPort && signed.Scheme == "https" && signed.Port() == "" {
		signed.Host += ":443"
	}
	target.User = nil
	d.requestURL = SignedURL(target.String(), body)
	d.signature = Sign(token, SignedURL(signed.String(), body), body)
	return d, nil
}
