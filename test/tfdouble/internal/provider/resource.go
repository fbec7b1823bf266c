package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// ValidateResourceConfig checks a configuration; Terraform itself has already
// held it against the schema.
func (s *Server) ValidateResourceConfig(_ context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	r, err := s.resource(req.TypeName)
	var config Object
	if err == nil {
		config, err = decode(r, req.Config)
	}
	if err == nil && config != nil {
		err = s.backend.Validate(r, config)
	}
	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: diagnostics(err)}, nil
}

// UpgradeResourceState reads the state as stored: Terraform calls it on every
// read. There are no older formats.
func (s *Server) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	upgraded, err := s.upgrade(req)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: upgraded, Diagnostics: diagnostics(err)}, nil
}

func (s *Server) upgrade(req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.DynamicValue, error) {
	r, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	opts := tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}
	stored, err := req.RawState.UnmarshalWithOpts(r.Block.Type(), opts)
	if err != nil {
		return nil, err
	}
	object, err := plain(stored)
	if err != nil {
		return nil, err
	}
	return encode(r, object)
}

// ReadResource refreshes a resource's state.
func (s *Server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	state, err := s.read(ctx, req)
	return &tfprotov6.ReadResourceResponse{NewState: state, Private: req.Private, Diagnostics: diagnostics(err)}, nil
}

func (s *Server) read(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.DynamicValue, error) {
	r, err := s.resource(req.TypeName)
	if err != nil {
		return nil, err
	}
	state, err := decode(r, req.CurrentState)
	if err != nil || state == nil {
		return req.CurrentState, err
	}
	if state, err = s.backend.Read(ctx, r, state); err != nil {
		return req.CurrentState, err
	}
	return encode(r, state)
}

// PlanResourceChange plans a creation, a change or a removal.
func (s *Server) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	planned, replace, err := s.plan(req)
	return &tfprotov6.PlanResourceChangeResponse{
		PlannedState: planned, RequiresReplace: replace, PlannedPrivate: req.PriorPrivate, Diagnostics: diagnostics(err),
		// As SDKv2 providers do: a planned value may differ from the
		// configured one, and an applied one from the planned one.
		UnsafeToUseLegacyTypeSystem: true, //nolint:staticcheck // what we stand in for sets it
	}, nil
}

func (s *Server) plan(req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.DynamicValue, []*tftypes.AttributePath, error) {
	r, err := s.resource(req.TypeName)
	if err != nil {
		return nil, nil, err
	}
	proposed, err := decode(r, req.ProposedNewState)
	if err != nil || proposed == nil {
		return req.ProposedNewState, nil, err
	}
	config, err := decode(r, req.Config)
	if err != nil {
		return nil, nil, err
	}
	prior, err := decode(r, req.PriorState)
	if err != nil {
		return nil, nil, err
	}
	planned := plan.Planned(r.Block, s.backend.Names, config, prior)
	var replace []*tftypes.AttributePath
	if prior != nil {
		replace = plan.Replacements(r.Block, prior, planned)
	}
	encoded, err := encode(r, planned)
	return encoded, replace, err
}

// ImportResourceState starts the state of a resource made elsewhere.
func (s *Server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	r, err := s.resource(req.TypeName)
	var state Object
	if err == nil {
		state, err = s.backend.Import(ctx, r, req.ID)
	}
	var encoded *tfprotov6.DynamicValue
	if err == nil {
		encoded, err = encode(r, withEmptyBlocks(r.Block, state))
	}
	if err != nil {
		return &tfprotov6.ImportResourceStateResponse{Diagnostics: diagnostics(err)}, nil
	}
	imported := &tfprotov6.ImportedResource{TypeName: req.TypeName, State: encoded}
	return &tfprotov6.ImportResourceStateResponse{ImportedResources: []*tfprotov6.ImportedResource{imported}}, nil
}

// withEmptyBlocks adds the empty lists that Terraform wants where a state has
// no blocks.
func withEmptyBlocks(b schema.Block, state Object) Object {
	for _, n := range b.Blocks {
		if n.Mode != schema.Single && (state[n.Name] == nil || value.IsUnknown(state[n.Name])) {
			state[n.Name] = []any{}
		}
	}
	return state
}
