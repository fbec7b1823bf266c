// Package sleep stands in for the provider hashicorp/time 0.13, of which it has time_sleep alone. It sleeps by the
// stand-ins' own clock, so it takes no time.
package sleep

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/clock"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

//go:embed schema.txt
var text string

// Provider is the backend; see package provider.
type Provider struct {
	Clock   *clock.Clock
	Journal *journal.Journal

	resources []schema.Resource
}

// New gives the backend, or an error when its schema cannot be read.
func New(c *clock.Clock, j *journal.Journal) (*Provider, error) {
	resources, err := schema.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the time schema: %w", err)
	}
	return &Provider{Clock: c, Journal: j, resources: resources}, nil
}

// Schema gives the provider's schemas; it has no configuration.
func (p *Provider) Schema() (schema.Resource, []schema.Resource) {
	return schema.Resource{Name: "provider"}, p.resources
}

// Configure has nothing to take.
func (p *Provider) Configure(plan.Object) error { return nil }

// Names gives {@now}, the time.
func (p *Provider) Names(name string, _ plan.Object) (any, bool) {
	return p.Clock.Now().UTC().Format(time.RFC3339), name == "@now"
}

// Validate wants durations that the real provider takes.
func (p *Provider) Validate(_ schema.Resource, config plan.Object) error {
	for _, name := range []string{"create_duration", "destroy_duration"} {
		if _, err := duration(config, name); err != nil {
			return err
		}
	}
	return nil
}

// Create sleeps.
func (p *Provider) Create(_ context.Context, r schema.Resource, planned, _ plan.Object) (plan.Object, error) {
	if err := p.sleep(planned, "create_duration"); err != nil {
		return nil, err
	}
	state := plan.Made(r.Block, p.Names, planned)
	return state, p.Journal.Add("time", "create", r.Name, value.Text(state["id"]))
}

// Read gives the state back: there is nothing behind it.
func (p *Provider) Read(_ context.Context, _ schema.Resource, state plan.Object) (plan.Object, error) {
	return state, nil
}

// Update sleeps no more.
func (p *Provider) Update(_ context.Context, r schema.Resource, _, planned, _ plan.Object) (plan.Object, error) {
	return planned, p.Journal.Add("time", "update", r.Name, value.Text(planned["id"]))
}

// Delete sleeps if it was asked to.
func (p *Provider) Delete(_ context.Context, r schema.Resource, state plan.Object) error {
	if err := p.sleep(state, "destroy_duration"); err != nil {
		return err
	}
	return p.Journal.Add("time", "delete", r.Name, value.Text(state["id"]))
}

// Import is not possible here.
func (p *Provider) Import(_ context.Context, r schema.Resource, id string) (plan.Object, error) {
	return nil, fmt.Errorf("import %s %q: the stand-in for hashicorp/time has nothing to read it from", r.Name, id)
}

func (p *Provider) sleep(object plan.Object, name string) error {
	d, err := duration(object, name)
	if err != nil || d == 0 {
		return err
	}
	return p.Clock.Sleep(d)
}

func duration(object plan.Object, name string) (time.Duration, error) {
	text, known := object[name].(string)
	if !known {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q must be a duration such as 30s or 5m: %w", name, err)
	}
	return d, nil
}
