// Package twilio stands in for the provider twilio/twilio 0.18: it makes its
// objects over HTTP in a fake Twilio, with the requests, the state and the
// error texts of the real one, its faults included.
package twilio

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

//go:embed schema.txt
var schemaText string

// Options say where the fake Twilio is.
type Options struct {
	BaseURL   string              // of the fake, such as http://127.0.0.1:8080
	Transport http.RoundTripper   // nil: the default one
	Getenv    func(string) string // for the settings the real provider reads
	Journal   *journal.Journal
}

// Provider is the backend; see package provider.
type Provider struct {
	options   Options
	schema    schema.Resource
	resources []schema.Resource

	// client is made by each run of Terraform, several of which may attach to
	// the same provider.
	client atomic.Pointer[client]
}

// New gives the backend, or an error when its schema cannot be read.
func New(o Options) (*Provider, error) {
	all, err := schema.Parse(schemaText)
	if err != nil {
		return nil, fmt.Errorf("read the twilio schema: %w", err)
	}
	p := &Provider{options: o, schema: all[0], resources: all[1:]}
	for i, a := range p.schema.Block.Attributes {
		if a.Required && fromEnvironment(o.Getenv, a.Name) != "" {
			// SDKv2 makes a required argument optional when the environment gives it.
			p.schema.Block.Attributes[i].Required, p.schema.Block.Attributes[i].Optional = false, true
		}
	}
	return p, nil
}

// environment names the variables behind each argument, the first one set wins.
var environment = map[string][]string{
	"username":    {"TWILIO_API_KEY", "TWILIO_ACCOUNT_SID"},
	"password":    {"TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN"},
	"account_sid": {"TWILIO_SUBACCOUNT_SID", "TWILIO_ACCOUNT_SID"},
	"edge":        {"TWILIO_EDGE"},
	"region":      {"TWILIO_REGION"},
}

func fromEnvironment(getenv func(string) string, argument string) string {
	for _, name := range environment[argument] {
		if v := getenv(name); v != "" {
			return v
		}
	}
	return ""
}

// Schema gives the provider's schemas.
func (p *Provider) Schema() (schema.Resource, []schema.Resource) { return p.schema, p.resources }

// Configure takes the credentials. It makes no request: the real provider
// does not check them either.
func (p *Provider) Configure(config plan.Object) error {
	argument := func(name string) string {
		if text, ok := config[name].(string); ok {
			return text
		}
		return fromEnvironment(p.options.Getenv, name)
	}
	p.client.Store(&client{
		baseURL: p.options.BaseURL, transport: p.options.Transport,
		username: argument("username"), password: argument("password"),
		edge: argument("edge"), region: argument("region"),
	})
	return nil
}

// Names has no names: no Twilio argument has a default.
func (p *Provider) Names(string, plan.Object) (any, bool) { return nil, false }

// Validate accepts everything, as the real provider does.
func (p *Provider) Validate(schema.Resource, plan.Object) error { return nil }

// Create posts to the collection; the answer becomes the state.
func (p *Provider) Create(ctx context.Context, r schema.Resource, planned, _ plan.Object) (plan.Object, error) {
	e := endpoints[r.Name]
	form, err := e.form(r, planned, e.createArguments(r))
	if err != nil {
		return nil, err
	}
	answer, err := p.do(ctx, http.MethodPost, e.product, fill(e.collection, planned), form)
	if err != nil {
		return nil, err
	}
	state := merge(r, planned, answer)
	for _, name := range references(e.id) {
		if value.Text(state[name]) == "" { // the original crashes
			return nil, fmt.Errorf("create %s: the answer has no %s", r.Name, name)
		}
	}
	state["id"] = fill(e.id, state)
	return state, p.options.Journal.Add("twilio", "create", r.Name, value.Text(state["id"]))
}

// Read fetches the object. That it is gone is an error, not a state: the real
// provider does not tell a 404 from any other failure.
func (p *Provider) Read(ctx context.Context, r schema.Resource, state plan.Object) (plan.Object, error) {
	e := endpoints[r.Name]
	answer, err := p.do(ctx, http.MethodGet, e.product, fill(e.item, state), nil)
	if err != nil {
		return nil, err
	}
	return merge(r, state, answer), nil
}

// Update posts to the object, at the path that the new values make.
func (p *Provider) Update(ctx context.Context, r schema.Resource, _, planned, _ plan.Object) (plan.Object, error) {
	e := endpoints[r.Name]
	form, err := e.form(r, planned, e.updateArguments(r))
	if err != nil {
		return nil, err
	}
	answer, err := p.do(ctx, http.MethodPost, e.product, fill(e.item, planned), form)
	if err != nil {
		return nil, err
	}
	return merge(r, planned, answer), p.options.Journal.Add("twilio", "update", r.Name, value.Text(planned["id"]))
}

// Delete deletes the object; here too a 404 is an error.
func (p *Provider) Delete(ctx context.Context, r schema.Resource, state plan.Object) error {
	e := endpoints[r.Name]
	if _, err := p.do(ctx, http.MethodDelete, e.product, fill(e.item, state), nil); err != nil {
		return err
	}
	return p.options.Journal.Add("twilio", "delete", r.Name, value.Text(state["id"]))
}

// Import starts from the parts of the identifier; Terraform then reads the rest.
func (p *Provider) Import(_ context.Context, r schema.Resource, id string) (plan.Object, error) {
	names := references(endpoints[r.Name].id)
	parts := strings.Split(id, "/")
	if len(parts) != len(names) {
		return nil, fmt.Errorf("invalid import ID (%q), expected %s", id, strings.Join(names, "/"))
	}
	state := plan.Object{"id": id}
	for i, name := range names {
		state[name] = parts[i]
	}
	return state, nil
}

// do makes a request with the configured client.
func (p *Provider) do(ctx context.Context, method, product, path string, form url.Values) (map[string]any, error) {
	c := p.client.Load()
	if c == nil {
		return nil, errors.New("the stand-in for twilio/twilio was not configured")
	}
	return c.do(ctx, method, product, path, form)
}

var errNoFake = errors.New("the stand-in for twilio/twilio was given no fake Twilio to talk to (--twilio-url)")
