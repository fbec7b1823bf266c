package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// difference is one place at which two records of a case are not the same.
type difference struct {
	Case, Step, Path string
	Want, Got        string // JSON, or "nothing"
}

func (d difference) String() string {
	return fmt.Sprintf("%s/%s %s: Twilio has %s, the fake %s", d.Case, d.Step, d.Path, d.Want, d.Got)
}

// compare holds what the fake did against what Twilio did.
func compare(twilio, fake record) []difference {
	var found []difference
	for i := range max(len(twilio.Exchanges), len(fake.Exchanges)) {
		var want, got any
		step := ""
		if i < len(twilio.Exchanges) {
			step, want = twilio.Exchanges[i].Step, plain(twilio.Exchanges[i])
		}
		if i < len(fake.Exchanges) {
			step, got = fake.Exchanges[i].Step, plain(fake.Exchanges[i])
		}
		for _, d := range differ("", want, got) {
			d.Case, d.Step = twilio.Case, step
			found = append(found, d)
		}
	}
	return found
}

// differ lists where two JSON values differ.
func differ(path string, want, got any) []difference {
	var found []difference
	switch want := want.(type) {
	case map[string]any:
		if got, same := got.(map[string]any); same {
			keys := maps.Clone(want)
			maps.Copy(keys, got)
			for _, key := range sortedKeys(keys) {
				w, wanted := want[key]
				g, given := got[key]
				switch {
				case !given:
					found = append(found, difference{Path: path + "." + key, Want: text(w), Got: "nothing"})
				case !wanted:
					found = append(found, difference{Path: path + "." + key, Want: "nothing", Got: text(g)})
				default:
					found = append(found, differ(path+"."+key, w, g)...)
				}
			}
			return found
		}
	case []any:
		if got, same := got.([]any); same && len(got) == len(want) {
			for i := range want {
				found = append(found, differ(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])...)
			}
			return found
		}
	}
	if text(want) != text(got) {
		found = append(found, difference{Path: path, Want: text(want), Got: text(got)})
	}
	return found
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// text is a value as JSON, as people read it.
func text(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("parity: encode value: " + err.Error()) // it came from JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plain is a value as JSON decodes it.
func plain(value any) any {
	var out any
	if err := json.Unmarshal([]byte(text(value)), &out); err != nil {
		panic("parity: decode value: " + err.Error())
	}
	return out
}
