package plan

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// Names gives the values that templates call {provider.x} and {@x}. ok is
// false when there is no such name.
type Names func(name string, object Object) (v any, ok bool)

// Scope is where a template looks names up: the block it stands in, the blocks
// around that, and the provider's own names.
type Scope struct {
	Names   Names
	objects []Object // innermost last
}

// Inner gives the scope of a block within this one.
func (s Scope) Inner(object Object) Scope {
	objects := append(append([]Object(nil), s.objects...), object)
	return Scope{Names: s.Names, objects: objects}
}

func (s Scope) lookup(name string) any {
	if strings.HasPrefix(name, "@") || strings.HasPrefix(name, "provider.") {
		if s.Names == nil {
			return nil
		}
		v, _ := s.Names(name, s.objects[0])
		return v
	}
	for i := len(s.objects) - 1; i >= 0; i-- {
		if v, has := s.objects[i][name]; has {
			return v
		}
	}
	return nil
}

var reference = regexp.MustCompile(`\{([^{}]+)\}`)

// Fill gives the template's value as one of type t. It is unknown when one of
// the names is unknown, or null in the midst of text.
func (s Scope) Fill(t tftypes.Type, template string) any {
	if m := reference.FindString(template); m != "" && m == template {
		return converted(t, s.lookup(m[1:len(m)-1]))
	}
	known := true
	text := reference.ReplaceAllStringFunc(template, func(m string) string {
		v := s.lookup(m[1 : len(m)-1])
		if v == nil || value.IsUnknown(v) {
			known = false
			return ""
		}
		return value.Text(v)
	})
	if !known {
		return value.Unknown
	}
	return converted(t, text)
}

// converted gives v as a value of type t: text is read as a number or bool
// where one is wanted. It is unknown when it cannot be.
func converted(t tftypes.Type, v any) any {
	text, isText := v.(string)
	if v == nil {
		return value.Unknown
	}
	if !isText {
		return v
	}
	parsed, err := value.Parse(t, text)
	if err != nil {
		return value.Unknown
	}
	return parsed
}

// dependsOnUnknown reports whether a name in the template is unknown, as
// against merely absent.
func dependsOnUnknown(s Scope, template string) bool {
	for _, m := range reference.FindAllStringSubmatch(template, -1) {
		if value.IsUnknown(s.lookup(m[1])) {
			return true
		}
	}
	return false
}
