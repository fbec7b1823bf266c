package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// readTerraform parses files of infra/ by a pattern, like "variables*.tf".
func readTerraform(t *testing.T, pattern string) []*hclsyntax.Body {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, "infra", filepath.FromSlash(pattern)))
	if err != nil || len(names) == 0 {
		t.Fatalf("infra/%s: no such files (%v)", pattern, err)
	}
	var bodies []*hclsyntax.Body
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, diagnostics := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
		if diagnostics.HasErrors() {
			t.Fatal(diagnostics)
		}
		bodies = append(bodies, file.Body.(*hclsyntax.Body)) // what ParseConfig always returns
	}
	return bodies
}

// block finds a block by its type and labels.
func block(bodies []*hclsyntax.Body, kind string, labels ...string) (*hclsyntax.Body, bool) {
	for _, body := range bodies {
		for _, b := range body.Blocks {
			if b.Type == kind && slices.Equal(b.Labels, labels) {
				return b.Body, true
			}
		}
	}
	return nil, false
}

// labels lists the first labels of all blocks of a type.
func labels(bodies []*hclsyntax.Body, kind string) []string {
	var found []string
	for _, body := range bodies {
		for _, b := range body.Blocks {
			if b.Type == kind {
				found = append(found, b.Labels[0])
			}
		}
	}
	return found
}

// localValue finds the expression of a local value.
func localValue(bodies []*hclsyntax.Body, name string) (hclsyntax.Expression, bool) {
	for _, body := range bodies {
		for _, b := range body.Blocks {
			if attr, ok := b.Body.Attributes[name]; ok && b.Type == "locals" {
				return attr.Expr, true
			}
		}
	}
	return nil, false
}

// keys lists the literal keys of every object in an expression, sorted, nested ones too.
func keys(expr hclsyntax.Expression) []string {
	var found []string
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		object, ok := node.(*hclsyntax.ObjectConsExpr)
		if !ok {
			return nil
		}
		for _, item := range object.Items {
			if key := literal(item.KeyExpr); key != "" {
				found = append(found, key)
			}
		}
		return nil
	})
	slices.Sort(found)
	return slices.Compact(found)
}

// item is the value of a key of an object; nil if it has none of that name.
func item(expr hclsyntax.Expression, key string) hclsyntax.Expression {
	object, _ := expr.(*hclsyntax.ObjectConsExpr)
	for _, i := range object.Items {
		if literal(i.KeyExpr) == key {
			return i.ValueExpr
		}
	}
	return nil
}

// references lists what an expression speaks of, like "local.settings.Sweep".
func references(expr hclsyntax.Expression) []string {
	var found []string
	for _, traversal := range expr.Variables() {
		var steps []string
		for _, step := range traversal {
			switch s := step.(type) {
			case hcl.TraverseRoot:
				steps = append(steps, s.Name)
			case hcl.TraverseAttr:
				steps = append(steps, s.Name)
			}
		}
		found = append(found, strings.Join(steps, "."))
	}
	return found
}

// topKeys lists the literal keys of an object, not those of objects within.
func topKeys(expr hclsyntax.Expression) []string {
	object, _ := expr.(*hclsyntax.ObjectConsExpr)
	var found []string
	for _, item := range object.Items {
		found = append(found, literal(item.KeyExpr))
	}
	return found
}

// literal returns a constant expression as text, "" if it is none.
func literal(expr hclsyntax.Expression) string {
	value, diagnostics := expr.Value(nil)
	if diagnostics.HasErrors() || value.IsNull() {
		return ""
	}
	text, err := convert.Convert(value, cty.String)
	if err != nil {
		return ""
	}
	return text.AsString()
}

// texts lists the constant parts of every text in an expression.
func texts(expr hclsyntax.Expression) []string {
	var found []string
	_ = hclsyntax.VisitAll(expr, func(node hclsyntax.Node) hcl.Diagnostics {
		if template, ok := node.(*hclsyntax.TemplateExpr); ok {
			var parts strings.Builder
			for _, part := range template.Parts {
				parts.WriteString(literalPart(part))
			}
			found = append(found, parts.String())
		}
		return nil
	})
	return found
}

func literalPart(expr hclsyntax.Expression) string {
	if _, constant := expr.(*hclsyntax.LiteralValueExpr); constant {
		return literal(expr)
	}
	return ""
}

// TestEnvironmentsSetVariables: Terraform only warns of a variable that does not exist, and
// the setting it was meant for keeps its default.
func TestEnvironmentsSetVariables(t *testing.T) {
	t.Parallel()
	declared := labels(readTerraform(t, "variables*.tf"), "variable")
	names, err := filepath.Glob(filepath.Join(root, "infra", "environments", "*.tfvars"))
	if err != nil || len(names) == 0 {
		t.Fatalf("infra/environments has no *.tfvars (%v)", err)
	}
	for _, name := range names {
		for set := range readTerraform(t, "environments/"+filepath.Base(name))[0].Attributes {
			if !slices.Contains(declared, set) {
				t.Errorf("infra/environments/%s sets %s, which no variables*.tf declares", filepath.Base(name), set)
			}
		}
	}
}

var jsonField = regexp.MustCompile(`jsonPayload\.([a-z_]+)`)

// TestMetricsReadLoggedFields: a metric of a field that no line has counts nothing, for ever
// and silently.
func TestMetricsReadLoggedFields(t *testing.T) {
	t.Parallel()
	logged := map[string]bool{"message": true}
	for _, f := range readSource(t) {
		if strings.HasPrefix(f.dir, "cloudfunction/") && !f.test() {
			for _, text := range stringLiterals(f) {
				logged[text] = true
			}
		}
	}
	metrics := readTerraform(t, "monitoring_metrics.tf")
	read := map[string]bool{}
	for _, text := range localTexts(t, metrics, "delivery_lines", "sweep_lines", "counted_metrics") {
		for _, match := range jsonField.FindAllStringSubmatch(text, -1) {
			read[match[1]] = true
		}
	}
	for _, text := range localTexts(t, metrics, "delivery_metrics", "sweep_metrics") {
		for part := range strings.SplitSeq(strings.ReplaceAll(text, `"`, ""), ".") {
			read[part] = true
		}
	}
	if len(read) < 10 {
		t.Fatalf("only %d fields were found in the metrics: their form has changed, and this test with it", len(read))
	}
	for field := range read {
		if !logged[field] {
			t.Errorf("a metric reads the field %q, which nothing in cloudfunction/ logs", field)
		}
	}
}

// localTexts lists the constant parts of the texts in local values.
func localTexts(t *testing.T, bodies []*hclsyntax.Body, names ...string) []string {
	t.Helper()
	var found []string
	for _, name := range names {
		expr, ok := localValue(bodies, name)
		if !ok {
			t.Fatalf("infra/ has no local.%s", name)
		}
		found = append(found, texts(expr)...)
	}
	return found
}
