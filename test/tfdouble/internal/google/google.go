// Package google stands in for the provider hashicorp/google 7 and for the
// cloud behind it: its resources live in Terraform's state and in records of
// their own, and what a local runner needs of them in the files that package
// applied describes.
package google

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/clock"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

//go:embed schemas/*.txt
var schemas embed.FS

// Options say where to keep files and what time it is.
type Options struct {
	Dir     string
	Now     func() time.Time
	Clock   *clock.Clock // what has to be waited for goes by it
	Journal *journal.Journal
}

// Provider is the backend; see package provider.
type Provider struct {
	options   Options
	schema    schema.Resource
	resources []schema.Resource
	store     *store

	// configured is written by each run of Terraform, several of which may
	// attach to the same provider.
	configured atomic.Pointer[plan.Object]

	faults sync.Mutex // one step at a time counts down in the file of faults
}

// New gives the backend, or an error when its schemas cannot be read.
func New(o Options) (*Provider, error) {
	p := &Provider{options: o, store: &store{dir: o.Dir, now: o.Now}}
	files, err := schemas.ReadDir("schemas")
	if err != nil {
		return nil, fmt.Errorf("list the google schemas: %w", err)
	}
	for _, file := range files {
		text, err := schemas.ReadFile("schemas/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the google schemas: %w", err)
		}
		resources, err := schema.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("read the google schema %s: %w", file.Name(), err)
		}
		for _, r := range resources {
			if r.Name == "provider" {
				p.schema = r
				continue
			}
			p.resources = append(p.resources, r)
		}
	}
	return p, nil
}

// Schema gives the provider's schemas.
func (p *Provider) Schema() (schema.Resource, []schema.Resource) { return p.schema, p.resources }

// Configure takes project, region and default labels; credentials are not
// needed.
func (p *Provider) Configure(config plan.Object) error {
	p.configured.Store(&config)
	return nil
}

// argument gives one of the provider's own arguments, nil when not configured.
func (p *Provider) argument(name string) any {
	if config := p.configured.Load(); config != nil {
		return (*config)[name]
	}
	return nil
}

// Create makes the resource's state and its files. A function that fails is
// there all the same: its state comes with the error, and Terraform taints it.
func (p *Provider) Create(_ context.Context, r schema.Resource, planned, config plan.Object) (plan.Object, error) {
	if err := p.admit(r, planned); err != nil {
		return nil, err
	}
	planned, err := p.prepare(r, planned, config, true)
	if err != nil {
		return nil, err
	}
	state := plan.Made(r.Block, p.Names, planned)
	if err := p.accident("create", r, state); err != nil {
		if !kinds[r.Name].stays {
			return nil, err
		}
		return state, errors.Join(err, p.put(r, state, p.options.Clock.Now(), true))
	}
	return p.keep(r, state, "create")
}

// Update changes the resource's state and its files. One that fails changes
// nothing at Google, whatever Terraform then believes.
func (p *Provider) Update(_ context.Context, r schema.Resource, _, planned, config plan.Object) (plan.Object, error) {
	planned, err := p.prepare(r, planned, config, false)
	if err != nil {
		return nil, err
	}
	state := plan.Made(r.Block, p.Names, planned)
	if err := p.accident("update", r, state); err != nil {
		return nil, err
	}
	return p.keep(r, state, "update")
}

// prepare fills in what is made from a resource's content rather than from a
// template.
func (p *Provider) prepare(r schema.Resource, planned, config plan.Object, create bool) (plan.Object, error) {
	k := kinds[r.Name]
	if k.prepare == nil {
		return planned, nil
	}
	prepared := make(plan.Object, len(planned))
	for name, v := range planned {
		prepared[name] = v
	}
	if err := k.prepare(p, prepared, config, create); err != nil {
		return nil, fmt.Errorf("make %s: %w", r.Name, err)
	}
	return prepared, nil
}

func (p *Provider) keep(r schema.Resource, state plan.Object, action string) (plan.Object, error) {
	k := kinds[r.Name]
	if k.write != nil {
		if err := k.write(p, state); err != nil {
			return nil, fmt.Errorf("keep %s: %w", r.Name, err)
		}
	}
	if err := p.put(r, state, p.options.Clock.Now(), false); err != nil {
		return nil, err
	}
	if k.answer != nil {
		state = k.answer(state, state)
	}
	return state, p.options.Journal.Add("google", action, r.Name, value.Text(state["id"]))
}

// Read gives what Google has, as far as the real provider looks, or nothing
// when the resource's file was deleted: a 404 is taken for "gone", and planned
// to be created again.
func (p *Provider) Read(_ context.Context, r schema.Resource, state plan.Object) (plan.Object, error) {
	k := kinds[r.Name]
	kept, found := p.record(r.Name, value.Text(state["id"]))
	if k.file != nil && !kept.Failed && !p.store.has(k.file(state)) {
		return nil, p.store.remove(recordFile(r.Name, value.Text(state["id"])))
	}
	if !found { // from before there were records
		return state, p.put(r, state, time.Time{}, false)
	}
	if k.answer == nil {
		return state, nil
	}
	return k.answer(state, p.state(kept)), nil
}

// Delete removes the resource's files, as far as its deletion policy allows.
func (p *Provider) Delete(_ context.Context, r schema.Resource, state plan.Object) error {
	switch state["deletion_policy"] {
	case "PREVENT":
		return fmt.Errorf("cannot destroy %s without setting deletion_policy=\"DELETE\" and running `terraform apply`", r.Name)
	case "ABANDON":
		return nil
	}
	if err := p.accident("delete", r, state); err != nil {
		return err
	}
	k := kinds[r.Name]
	if k.refuse != nil {
		if err := k.refuse(p, state); err != nil {
			return err
		}
	}
	files := []string{recordFile(r.Name, value.Text(state["id"]))}
	if k.file != nil {
		files = append(files, k.file(state))
	}
	for _, file := range files {
		if err := p.store.remove(file); err != nil {
			return fmt.Errorf("delete %s: %w", r.Name, err)
		}
	}
	return p.options.Journal.Add("google", "delete", r.Name, value.Text(state["id"]))
}

// Import is not possible: there is nothing to read a resource from.
func (p *Provider) Import(_ context.Context, r schema.Resource, id string) (plan.Object, error) {
	return nil, fmt.Errorf("import %s %q: the stand-in for hashicorp/google has no cloud to read it from", r.Name, id)
}
