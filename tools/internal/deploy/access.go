package deploy

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// Function is what the outputs say of one function.
type Function struct {
	Name           string                    `json:"name"`
	URL            string                    `json:"url"`
	Environment    map[string]string         `json:"environment"`
	Secrets        map[string]SecretLocation `json:"secrets"`
	TimeoutSeconds float64                   `json:"timeout_seconds"`
	ServiceAccount string                    `json:"service_account"`
}

// SecretLocation is where a mounted secret is kept.
type SecretLocation struct {
	Secret  string `json:"secret"`
	Version string `json:"version"`
}

// Job is what the outputs say of the scheduler's job.
type Job struct {
	Name            string `json:"name"`
	Schedule        string `json:"schedule"`
	TimeZone        string `json:"time_zone"`
	URI             string `json:"uri"`
	Body            string `json:"body"`
	AttemptDeadline string `json:"attempt_deadline"`
	Paused          bool   `json:"paused"`
}

// Outputs are infra/'s outputs that the tool reads.
type Outputs struct {
	AccountSID      string              `json:"twilio_account_sid"`
	APIKey          string              `json:"twilio_api_key"` // Terraform's and the operators'
	WebhookURL      string              `json:"webhook_url"`
	SweepURL        string              `json:"sweep_url"`
	SyncServiceSID  string              `json:"sync_service_sid"`
	SinkSID         string              `json:"sink_sid"`
	SubscriptionSID string              `json:"subscription_sid"`
	EventTypes      []string            `json:"event_types"`
	DocumentPrefix  string              `json:"document_prefix"`
	ChatServiceSIDs []string            `json:"chat_service_sids"`
	Functions       map[string]Function `json:"functions"`
	SchedulerJob    Job                 `json:"scheduler_job"`
	BundleSHA256    string              `json:"bundle_sha256"`
	Region          string              `json:"region"`
	ProjectID       string              `json:"project_id"`
	Name            string              `json:"name"`
	Environment     string              `json:"environment"`
}

// ReadOutputs decodes the root outputs; a missing one stays empty.
func ReadOutputs(raw map[string]json.RawMessage) (Outputs, error) {
	text, err := json.Marshal(raw)
	if err != nil {
		return Outputs{}, fmt.Errorf("read the outputs: %w", err)
	}
	var out Outputs
	if err := json.Unmarshal(text, &out); err != nil {
		return Outputs{}, fmt.Errorf("read the outputs: %w", err)
	}
	return out, nil
}

// Missing names the outputs without which nothing works: after an apply that did not
// finish they are not there.
func (o Outputs) Missing() []string {
	var out []string
	for name, value := range map[string]string{
		"sync_service_sid": o.SyncServiceSID, "sink_sid": o.SinkSID, "subscription_sid": o.SubscriptionSID,
		"functions": o.Functions["Sweep"].Name, "scheduler_job": o.SchedulerJob.Name,
	} {
		if value == "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Access is what a Twilio client of an environment needs: whose account, with
// which key, where. It prints without its secrets.
type Access struct {
	AccountSID string
	Username   string // API key SID, or the account's own SID
	Password   string
	AuthToken  string // what Twilio signs with; may be empty
	BaseURL    string // a fake Twilio's address; empty for the real one
}

// String keeps the secrets out of anything that formats an Access.
func (a Access) String() string { return "twilio access of " + a.AccountSID }

// GoString does the same for %#v.
func (a Access) GoString() string { return a.String() }

// Access joins what was applied with the secrets: the account and address of the
// functions, and Terraform's key. (A function may have a key of its own.)
func (o Outputs) Access(s secrets.Values) Access {
	settings := o.Functions["Sweep"].Environment
	a := Access{AccountSID: o.AccountSID, Username: cmp.Or(o.APIKey, settings["TWILIO_API_KEY"]), Password: s.APISecret, AuthToken: s.AuthToken, BaseURL: settings["TWILIO_BASE_URL"]}
	if a.Username == "" {
		a.Username, a.Password = o.AccountSID, s.AuthToken
	}
	return a
}

// Client signs requests to https://PRODUCT.twilio.com with the account's key and,
// where a fake stands in, sends them there with the Host kept.
func (a Access) Client(base http.RoundTripper) (*http.Client, error) {
	t := &accessTransport{access: a, base: base}
	if a.BaseURL != "" {
		u, err := url.Parse(a.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("read TWILIO_BASE_URL: %w", err)
		}
		t.fake = u
	}
	return &http.Client{Transport: t}, nil
}

type accessTransport struct {
	access Access
	base   http.RoundTripper
	fake   *url.URL
}

// RoundTrip implements http.RoundTripper.
func (t *accessTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.SetBasicAuth(t.access.Username, t.access.Password)
	if t.fake != nil {
		req.Host = req.URL.Host
		req.URL.Scheme, req.URL.Host = t.fake.Scheme, t.fake.Host
	}
	return t.base.RoundTrip(req)
}
