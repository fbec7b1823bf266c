package plan

import (
	"encoding/json"
	"reflect"
	"sort"

	tfjson "github.com/hashicorp/terraform-json"
)

// Attribute is one top-level attribute that differs, already made safe to show.
type Attribute struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Words that stand for values which are not shown.
const (
	hidden  = "(sensitive)"
	unknown = "(known after apply)"
	absent  = "(none)"
)

// attributes lists what differs between before and after. A creation has no
// before worth showing and a deletion no after, so both give none.
func attributes(c *tfjson.Change) []Attribute {
	before, after := object(c.Before), object(c.After)
	if before == nil || after == nil {
		return nil
	}
	unknowns := object(c.AfterUnknown)
	names := map[string]bool{}
	for n := range before {
		names[n] = true
	}
	for n := range after {
		names[n] = true
	}
	for n := range unknowns {
		names[n] = true
	}
	var out []Attribute
	for n := range names {
		if isUnknown(unknowns[n]) {
			out = append(out, Attribute{n, show(before[n], object(c.BeforeSensitive)[n]), unknown})
			continue
		}
		if reflect.DeepEqual(before[n], after[n]) {
			continue
		}
		out = append(out, Attribute{
			Name:   n,
			Before: show(before[n], object(c.BeforeSensitive)[n]),
			After:  show(after[n], object(c.AfterSensitive)[n]),
		})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
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

// isUnknown reports whether the whole attribute is unknown; parts that are show
// up in the value as missing.
func isUnknown(v any) bool {
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
