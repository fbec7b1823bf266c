// Package provider speaks Terraform's plugin protocol (version 6) for a
// [Backend]: it plans from the backend's schemas as an SDKv2 provider would,
// and leaves what happens at apply to the backend.
package provider

import (
	"context"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
)

// Object is the plain value of a resource; see package value.
type Object = plan.Object

// Backend is what one provider does with its resources. Its errors are shown
// to Terraform's user as they are.
type Backend interface {
	// Schema gives the schema of the provider's configuration and those of its
	// resource types.
	Schema() (config schema.Resource, resources []schema.Resource)
	// Configure takes the provider's configuration.
	Configure(config Object) error
	// Names gives what the schemas' templates call {provider.x} and {@x}.
	Names(name string, resource Object) (any, bool)
	// Validate checks a resource's configuration, of which parts may be unknown.
	Validate(r schema.Resource, config Object) error
	// Create makes a resource. planned may hold unknown values; config alone
	// has the write-only ones. It returns the new state; with an error, the state
	// of what was left behind, or nil.
	Create(ctx context.Context, r schema.Resource, planned, config Object) (Object, error)
	// Read gives a resource's current state, nil when it is gone.
	Read(ctx context.Context, r schema.Resource, state Object) (Object, error)
	// Update changes a resource in place and returns the new state.
	Update(ctx context.Context, r schema.Resource, prior, planned, config Object) (Object, error)
	// Delete removes a resource.
	Delete(ctx context.Context, r schema.Resource, state Object) error
	// Import gives the state to start from, for the identifier of an import.
	Import(ctx context.Context, r schema.Resource, id string) (Object, error)
}
