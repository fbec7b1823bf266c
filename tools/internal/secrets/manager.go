package secrets

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
)

// ErrNotStored says that Secret Manager holds no such secret, or no version of it that
// can be read: before the first apply that is the normal state, and after a rotation
// the second token's newest version is destroyed.
var ErrNotStored = errors.New("not stored")

// Manager reads secrets from Google Secret Manager over REST.
type Manager struct {
	Client  *http.Client
	Token   func(context.Context) (string, error) // an OAuth access token
	BaseURL string                                // https://secretmanager.googleapis.com
}

// Google is the address of the real Secret Manager.
const Google = "https://secretmanager.googleapis.com"

// Access reads the newest version of a secret. The error never holds the value.
func (m Manager) Access(ctx context.Context, project, secret string) (string, error) {
	token, err := m.Token(ctx)
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("%s/v1/projects/%s/secrets/%s/versions/latest:access", m.BaseURL, url.PathEscape(project), url.PathEscape(secret))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", fmt.Errorf("access secret %s: %w", secret, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := m.Client.Do(req)
	if err != nil {
		return "", fmt.Errorf("access secret %s: %w", secret, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("access secret %s: %w", secret, err)
	}
	return decode(secret, resp, body)
}

func decode(secret string, resp *http.Response, body []byte) (string, error) {
	switch {
	case resp.StatusCode == http.StatusOK:
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusBadRequest && notReadable(body):
		return "", fmt.Errorf("access secret %s: %w", secret, ErrNotStored)
	default:
		return "", fmt.Errorf("access secret %s: Secret Manager answers %s", secret, resp.Status)
	}
	var answer struct {
		Payload struct {
			Data string `json:"data"`
		} `json:"payload"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("access secret %s: the answer is no JSON", secret)
	}
	value, err := base64.StdEncoding.DecodeString(answer.Payload.Data)
	if err != nil {
		return "", fmt.Errorf("access secret %s: the answer's data is no base64", secret)
	}
	return string(value), nil
}

// notReadable reports whether the answer says that the version is destroyed or disabled.
func notReadable(body []byte) bool {
	var answer struct {
		Error struct {
			Status string `json:"status"`
		} `json:"error"`
	}
	return json.Unmarshal(body, &answer) == nil && answer.Error.Status == "FAILED_PRECONDITION"
}

// Fill completes v from Secret Manager: ids maps the names of this package
// (APISecret, …) to secret ids in project. What v has already wins. A secret that
// is not stored stays empty.
func (m Manager) Fill(ctx context.Context, v Values, project string, ids map[string]string) (Values, error) {
	for _, name := range Names() {
		field, id := v.field(name), ids[name]
		if *field != "" || id == "" {
			continue
		}
		value, err := m.Access(ctx, project, id)
		if errors.Is(err, ErrNotStored) {
			continue
		}
		if err != nil {
			return v, err
		}
		*field = value
	}
	return v, nil
}

// AccessToken gives the token to read secrets with: GOOGLE_OAUTH_ACCESS_TOKEN, or
// what gcloud has for this user.
func AccessToken(lookup LookupEnv) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if t, ok := lookup("GOOGLE_OAUTH_ACCESS_TOKEN"); ok && t != "" {
			return t, nil
		}
		out, err := exec.CommandContext(ctx, "gcloud", "auth", "print-access-token").Output()
		if err != nil {
			return "", errors.New("no Google credentials: sign in with `gcloud auth application-default login`, or set GOOGLE_OAUTH_ACCESS_TOKEN")
		}
		return strings.TrimSpace(string(out)), nil
	}
}
