package twilio

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// client makes requests as the real provider's does: Basic auth, ten seconds,
// and no retry whatever.
type client struct {
	baseURL            string
	transport          http.RoundTripper
	username, password string
	edge, region       string
}

const timeout = 10 * time.Second

var alphanumeric = regexp.MustCompile(`^[a-zA-Z0-9]*$`)

// do sends one request to the product's API and gives the JSON object of the
// answer, nil for an answer without one.
func (c client) do(ctx context.Context, method, product, path string, form url.Values) (map[string]any, error) {
	if c.baseURL == "" {
		return nil, errNoFake
	}
	if err := c.checkCredentials(); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Host = c.host(product)
	req.SetBasicAuth(c.username, c.password)
	req.Header.Set("User-Agent", "flexsweep-tfdouble")
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := (&http.Client{Transport: c.transport, Timeout: timeout}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return decode(resp)
}

// host gives the product's host name, with edge and region as Twilio's SDKs
// put them in; an edge without a region means us1.
func (c client) host(product string) string {
	parts := []string{product}
	if c.edge != "" {
		parts = append(parts, c.edge)
	}
	switch {
	case c.region != "":
		parts = append(parts, c.region)
	case c.edge != "":
		parts = append(parts, "us1")
	}
	return strings.Join(append(parts, "twilio", "com"), ".")
}

// checkCredentials refuses what twilio-go refuses before any request.
func (c client) checkCredentials() error {
	for _, check := range []struct {
		text string
		code int
		what string
	}{{c.username, 21222, "Username"}, {c.password, 21224, "Password"}} {
		if !alphanumeric.MatchString(check.text) {
			return apiError{Status: http.StatusBadRequest, Code: check.code,
				Message:  "Invalid " + check.what + ". Illegal chars",
				MoreInfo: fmt.Sprintf("https://www.twilio.com/docs/errors/%d", check.code)}
		}
	}
	return nil
}

// apiError is Twilio's error body; Error has the text of the real provider.
type apiError struct {
	Status   int            `json:"status"`
	Code     int            `json:"code"`
	Message  string         `json:"message"`
	MoreInfo string         `json:"more_info"`
	Details  map[string]any `json:"details"`
}

func (e apiError) Error() string {
	details := []byte("null")
	if e.Details != nil {
		if text, err := json.Marshal(e.Details); err == nil {
			details = text
		}
	}
	return fmt.Sprintf("Status: %d - ApiError %d: %s (%s) More info: %s", e.Status, e.Code, e.Message, details, e.MoreInfo)
}

func decode(resp *http.Response) (map[string]any, error) {
	if resp.StatusCode >= http.StatusBadRequest {
		var failure apiError
		if err := json.NewDecoder(resp.Body).Decode(&failure); err != nil {
			return nil, fmt.Errorf("error decoding the response for an HTTP error code: %d: %w", resp.StatusCode, err)
		}
		return nil, failure
	}
	decoder := json.NewDecoder(resp.Body)
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil && err != io.EOF {
		return nil, fmt.Errorf("error decoding the response: %w", err)
	}
	return object, nil
}
