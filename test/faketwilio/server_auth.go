package faketwilio

import (
	"crypto/subtle"
	"net/http"
)

// authenticate accepts the account's SID with one of its Auth Tokens, or the API key with its secret. The caller holds s.mu.
func (s *Server) authenticate(header http.Header) *apiError {
	user, password, ok := (&http.Request{Header: header}).BasicAuth()
	if ok {
		if same(user, s.options.APIKey) && same(password, s.options.APISecret) {
			return nil
		}
		for _, token := range s.tokens {
			if same(user, s.options.AccountSID) && same(password, token) {
				return nil
			}
		}
	}
	return fail(http.StatusUnauthorized, codeAuthenticate, "Authenticate")
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
