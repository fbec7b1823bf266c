package plan

import (
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Made gives the new state of a resource: planned, with every value that was
// still unknown filled in from its template, or null where it has none.
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
			state[a.Name] = nil
		}
	}
	for _, n := range b.Blocks {
		state[n.Name] = madeBlocks(n, scope, state[n.Name])
	}
	return state
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
