package generate

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// variable is a variable or an output of infra/.
type variable struct {
	name, description, typ, def string
	required                    bool
}

// readInfra lists the variables and the outputs of the root module, by their names.
func readInfra(dir string) (variables, outputs []variable, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil {
		return nil, nil, fmt.Errorf("list infra/: %w", err)
	}
	found := map[string][]variable{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			return nil, nil, fmt.Errorf("read infra/: %w", err)
		}
		if err := readBlocks(f, src, found); err != nil {
			return nil, nil, err
		}
	}
	for _, list := range found {
		sort.Slice(list, func(i, j int) bool { return list[i].name < list[j].name })
	}
	return found["variable"], found["output"], nil
}

func readBlocks(path string, src []byte, found map[string][]variable) error {
	file, diags := hclparse.NewParser().ParseHCL(src, path)
	if diags.HasErrors() {
		return fmt.Errorf("read %s: %w", path, diags)
	}
	root, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "variable", LabelNames: []string{"name"}}, {Type: "output", LabelNames: []string{"name"}},
	}})
	for _, b := range root.Blocks {
		content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{
			{Name: "description"}, {Name: "type"}, {Name: "default"},
		}})
		v := variable{name: b.Labels[0], required: true}
		if a, ok := content.Attributes["description"]; ok {
			if val, diags := a.Expr.Value(nil); !diags.HasErrors() && val.Type() == cty.String {
				v.description = val.AsString()
			}
		}
		if a, ok := content.Attributes["type"]; ok {
			v.typ = sourceOf(src, a)
		}
		if a, ok := content.Attributes["default"]; ok {
			v.def, v.required = sourceOf(src, a), false
		}
		found[b.Type] = append(found[b.Type], v)
	}
	return nil
}

// sourceOf is an expression as it is written, on one line.
func sourceOf(src []byte, a *hcl.Attribute) string {
	return strings.Join(strings.Fields(string(a.Expr.Range().SliceBytes(src))), " ")
}

func variablesTable(list []variable) string {
	out := &strings.Builder{}
	out.WriteString("| Variable | Type | Default | Meaning |\n|---|---|---|---|\n")
	for _, v := range list {
		def := code(v.def)
		if v.required {
			def = "(required)"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", v.name, code(v.typ), def, cell(v.description))
	}
	return out.String()
}

func outputsTable(list []variable) string {
	out := &strings.Builder{}
	out.WriteString("| Output | Meaning |\n|---|---|\n")
	for _, v := range list {
		fmt.Fprintf(out, "| `%s` | %s |\n", v.name, cell(v.description))
	}
	return out.String()
}
