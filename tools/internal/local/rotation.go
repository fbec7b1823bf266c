package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// Rotated takes Auth Tokens from the environment, so that a rotation can be rehearsed:
// only those that the fake itself takes, since a shell may hold a real account's. They
// are recorded, as Secret Manager keeps the real ones.
func (s *Stack) Rotated(ctx context.Context, given secrets.Values) (secrets.Values, error) {
	var f Fake
	if _, err := s.readJSON(fakeFile, &f); err != nil {
		return secrets.Values{}, err
	}
	before := f
	for _, slot := range []struct{ known, given *string }{{&f.AuthToken, &given.AuthToken}, {&f.SecondToken, &given.AuthTokenSecondary}} {
		taken, err := f.takes(ctx, *slot.given)
		if err != nil {
			return secrets.Values{}, err
		}
		if taken {
			*slot.known = *slot.given
		}
	}
	if f.SecondToken == f.AuthToken {
		f.SecondToken = ""
	}
	own := secrets.Values{APISecret: f.APISecret, AuthToken: f.AuthToken, AuthTokenSecondary: f.SecondToken}
	if f == before {
		return own, nil
	}
	return own, s.writeJSON(fakeFile, f)
}

// takes reports whether the fake lets somebody in with this Auth Token.
func (f Fake) takes(ctx context.Context, token string) (bool, error) {
	if token == "" {
		return false, nil
	}
	access := f.Access()
	access.Username, access.Password = f.AccountSID, token
	client, err := access.Client(http.DefaultTransport)
	if err != nil {
		return false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://chat.twilio.com/v2/Services/"+f.ChatServiceSID, nil)
	if err != nil {
		return false, fmt.Errorf("try the Auth Token: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, errors.New("try the Auth Token: the fake does not answer")
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK, err
}
