// Package plan works out planned values as a provider built on Terraform's
// SDKv2 does: defaults, computed values, what is unknown until apply, what
// forces replacement, and what apply fills in.
package plan

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Object is the plain value of a resource or of a block; see package value.
type Object = map[string]any

// Planned gives the planned value of a resource from its configuration and its
// prior state, which is nil when it is to be created.
func Planned(b schema.Block, names Names, config, prior Object) Object {
	return block(b, Scope{Names: names}, config, prior)
}

func block(b schema.Block, outer Scope, config, prior Object) Object {
	planned := Object{}
	scope := outer.Inner(planned)
	var waiting []schema.Attribute
	for _, a := range b.Attributes {
		v, settled := attribute(a, config[a.Name], prior)
		planned[a.Name] = v
		if !settled {
			waiting = append(waiting, a)
		}
	}
	resolve(planned, scope, waiting, prior)
	for _, n := range b.Blocks {
		planned[n.Name] = nested(n, scope, config[n.Name], prior[n.Name], prior != nil)
	}
	return planned
}

// attribute gives an attribute's planned value; settled is false when its
// template must still be filled in.
func attribute(a schema.Attribute, config any, prior Object) (v any, settled bool) {
	switch {
	case a.WriteOnly:
		return nil, true
	case a.Unseen && prior[a.Name] != nil && value.HasUnknown(config):
		return prior[a.Name], true
	case a.Long && prior != nil && lastPart(prior[a.Name]) == lastPart(config):
		return prior[a.Name], true
	case config != nil:
		return configured(a, config), true
	case a.Planned != nil:
		return value.Unknown, false
	case a.Computed && prior == nil:
		return value.Unknown, true
	case a.Computed:
		return prior[a.Name], true // null stays null: SDKv2 plans no change
	}
	return nil, true
}

// lastPart gives what follows the last slash of a name; an unknown one is like no other.
func lastPart(name any) any {
	text, known := name.(string)
	if !known {
		return name
	}
	return text[strings.LastIndex(text, "/")+1:]
}

// configured gives a configured value as SDKv2 plans it: one unknown element
// makes a whole map unknown, and a state function may change the text.
func configured(a schema.Attribute, config any) any {
	if a.Type.Is(tftypes.Map{}) && value.HasUnknown(config) {
		return value.Unknown
	}
	if text, ok := config.(string); ok && a.Upper {
		return strings.ToUpper(text)
	}
	return config
}

// resolve fills in the templates of the waiting attributes, in whatever order
// their references need. What cannot be known is the prior value, or unknown
// when there is none.
func resolve(planned Object, scope Scope, waiting []schema.Attribute, prior Object) {
	pending := map[string]bool{}
	for _, a := range waiting {
		pending[a.Name] = true
	}
	for round := 0; round < len(waiting); round++ {
		for _, a := range waiting {
			if !pending[a.Name] {
				continue
			}
			if v := scope.Fill(a.Type, *a.Planned); !value.IsUnknown(v) {
				planned[a.Name], pending[a.Name] = v, false
			}
		}
	}
	for _, a := range waiting {
		if pending[a.Name] && prior != nil && !dependsOnUnknown(scope, *a.Planned) {
			planned[a.Name] = prior[a.Name]
		}
	}
}

func nested(n schema.NestedBlock, scope Scope, config, prior any, update bool) any {
	if value.IsUnknown(config) {
		return value.Unknown
	}
	if n.Mode == schema.Single {
		return config
	}
	elements, _ := config.([]any)
	if len(elements) == 0 && n.Computed {
		if update {
			return prior
		}
		return value.Unknown
	}
	before, _ := prior.([]any)
	planned := make([]any, 0, len(elements))
	for i, element := range elements {
		object, ok := element.(Object)
		if !ok {
			planned = append(planned, element)
			continue
		}
		planned = append(planned, block(n.Block, scope, object, counterpart(n, before, i, object)))
	}
	return planned
}

// counterpart gives the prior element of a block: the one at the same place of
// a list; in a set the one that agrees with everything configured.
func counterpart(n schema.NestedBlock, before []any, index int, config Object) Object {
	if n.Mode == schema.List {
		if index < len(before) {
			object, _ := before[index].(Object)
			return object
		}
		return nil
	}
	for _, candidate := range before {
		if object, ok := candidate.(Object); ok && agrees(object, config) {
			return object
		}
	}
	return nil
}

func agrees(candidate, config Object) bool {
	for name, v := range config {
		if v != nil && !value.Equal(v, candidate[name]) {
			return false
		}
	}
	return true
}
