package value

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ToTerraform gives the plain value v as a Terraform value of type t. Absent
// attributes of an object are null. It returns an error when v does not fit t.
func ToTerraform(t tftypes.Type, v any) (tftypes.Value, error) {
	switch {
	case v == nil:
		return tftypes.NewValue(t, nil), nil
	case IsUnknown(v):
		return tftypes.NewValue(t, tftypes.UnknownValue), nil
	}
	raw, err := raw(t, v)
	if err != nil {
		return tftypes.Value{}, err
	}
	if err := tftypes.ValidateValue(t, raw); err != nil {
		return tftypes.Value{}, fmt.Errorf("make a %s: %w", t, err)
	}
	return tftypes.NewValue(t, raw), nil
}

func raw(t tftypes.Type, v any) (any, error) {
	switch t := t.(type) {
	case tftypes.List:
		return rawList(t.ElementType, v)
	case tftypes.Set:
		return rawList(t.ElementType, v)
	case tftypes.Map:
		return rawMap(v, func(string) tftypes.Type { return t.ElementType })
	case tftypes.Object:
		object, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("make a %s of a %T", t, v)
		}
		whole := make(map[string]any, len(t.AttributeTypes))
		for name := range t.AttributeTypes {
			whole[name] = object[name]
		}
		return rawMap(whole, func(name string) tftypes.Type { return t.AttributeTypes[name] })
	}
	return v, nil
}

func rawList(element tftypes.Type, v any) (any, error) {
	plain, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("make a list of a %T", v)
	}
	list := make([]tftypes.Value, len(plain))
	for i := range plain {
		var err error
		if list[i], err = ToTerraform(element, plain[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func rawMap(v any, typeOf func(string) tftypes.Type) (any, error) {
	plain, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("make a map of a %T", v)
	}
	values := make(map[string]tftypes.Value, len(plain))
	for key := range plain {
		var err error
		if values[key], err = ToTerraform(typeOf(key), plain[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return values, nil
}

// Parse reads text as a primitive of type t (string, bool or number).
func Parse(t tftypes.Type, text string) (any, error) {
	switch {
	case t.Is(tftypes.String):
		return text, nil
	case t.Is(tftypes.Bool):
		return strconv.ParseBool(text)
	case t.Is(tftypes.Number):
		number, ok := new(big.Float).SetString(text)
		if !ok {
			return nil, fmt.Errorf("read %q as a number", text)
		}
		return number, nil
	}
	return nil, fmt.Errorf("read %q as a %s", text, t)
}

// Text gives a primitive as text, as Terraform's string templates would; null
// and anything composite is "".
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case *big.Float:
		return v.Text('f', -1)
	}
	return ""
}
