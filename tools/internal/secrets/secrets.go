// Package secrets brings the secrets from where they are kept to Terraform: from
// the environment or Google Secret Manager, by a private file that is removed.
// They are never an argument, never in a committed file, never logged.
package secrets

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Names of the environment variables, which are also the keys that infra/ gives
// its secrets.
const (
	APISecret          = "TWILIO_API_SECRET"
	AuthToken          = "TWILIO_AUTH_TOKEN"
	AuthTokenSecondary = "TWILIO_AUTH_TOKEN_SECONDARY"
	EventsAPISecret    = "EVENTS_TWILIO_API_SECRET"
	SweepAPISecret     = "SWEEP_TWILIO_API_SECRET"
)

// Names lists the environment variables.
func Names() []string {
	return []string{APISecret, AuthToken, AuthTokenSecondary, EventsAPISecret, SweepAPISecret}
}

// Values are the secrets themselves. They print as a count.
type Values struct {
	APISecret          string
	AuthToken          string
	AuthTokenSecondary string // empty outside a rotation
	EventsAPISecret    string // of the key of EventStreams alone; empty where it has none
	SweepAPISecret     string // of the key of Sweep alone
}

// field gives the place of the secret with that name, nil for another name.
func (v *Values) field(name string) *string {
	return map[string]*string{
		APISecret: &v.APISecret, AuthToken: &v.AuthToken, AuthTokenSecondary: &v.AuthTokenSecondary,
		EventsAPISecret: &v.EventsAPISecret, SweepAPISecret: &v.SweepAPISecret,
	}[name]
}

// String keeps the secrets out of anything that formats a Values.
func (v Values) String() string { return "secrets(hidden)" }

// GoString does the same for %#v.
func (v Values) GoString() string { return v.String() }

// LookupEnv is os.LookupEnv, or what a test has instead.
type LookupEnv func(name string) (string, bool)

// FromEnvironment reads what the environment has.
func FromEnvironment(lookup LookupEnv) Values {
	var v Values
	for _, name := range Names() {
		*v.field(name), _ = lookup(name)
	}
	return v
}

// All lists the secrets that are set, for whoever must keep them out of a text.
func (v Values) All() []string {
	var out []string
	for _, name := range Names() {
		if s := *v.field(name); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Missing names the required secrets that v lacks, by environment variable.
func (v Values) Missing() []string {
	var out []string
	if v.APISecret == "" {
		out = append(out, APISecret)
	}
	if v.AuthToken == "" {
		out = append(out, AuthToken)
	}
	return out
}

// Lacks reports whether one that is kept somewhere is not in v. The second Auth
// Token does not count: outside a rotation there is none.
func (v Values) Lacks(kept map[string]string) bool {
	for name := range kept {
		if name != AuthTokenSecondary && *v.field(name) == "" {
			return true
		}
	}
	return false
}

// WriteVarFile writes the ephemeral variables for Terraform into dir, readable by
// this user only, under a name that begins with prefix, and gives its path and a
// function that removes it.
func (v Values) WriteVarFile(dir, prefix string) (path string, remove func(), err error) {
	vars := map[string]string{"twilio_api_secret": v.APISecret, "twilio_auth_token": v.AuthToken}
	// Left out, not null: Terraform refuses an ephemeral variable at apply that was
	// null at plan.
	for _, name := range []string{AuthTokenSecondary, EventsAPISecret, SweepAPISecret} {
		if s := *v.field(name); s != "" {
			vars[strings.ToLower(name)] = s
		}
	}
	text, err := json.Marshal(vars)
	if err != nil {
		return "", nil, fmt.Errorf("write the secrets for Terraform: %w", err)
	}
	f, err := os.CreateTemp(dir, prefix+"*.tfvars.json") // mode 0600
	if err != nil {
		return "", nil, fmt.Errorf("write the secrets for Terraform: %w", err)
	}
	remove = func() { os.Remove(f.Name()) }
	_, err = f.Write(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("write the secrets for Terraform: %w", err)
	}
	return f.Name(), remove, nil
}
