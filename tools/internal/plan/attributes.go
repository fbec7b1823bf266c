package plan

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"

	tfjson "github.com/hashicorp/terraform-json"
)

// Attribute is one leaf that differs, by its path, already made safe to show.
type Attribute struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"` // empty for what is created
	After  string `json:"after"`
}

func (a Attribute) values() string {
	if a.Before == "" {
		return a.After
	}
	return a.Before + " → " + a.After
}

// Words that stand for values which are not shown.
const (
	hidden  = "(sensitive)"
	unknown = "(known after apply)"
	absent  = "(none)"
)

// attributes lists what differs between before and after, leaf by leaf. A creation
// has no before worth showing and a deletion no after, so both give none. A
// replacement makes every computed attribute unknown, which says nothing: there
// only what the configuration changes is listed.
func attributes(c *tfjson.Change) []Attribute {
	if object(c.Before) == nil || object(c.After) == nil {
		return nil
	}
	d := &differ{quiet: c.Actions.Replace()}
	d.walk("", c.Before, c.After, c.AfterUnknown, c.BeforeSensitive, c.AfterSensitive)
	sort.SliceStable(d.found, func(i, j int) bool { return d.found[i].Name < d.found[j].Name })
	return d.found
}

type differ struct {
	quiet bool // leave out what becomes unknown
	found []Attribute
}

// walk goes down two values side by side, together with the marks that Terraform
// keeps in values of the same shape.
func (d *differ) walk(path string, before, after, unknowns, hideBefore, hideAfter any) {
	switch {
	case isTrue(unknowns):
		if !d.quiet {
			d.add(path, show(before, hideBefore), unknown)
		}
	case reflect.DeepEqual(before, after) && !isMarked(unknowns):
	case isTrue(hideBefore) || isTrue(hideAfter):
		d.add(path, show(before, hideBefore), show(after, hideAfter))
	case isObject(before, after):
		for _, key := range keys(before, after, unknowns) {
			d.walk(join(path, key), field(before, key), field(after, key), field(unknowns, key), field(hideBefore, key), field(hideAfter, key))
		}
	case sameLength(before, after):
		for i := range before.([]any) {
			key := fmt.Sprint(i)
			d.walk(join(path, key), item(before, i), item(after, i), item(unknowns, i), item(hideBefore, i), item(hideAfter, i))
		}
	case isList(before, after) && !isMarked(hideBefore) && !isMarked(hideAfter):
		d.elements(path, before, after)
	default:
		d.add(path, show(before, hideBefore), show(after, hideAfter))
	}
}

// elements tells which elements of two lists are gone, and which are new.
func (d *differ) elements(path string, before, after any) {
	for _, e := range missing(before, after) {
		d.add(path, show(e, nil), absent)
	}
	for _, e := range missing(after, before) {
		d.add(path, absent, show(e, nil))
	}
}

func (d *differ) add(path, before, after string) {
	d.found = append(d.found, Attribute{Name: path, Before: before, After: after})
}

// show renders a value on one line; anything with a sensitive part is hidden
// whole, since a part of a secret is a secret.
func show(v, sensitive any) string {
	if isMarked(sensitive) {
		return hidden
	}
	if v == nil {
		return absent
	}
	text, err := json.Marshal(v)
	if err != nil {
		return hidden
	}
	const most = 100
	if r := []rune(string(text)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(text)
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func isObject(before, after any) bool { return object(before) != nil && object(after) != nil }

func isList(before, after any) bool {
	_, ok := before.([]any)
	_, also := after.([]any)
	return ok && also
}

func sameLength(before, after any) bool {
	return isList(before, after) && len(before.([]any)) == len(after.([]any))
}

// missing lists the elements of a that b has not.
func missing(a, b any) []any {
	var out []any
	for _, x := range a.([]any) {
		found := false
		for _, y := range b.([]any) {
			found = found || reflect.DeepEqual(x, y)
		}
		if !found {
			out = append(out, x)
		}
	}
	return out
}

func field(v any, key string) any { return object(v)[key] }

func item(v any, i int) any {
	if list, ok := v.([]any); ok && i < len(list) {
		return list[i]
	}
	return nil
}

func keys(values ...any) []string {
	seen := map[string]bool{}
	var out []string
	for _, v := range values {
		for k := range object(v) {
			if !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func isTrue(v any) bool {
	b, ok := v.(bool)
	return ok && b
}

// isMarked reports whether any leaf below v is true.
func isMarked(v any) bool {
	switch t := v.(type) {
	case bool:
		return t
	case map[string]any:
		for _, e := range t {
			if isMarked(e) {
				return true
			}
		}
	case []any:
		for _, e := range t {
			if isMarked(e) {
				return true
			}
		}
	}
	return false
}
