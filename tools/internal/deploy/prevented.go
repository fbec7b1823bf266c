package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// Prevented lists the addresses of the root module's resources that have
// prevent_destroy: Terraform refuses a plan that deletes or replaces them, and
// only another configuration changes its mind.
func Prevented(infra string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(infra, "*.tf"))
	if err != nil {
		return nil, fmt.Errorf("list infra/: %w", err)
	}
	var out []string
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("read infra/: %w", err)
		}
		file, diags := hclparse.NewParser().ParseHCL(src, f)
		if diags.HasErrors() {
			continue // Terraform says it better, with the line
		}
		out = append(out, preventedIn(file.Body)...)
	}
	sort.Strings(out)
	return out, nil
}

func preventedIn(body hcl.Body) []string {
	root, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "resource", LabelNames: []string{"type", "name"}}}})
	var out []string
	for _, r := range root.Blocks {
		inner, _, _ := r.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "lifecycle"}}})
		for _, l := range inner.Blocks {
			attrs, _, _ := l.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "prevent_destroy"}}})
			a, ok := attrs.Attributes["prevent_destroy"]
			if !ok {
				continue
			}
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.True() {
				out = append(out, r.Labels[0]+"."+r.Labels[1])
			}
		}
	}
	return out
}
