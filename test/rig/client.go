package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Redirect sends every request to a fake, as the host that it names.
type Redirect struct {
	To   *url.URL
	Next http.RoundTripper
}

// RoundTrip sends the request.
func (r Redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	to := req.Clone(req.Context())
	if to.Host == "" {
		to.Host = req.URL.Host
	}
	to.URL.Scheme, to.URL.Host = r.To.Scheme, r.To.Host
	return r.Next.RoundTrip(to)
}

// Client calls Twilio's API as an application does.
type Client struct {
	HTTP           *http.Client
	User, Password string
}

// Client returns an application's client of the fake's account.
func (f *Fake) Client() (Client, error) {
	to, err := url.Parse(f.Address)
	if err != nil {
		return Client{}, err
	}
	return Client{&http.Client{Transport: Redirect{to, http.DefaultTransport}}, f.AccountSID, f.AuthToken}, nil
}

// Call makes a request, with a form or none, and reads its JSON answer, if one is asked for.
func (c Client) Call(ctx context.Context, method, address string, form url.Values, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(c.User, c.Password)
	return do(c.HTTP, req, answer)
}

// do sends a request and reads its JSON answer, if one is asked for.
func do(client *http.Client, req *http.Request, answer any) error {
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: HTTP %d: %s", req.Method, req.URL.Path, res.StatusCode, bytes.TrimSpace(text))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
