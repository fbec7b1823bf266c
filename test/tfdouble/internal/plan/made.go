package plan

import (
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Made gives the new state of a resource: planned, with every value that was
// still unknown filled in from its template, or empty where it has none.
func Made(b schema.Block, names Names, planned Object) Object {
	return made(b, Scope{Names: names}, planned)
}

func made(b schema.Block, outer Scope, planned Object) Object {
	state := Object{}
	for name, v := range planned {
		state[name] = v
	}
	scope := outer.Inner(state)
	for range b.Attributes { // templates may refer to each other in any order
		for _, a := range b.Attributes {
			if template := templateOf(a); template != nil && value.IsUnknown(state[a.Name]) {
				state[a.Name] = scope.Fill(a.Type, *template)
			}
		}
	}
	for _, a := range b.Attributes {
		if value.IsUnknown(state[a.Name]) {
			state[a.Name] = empty(a.Type)
		}
	}
	for _, n := range b.Blocks {
		state[n.Name] = madeBlocks(n, scope, state[n.Name])
	}
	return state
}

// empty is what is stored of a value that nobody gave: an SDKv2 state counts
// the elements of a list or map even when there are none, and would plan to
// learn them again if it were null.
func empty(t tftypes.Type) any {
	switch {
	case t.Is(tftypes.List{}), t.Is(tftypes.Set{}):
		return []any{}
	case t.Is(tftypes.Map{}):
		return Object{}
	}
	return nil
}

func templateOf(a schema.Attribute) *string {
	if a.Made != nil {
		return a.Made
	}
	return a.Planned
}

func madeBlocks(n schema.NestedBlock, scope Scope, planned any) any {
	if value.IsUnknown(planned) {
		if !n.MadeOne {
			return []any{}
		}
		return []any{made(n.Block, scope, block(n.Block, scope, Object{}, nil))}
	}
	elements, ok := planned.([]any)
	if !ok {
		return planned
	}
	state := make([]any, len(elements))
	for i, element := range elements {
		if object, ok := element.(Object); ok {
			state[i] = made(n.Block, scope, object)
		}
	}
	return state
}
