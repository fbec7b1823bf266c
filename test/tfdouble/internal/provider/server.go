package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Server is a provider over a backend.
type Server struct {
	unused
	backend   Backend
	config    schema.Resource
	resources map[string]schema.Resource
}

var _ tfprotov6.ProviderServer = (*Server)(nil)

// New gives a provider over that backend.
func New(backend Backend) *Server {
	config, resources := backend.Schema()
	s := &Server{backend: backend, config: config, resources: map[string]schema.Resource{}}
	for _, r := range resources {
		s.resources[r.Name] = r
	}
	return s
}

func (s *Server) resource(name string) (schema.Resource, error) {
	r, has := s.resources[name]
	if !has {
		return r, fmt.Errorf("the stand-in provider has no resource type %q; add it to its schema", name)
	}
	return r, nil
}

// GetMetadata lists the resource types.
func (s *Server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	resp := &tfprotov6.GetMetadataResponse{ServerCapabilities: capabilities()}
	for name := range s.resources {
		resp.Resources = append(resp.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	return resp, nil
}

// GetProviderSchema gives all schemas.
func (s *Server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp := &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: capabilities(),
		Provider:           s.config.Protocol(),
		ResourceSchemas:    map[string]*tfprotov6.Schema{},
	}
	for name, r := range s.resources {
		resp.ResourceSchemas[name] = r.Protocol()
	}
	return resp, nil
}

func capabilities() *tfprotov6.ServerCapabilities {
	return &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true}
}

// ValidateProviderConfig accepts every configuration.
func (s *Server) ValidateProviderConfig(_ context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: req.Config}, nil
}

// ConfigureProvider hands the configuration to the backend.
func (s *Server) ConfigureProvider(_ context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	config, err := decode(s.config, req.Config)
	if err == nil {
		err = s.backend.Configure(config)
	}
	return &tfprotov6.ConfigureProviderResponse{Diagnostics: diagnostics(err)}, nil
}

// StopProvider has nothing to stop: requests end by their context.
func (s *Server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

// decode gives a protocol value as a plain object; nil when it is null.
func decode(r schema.Resource, v *tfprotov6.DynamicValue) (Object, error) {
	if v == nil {
		return nil, nil
	}
	decoded, err := v.Unmarshal(r.Block.Type())
	if err != nil {
		return nil, fmt.Errorf("read a value of %s: %w", r.Name, err)
	}
	return plain(decoded)
}

func plain(v tftypes.Value) (Object, error) {
	decoded, err := value.FromTerraform(v)
	if err != nil || decoded == nil {
		return nil, err
	}
	object, ok := decoded.(Object)
	if !ok {
		return nil, fmt.Errorf("read a resource: it is a %T", decoded)
	}
	return object, nil
}

// encode gives a plain object as a protocol value; a nil object is null.
func encode(r schema.Resource, object Object) (*tfprotov6.DynamicValue, error) {
	t := r.Block.Type()
	var v any
	if object != nil {
		v = object
	}
	encoded, err := value.ToTerraform(t, v)
	if err != nil {
		return nil, fmt.Errorf("write a value of %s: %w", r.Name, err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(t, encoded)
	return &dynamic, err
}

// diagnostics gives err as Terraform shows a provider's error.
func diagnostics(err error) []*tfprotov6.Diagnostic {
	if err == nil {
		return nil
	}
	return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: err.Error()}}
}
