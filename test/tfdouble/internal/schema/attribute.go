package schema

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// parseAttribute reads "NAME FLAGS TYPE [= TEMPLATE | ~ TEMPLATE]".
func parseAttribute(text string) (Attribute, error) {
	fields := strings.Fields(text)
	if len(fields) < 3 || len(fields) == 4 {
		return Attribute{}, fmt.Errorf("want: NAME FLAGS TYPE [= TEMPLATE | ~ TEMPLATE]")
	}
	a := Attribute{Name: fields[0]}
	if err := a.flags(fields[1]); err != nil {
		return Attribute{}, err
	}
	var rest string
	var err error
	if a.Type, rest, err = parseType(fields[2]); err != nil {
		return Attribute{}, fmt.Errorf("unknown type %q: %w", fields[2], err)
	}
	if rest != "" {
		return Attribute{}, fmt.Errorf("unknown type %q: %q is left over", fields[2], rest)
	}
	if len(fields) == 3 {
		return a, nil
	}
	_, template, _ := strings.Cut(text, " "+fields[3]+" ")
	template = strings.TrimSpace(template)
	switch fields[3] {
	case "=":
		a.Planned = &template
	case "~":
		a.Made = &template
	default:
		return Attribute{}, fmt.Errorf("%q is neither = nor ~", fields[3])
	}
	return a, nil
}

func (a *Attribute) flags(text string) error {
	for _, flag := range text {
		switch flag {
		case '!':
			a.Required = true
		case '?':
			a.Optional = true
		case '^':
			a.Computed = true
		case '#':
			a.ForceNew = true
		case 'w':
			a.WriteOnly = true
		case 's':
			a.Sensitive = true
		case 'u':
			a.Upper = true
		case 'l':
			a.Long = true
		case 'h':
			a.Unseen = true
		default:
			return fmt.Errorf("unknown flag %q", flag)
		}
	}
	return nil
}

var primitives = map[string]tftypes.Type{"string": tftypes.String, "bool": tftypes.Bool, "number": tftypes.Number}

// parseType reads one type from the start of text and gives what follows it.
func parseType(text string) (tftypes.Type, string, error) {
	end := strings.IndexAny(text, "(),=")
	if end < 0 {
		end = len(text)
	}
	name, rest := text[:end], text[end:]
	if t, ok := primitives[name]; ok {
		return t, rest, nil
	}
	if !strings.HasPrefix(rest, "(") {
		return nil, "", fmt.Errorf("%q is no type", name)
	}
	if name == "object" {
		return parseObject(rest[1:])
	}
	element, rest, err := parseType(rest[1:])
	if err != nil {
		return nil, "", err
	}
	if !strings.HasPrefix(rest, ")") {
		return nil, "", fmt.Errorf("%s( is not closed", name)
	}
	switch name {
	case "list":
		return tftypes.List{ElementType: element}, rest[1:], nil
	case "set":
		return tftypes.Set{ElementType: element}, rest[1:], nil
	case "map":
		return tftypes.Map{ElementType: element}, rest[1:], nil
	}
	return nil, "", fmt.Errorf("%q is no type", name)
}

// parseObject reads "name=TYPE,name=TYPE)".
func parseObject(text string) (tftypes.Type, string, error) {
	types := map[string]tftypes.Type{}
	for {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return nil, "", fmt.Errorf("object( is not closed")
		}
		t, rest, err := parseType(rest)
		if err != nil {
			return nil, "", err
		}
		types[name] = t
		switch {
		case strings.HasPrefix(rest, ")"):
			return tftypes.Object{AttributeTypes: types}, rest[1:], nil
		case strings.HasPrefix(rest, ","):
			text = rest[1:]
		default:
			return nil, "", fmt.Errorf("object( is not closed")
		}
	}
}
