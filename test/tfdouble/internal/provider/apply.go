package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
)

// ApplyResourceChange creates, updates or deletes a resource.
func (s *Server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp := &tfprotov6.ApplyResourceChangeResponse{
		Private:                     req.PlannedPrivate,
		UnsafeToUseLegacyTypeSystem: true, //nolint:staticcheck // as in PlanResourceChange
	}
	r, err := s.resource(req.TypeName)
	if err != nil {
		resp.Diagnostics = diagnostics(err)
		return resp, nil
	}
	c, err := decodeChange(r, req)
	if err != nil {
		resp.Diagnostics = diagnostics(err)
		return resp, nil
	}
	state, err := s.apply(ctx, r, c)
	resp.Diagnostics = diagnostics(err)
	if resp.NewState, err = encode(r, state); err != nil {
		resp.Diagnostics = append(resp.Diagnostics, diagnostics(err)...)
	}
	return resp, nil
}

// change is what Terraform asks to apply: prior nil is a creation, planned nil
// a removal.
type change struct{ prior, planned, config Object }

func decodeChange(r schema.Resource, req *tfprotov6.ApplyResourceChangeRequest) (c change, err error) {
	if c.prior, err = decode(r, req.PriorState); err != nil {
		return c, err
	}
	if c.planned, err = decode(r, req.PlannedState); err != nil {
		return c, err
	}
	c.config, err = decode(r, req.Config)
	return c, err
}

// apply gives the state that stands afterwards, also when it failed: what the
// backend left behind for a creation (Terraform taints it), the prior state for
// a removal, and for an update what was planned - SDKv2 stores a failed update
// as if it had worked.
func (s *Server) apply(ctx context.Context, r schema.Resource, c change) (Object, error) {
	switch {
	case c.planned == nil:
		if err := s.backend.Delete(ctx, r, c.prior); err != nil {
			return c.prior, err
		}
		return nil, nil
	case c.prior == nil:
		state, err := s.backend.Create(ctx, r, c.planned, c.config)
		if state == nil {
			return nil, err
		}
		return s.finish(r, state), err
	}
	state, err := s.backend.Update(ctx, r, c.prior, c.planned, c.config)
	if err != nil {
		state = c.planned
	}
	return s.finish(r, state), err
}

// finish makes everything known and drops what is never stored.
func (s *Server) finish(r schema.Resource, state Object) Object {
	state = plan.Made(r.Block, s.backend.Names, state)
	for _, a := range r.Block.Attributes {
		if a.WriteOnly {
			state[a.Name] = nil
		}
	}
	return state
}
