package environment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

// Nearest is the candidate that is likely meant by name, or "".
func Nearest(name string, candidates []string) string {
	best, at := "", 0.0
	for _, c := range candidates {
		if score := levenshtein.Match(name, c, nil); score > at {
			best, at = c, score
		}
	}
	if at < 0.5 { // half of the letters; else it is another word
		return ""
	}
	return best
}

// Unknown names the settings of the variables file that infra/ does not have: to
// Terraform they are a warning, and what was meant keeps its default.
func (e *Environment) Unknown() error {
	declared, err := variablesOf(e.Infra)
	if err != nil || len(declared) == 0 {
		return err
	}
	var faults []error
	for _, name := range e.Values.names() {
		if slices.Contains(declared, name) {
			continue
		}
		hint := "see infra/README.md for all of them"
		if near := Nearest(name, declared); near != "" {
			hint = "did you mean " + near + "?"
		}
		faults = append(faults, fmt.Errorf("infra/environments/%s.tfvars: there is no setting %s; %s", e.Name, name, hint))
	}
	return errors.Join(faults...)
}

// variablesOf lists the variables that infra/ declares. A file that cannot be read is
// left to Terraform, which says it better.
func variablesOf(infra string) ([]string, error) {
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
			return nil, nil
		}
		content, _, _ := file.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "variable", LabelNames: []string{"name"}}}})
		for _, b := range content.Blocks {
			out = append(out, b.Labels[0])
		}
	}
	return out, nil
}

// placeholder is what stands in the committed files until somebody puts in their own.
var placeholder = regexp.MustCompile(`^(your-.*|[A-Z]{2}0{32}|1?0{6,})$`)

// Placeholders names each setting that still has the value it came with, as
// "project_id in infra/environments/prod.tfvars". Local has none to fill in.
func (e *Environment) Placeholders() ([]string, error) {
	if e.IsLocal() {
		return nil, nil
	}
	backend, err := ReadValues(e.BackendFile)
	if err != nil {
		return nil, err
	}
	return append(e.Values.placeholders(e.VarFile), backend.placeholders(e.BackendFile)...), nil
}

func (v Values) placeholders(file string) []string {
	var out []string
	for _, name := range v.names() {
		if isPlaceholder(v[name]) {
			out = append(out, name+" in infra/environments/"+filepath.Base(file))
		}
	}
	return out
}

func isPlaceholder(v cty.Value) bool {
	if !v.IsWhollyKnown() || v.IsNull() {
		return false
	}
	if v.Type() == cty.String {
		return placeholder.MatchString(v.AsString())
	}
	if v.Type().IsTupleType() {
		return slices.ContainsFunc(v.AsValueSlice(), isPlaceholder)
	}
	return false
}

// names lists the settings in order.
func (v Values) names() []string {
	out := make([]string, 0, len(v))
	for name := range v {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// fill puts values in the place of placeholders and returns the text; ok is false if
// one of the settings is not there as a placeholder.
func fill(text string, values map[string]string) (filled string, ok bool) {
	lines := strings.Split(text, "\n")
	for name, value := range values {
		i := slices.IndexFunc(lines, func(l string) bool { return assigned(l) == name })
		if i < 0 {
			return "", false
		}
		key, _, _ := strings.Cut(lines[i], "=")
		lines[i] = key + "= " + value
	}
	return strings.Join(lines, "\n"), true
}

// assigned is the name of the setting that a line assigns, or "".
func assigned(line string) string {
	name, _, found := strings.Cut(line, "=")
	if !found || strings.Contains(name, "#") {
		return ""
	}
	return strings.TrimSpace(name)
}
