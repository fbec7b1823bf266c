package twilio

import (
	"encoding/json"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
)

func isBool(a schema.Attribute) bool { return a.Type.Is(tftypes.Bool) }

// merge gives the state after an answer: what the answer names replaces what
// was there, the rest stays (a subscription's types are never read back).
func merge(r schema.Resource, before plan.Object, answer map[string]any) plan.Object {
	state := plan.Object{}
	for _, a := range r.Block.Attributes {
		state[a.Name] = before[a.Name]
		if v, has := answer[a.Name]; has && a.Name != "types" {
			state[a.Name] = stateValue(a, v)
		}
	}
	return state
}

// stateValue gives an answer's JSON value as the attribute's; one of another
// kind is null.
func stateValue(a schema.Attribute, v any) any {
	switch v := v.(type) {
	case string:
		if a.Type.Is(tftypes.String) {
			return v
		}
	case bool:
		if isBool(a) {
			return v
		}
	case json.Number:
		if number, ok := new(big.Float).SetString(v.String()); ok && a.Type.Is(tftypes.Number) {
			return number
		}
	case map[string]any:
		return jsonText(v)
	}
	return nil
}

// jsonText gives an object as the real provider stores it: Go's JSON, and
// nothing at all when one of its values is null (a fault of the original:
// the null erases the whole attribute).
func jsonText(object map[string]any) any {
	for _, v := range object {
		if v == nil {
			return nil
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil
	}
	return string(text)
}
