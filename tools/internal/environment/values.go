package environment

import (
	"fmt"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Values are the variables that a .tfvars file sets. A variable that it does not
// set reads as the zero value: the default stands in Terraform, not here.
type Values map[string]cty.Value

// ReadValues parses a .tfvars file. A missing file is os.ErrNotExist.
func ReadValues(path string) (Values, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	file, diags := hclparse.NewParser().ParseHCL(src, path)
	if diags.HasErrors() {
		return nil, fmt.Errorf("read variables: %w", diags)
	}
	attrs, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		return nil, fmt.Errorf("read variables: %w", diags)
	}
	out := Values{}
	for name, a := range attrs {
		v, diags := a.Expr.Value(&hcl.EvalContext{})
		if diags.HasErrors() {
			return nil, fmt.Errorf("read variable %s: %w", name, diags)
		}
		out[name] = v
	}
	return out, nil
}

// String is the variable's text, or "".
func (v Values) String(name string) string {
	if val, ok := v[name]; ok && val.IsKnown() && !val.IsNull() && val.Type() == cty.String {
		return val.AsString()
	}
	return ""
}

// isFalse reports whether the variable is false, as Terraform would read it: "false"
// is false, too. What is missing or cannot be read is not.
func (v Values) isFalse(name string) bool {
	val, ok := v[name]
	if !ok {
		return false
	}
	b, err := convert.Convert(val, cty.Bool)
	return err == nil && b.IsKnown() && !b.IsNull() && b.False()
}
