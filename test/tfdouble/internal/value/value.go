// Package value turns Terraform's values into plain Go values and back, so
// that planning code can be written with maps and slices.
//
// The plain form of a value is: nil (null), [Unknown] (known after apply),
// string, bool, *big.Float, []any (list, set, tuple) or map[string]any (map,
// object).
package value

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type unknown struct{}

// Unknown stands for a value that is only known after apply.
var Unknown any = unknown{}

// IsUnknown reports whether v itself is unknown; see [HasUnknown] for parts.
func IsUnknown(v any) bool { return v == Unknown }

// HasUnknown reports whether v or anything inside it is unknown.
func HasUnknown(v any) bool {
	switch v := v.(type) {
	case unknown:
		return true
	case []any:
		for _, element := range v {
			if HasUnknown(element) {
				return true
			}
		}
	case map[string]any:
		for _, element := range v {
			if HasUnknown(element) {
				return true
			}
		}
	}
	return false
}

// Equal reports whether two plain values are the same; numbers are compared by
// value, whatever their precision.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case unknown:
		return IsUnknown(b)
	case *big.Float:
		other, ok := b.(*big.Float)
		return ok && a.Cmp(other) == 0
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !Equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for key := range a {
			if element, has := other[key]; !has || !Equal(a[key], element) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// FromTerraform gives v in its plain form.
func FromTerraform(v tftypes.Value) (any, error) {
	switch {
	case !v.IsKnown():
		return Unknown, nil
	case v.IsNull():
		return nil, nil
	}
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		return as[string](v)
	case t.Is(tftypes.Bool):
		return as[bool](v)
	case t.Is(tftypes.Number):
		var number *big.Float
		err := v.As(&number)
		return number, err
	case t.Is(tftypes.List{}), t.Is(tftypes.Set{}), t.Is(tftypes.Tuple{}):
		return listFrom(v)
	case t.Is(tftypes.Map{}), t.Is(tftypes.Object{}):
		return mapFrom(v)
	}
	return nil, fmt.Errorf("read a value of the unforeseen type %s", v.Type())
}

func as[T any](v tftypes.Value) (any, error) {
	var plain T
	err := v.As(&plain)
	return plain, err
}

func listFrom(v tftypes.Value) (any, error) {
	var elements []tftypes.Value
	if err := v.As(&elements); err != nil {
		return nil, err
	}
	list := make([]any, len(elements))
	for i, element := range elements {
		var err error
		if list[i], err = FromTerraform(element); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func mapFrom(v tftypes.Value) (any, error) {
	var elements map[string]tftypes.Value
	if err := v.As(&elements); err != nil {
		return nil, err
	}
	plain := make(map[string]any, len(elements))
	for key, element := range elements {
		var err error
		if plain[key], err = FromTerraform(element); err != nil {
			return nil, err
		}
	}
	return plain, nil
}
