package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

const readKind = "read"

// OpenToRead opens an environment for who looks at its state only: in a folder of its
// own, so that it disturbs no command that works there, with neither providers nor
// secrets. Of o only Env and Terraform count.
func OpenToRead(ctx context.Context, o Options) (*Session, error) {
	if err := os.MkdirAll(o.Env.Build, 0o755); err != nil {
		return nil, fmt.Errorf("create %s: %w", o.Env.Build, err)
	}
	removeLeftovers(o.Env.Build)
	dir, err := os.MkdirTemp(o.Env.Build, ours(readKind))
	if err != nil {
		return nil, fmt.Errorf("prepare to read the state: %w", err)
	}
	s := &Session{env: o.Env, dir: dir, now: o.Now, remove: func() { os.RemoveAll(dir) }}
	if err := s.openState(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Session) openState(ctx context.Context, o Options) error {
	kind, settings := backendOf(o.Env.Infra), map[string]any{}
	if o.Env.IsLocal() {
		kind, settings = "local", localBackend
	}
	if kind != "" {
		text, err := json.Marshal(map[string]any{"terraform": map[string]any{"backend": map[string]any{kind: settings}}})
		if err == nil {
			err = os.WriteFile(filepath.Join(s.dir, "main.tf.json"), text, 0o644)
		}
		if err != nil {
			return fmt.Errorf("prepare to read the state: %w", err)
		}
	}
	absent, err := absentProviders(o.Env.Infra)
	if err != nil {
		return err
	}
	if s.Runner, err = terraform.New(s.dir, o.Terraform, absent, nil); err != nil {
		return err
	}
	return s.Runner.Init(ctx, o.Env.BackendFile)
}

// absentProviders says of each provider that infra/ requires that it runs already, at an
// address that nobody listens at: so init installs none, though the state knows them, and
// nothing that only reads the state asks one.
func absentProviders(infra string) (json.RawMessage, error) {
	type address struct{ Network, String string }
	type provider struct {
		Protocol        string
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            address
	}
	all := map[string]provider{}
	for _, b := range settingsBlocks(infra, hcl.BlockHeaderSchema{Type: "required_providers"}) {
		attrs, _ := b.Body.JustAttributes()
		for _, a := range attrs {
			v, _ := a.Expr.Value(nil)
			if !v.IsWhollyKnown() || !v.Type().IsObjectType() || !v.Type().HasAttribute("source") {
				continue
			}
			all["registry.terraform.io/"+v.GetAttr("source").AsString()] = provider{"grpc", 5, 1, true, address{"unix", "nobody"}}
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	return json.Marshal(all)
}

// backendOf is the kind of backend that infra/ declares, or "".
func backendOf(infra string) string {
	for _, b := range settingsBlocks(infra, hcl.BlockHeaderSchema{Type: "backend", LabelNames: []string{"kind"}}) {
		return b.Labels[0]
	}
	return ""
}

// settingsBlocks lists the blocks of a kind inside infra/'s terraform blocks.
func settingsBlocks(infra string, kind hcl.BlockHeaderSchema) hcl.Blocks {
	var out hcl.Blocks
	files, _ := filepath.Glob(filepath.Join(infra, "*.tf"))
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		file, diags := hclparse.NewParser().ParseHCL(src, f)
		if diags.HasErrors() {
			continue // Terraform says it better, where it is used
		}
		root, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}})
		for _, t := range root.Blocks {
			inner, _, _ := t.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{kind}})
			out = append(out, inner.Blocks...)
		}
	}
	return out
}
