package architecture

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	settings "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// TestInfraKeepsTheBounds: what a function would refuse at its start fails the plan, in the
// same words, and nothing else does. A setting's variable has its default, too.
func TestInfraKeepsTheBounds(t *testing.T) {
	t.Parallel()
	variables := readTerraform(t, "variables*.tf")
	compared := 0
	for _, s := range settings.Settings() {
		name := strings.ToLower(s.Name)
		body, ok := block(variables, "variable", name)
		if !ok || s.Secret {
			continue
		}
		if def, ok := body.Attributes["default"]; ok {
			if got := literal(def.Expr); got != "" && got != s.Default {
				t.Errorf("default of infra's variable %s is %s, and of the setting %s", name, got, s.Default)
			}
		}
		inside, outside := probes(t, s.Form)
		for value, accepted := range merged(inside, outside) {
			if got := accepts(t, variables, name, typed(t, body, value)); got != accepted {
				t.Errorf("infra accepts %q as %s: %t; the function: %t", value, name, got, accepted)
			}
		}
		if len(inside) > 0 {
			compared++
			if sentence := name + " must be " + s.Form.Expected; !hasMessage(body, sentence) {
				t.Errorf("no validation of infra's variable %s says %q", name, sentence)
			}
		}
	}
	if compared < 8 {
		t.Errorf("only %d variables were compared: the names have parted", compared)
	}
}

// TestInfraKnowsTheChannelTypes: what is misspelt would have the ordinary retention.
func TestInfraKnowsTheChannelTypes(t *testing.T) {
	t.Parallel()
	const name = "retention_by_channel_type"
	variables := readTerraform(t, "variables*.tf")
	for _, kind := range append(channel.Types(), "fax", "Web", "") {
		retentions := cty.MapVal(map[string]cty.Value{kind: cty.StringVal("48h")})
		if got := accepts(t, variables, name, retentions); got != channel.IsType(kind) {
			t.Errorf("infra accepts the channel type %q: %t; the function: %t", kind, got, channel.IsType(kind))
		}
	}
	body, _ := block(variables, "variable", name)
	if sentence := name + " names a channel type that is none of " + strings.Join(channel.Types(), ", "); !hasMessage(body, sentence) {
		t.Errorf("no validation of infra's variable %s says %q", name, sentence)
	}
}

// probes are values at the ends of what a setting may be, and just beyond.
func probes(t *testing.T, f settings.Form) (inside, outside []string) {
	t.Helper()
	if len(f.Words) > 0 {
		return f.Words, []string{"nonsense"}
	}
	if f.Least == "" {
		return nil, nil
	}
	return []string{f.Least, f.Most}, []string{beside(t, f.Least, -1), beside(t, f.Most, 1)}
}

// beside is the next number or duration.
func beside(t *testing.T, bound string, step int) string {
	t.Helper()
	if n, err := strconv.Atoi(bound); err == nil {
		return strconv.Itoa(n + step)
	}
	d, err := time.ParseDuration(bound)
	if err != nil {
		t.Fatalf("the bound %q is neither a number nor a duration", bound)
	}
	return (d + time.Duration(step)*time.Second).String()
}

func merged(inside, outside []string) map[string]bool {
	all := map[string]bool{}
	for _, value := range inside {
		all[value] = true
	}
	for _, value := range outside {
		all[value] = false
	}
	return all
}

// accepts evaluates the validations of a variable as Terraform does. Every other variable has
// its default, but for those that would come between.
func accepts(t *testing.T, variables []*hclsyntax.Body, name string, value cty.Value) bool {
	t.Helper()
	values := map[string]cty.Value{}
	for _, other := range labels(variables, "variable") {
		body, _ := block(variables, "variable", other)
		if def, ok := body.Attributes["default"]; ok {
			values[other], _ = def.Expr.Value(nil)
		}
	}
	values["retention"], values["retention_floor_override"] = cty.StringVal("0s"), cty.StringVal("0s")
	values["sweep_attempt_deadline_seconds"] = cty.NumberIntVal(1_000_000)
	body, _ := block(variables, "variable", name)
	values[name] = value
	context := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(values)}, Functions: functions}
	for _, validation := range body.Blocks {
		if validation.Type != "validation" {
			continue
		}
		result, diagnostics := validation.Body.Attributes["condition"].Expr.Value(context)
		if diagnostics.HasErrors() {
			t.Fatalf("a condition of infra's variable %s cannot be evaluated: %v", name, diagnostics)
		}
		if result.False() {
			return false
		}
	}
	return true
}

// typed is the value as the variable's type has it.
func typed(t *testing.T, variable *hclsyntax.Body, value string) cty.Value {
	t.Helper()
	if hcl.ExprAsKeyword(variable.Attributes["type"].Expr) == "number" {
		n, err := convert.Convert(cty.StringVal(value), cty.Number)
		if err != nil {
			t.Fatalf("%q is not a number: %v", value, err)
		}
		return n
	}
	return cty.StringVal(value)
}

func hasMessage(variable *hclsyntax.Body, sentence string) bool {
	for _, b := range variable.Blocks {
		if b.Type == "validation" && strings.HasPrefix(literal(b.Body.Attributes["error_message"].Expr), sentence) {
			return true
		}
	}
	return false
}

// functions are those of Terraform that conditions use. alltrue and timecmp are not among hcl's.
var functions = map[string]function.Function{
	"alltrue": allTrue, "keys": stdlib.KeysFunc, "setsubtract": stdlib.SetSubtractFunc, "values": stdlib.ValuesFunc,
	"can": tryfunc.CanFunc, "coalesce": stdlib.CoalesceFunc, "contains": stdlib.ContainsFunc, "floor": stdlib.FloorFunc,
	"length": stdlib.LengthFunc, "regex": stdlib.RegexFunc, "timeadd": stdlib.TimeAddFunc, "timecmp": timeCompare, "try": tryfunc.TryFunc,
}

var allTrue = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, v := range args[0].AsValueSlice() {
			if v.False() {
				return cty.False, nil
			}
		}
		return cty.True, nil
	},
})

var timeCompare = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "a", Type: cty.String}, {Name: "b", Type: cty.String}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		var times [2]time.Time
		for i, arg := range args {
			var err error
			if times[i], err = time.Parse(time.RFC3339, arg.AsString()); err != nil {
				return cty.NilVal, fmt.Errorf("compare times: %w", err)
			}
		}
		return cty.NumberIntVal(int64(times[0].Compare(times[1]))), nil
	},
})
