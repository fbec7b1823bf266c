package eventstream

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func split(body string) (found []string, err error) {
	for element, broken := range elements([]byte(body)) {
		if err = broken; err == nil {
			found = append(found, string(element))
		}
	}
	return found, err
}

func TestElements(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for name, row := range map[string]struct {
		reason string
		body   string
		want   []string
		broken bool
	}{
		"none":                 {"an empty delivery is one", `[]`, nil, false},
		"one":                  {"the usual delivery", `[{}]`, []string{`{}`}, false},
		"several":              {"Twilio may batch", `[{},{"id":"EZ1"},{}]`, []string{`{}`, `{"id":"EZ1"}`, `{}`}, false},
		"white space":          {"it means nothing between values", " [ {} ,\t{\n}\r, 5 ] \n", []string{`{}`, "{\n}", `5`}, false},
		"brackets in text":     {"a bracket in a text ends nothing", `[{"a":"]}"},"],["]`, []string{`{"a":"]}"}`, `"],["`}, false},
		"quotes in text":       {"an escaped quote ends nothing", `["\"]","\\",{"\\\"":"}"}]`, []string{`"\"]"`, `"\\"`, `{"\\\"":"}"}`}, false},
		"words and numbers":    {"each ends where it ends", `[null,true,-1.5e3]`, []string{`null`, `true`, `-1.5e3`}, false},
		"arrays":               {"an array is a value, too", `[[1,[2]],[]]`, []string{`[1,[2]]`, `[]`}, false},
		"deep":                 {"no depth exhausts the stack", "[" + deep + ",{}]", []string{deep, `{}`}, false},
		"an object":            {"one event that is not in an array", ` {"id":"EZ1"} `, []string{`{"id":"EZ1"}`}, false},
		"nonsense in between":  {"it is one element's, and costs no other", `[{},{a:},x,{}]`, []string{`{}`, `{a:}`, `x`, `{}`}, false},
		"brackets do not fit":  {"it could go on anywhere", `[{},{"a":]},{}]`, []string{`{}`, `{"a":]`}, true},
		"null":                 {"null is no array", `null`, nil, true},
		"empty":                {"nothing is no array", ``, nil, true},
		"a form":               {"Twilio's other webhooks send forms", `EventType=task.created`, nil, true},
		"cut off after one":    {"what was read is read", `[{"id":"EZ1"},`, []string{`{"id":"EZ1"}`}, true},
		"cut off in one":       {"half an event is none", `[{},{"id":"EZ`, []string{`{}`}, true},
		"cut off in an escape": {"the last byte escapes nothing", `["\`, nil, true},
		"cut off in a number":  {"who knows how it goes on", `[1`, nil, true},
		"not closed":           {"something may be missing", `[{}`, []string{`{}`}, true},
		"a comma too many":     {"something is missing", `[{},]`, []string{`{}`}, true},
		"only a comma":         {"something is missing", `[,]`, nil, true},
		"no comma":             {"that is no array", `[{}{}]`, []string{`{}`}, true},
		"two arrays":           {"one delivery is one value", `[{}][{}]`, []string{`{}`}, true},
		"two objects":          {"one delivery is one value", `{}{}`, []string{`{}`}, true},
		"an object cut off":    {"half an event is none", `{"id":`, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := split(row.body)
			if d := cmp.Diff(row.want, got); d != "" || (err != nil) != row.broken {
				t.Errorf("%s: %v, broken %t (-want +got):\n%s", row.reason, err, row.broken, d)
			}
		})
	}
}

// FuzzElements: of whatever encoding/json takes for an array, the elements are its elements.
func FuzzElements(f *testing.F) {
	for _, seed := range []string{`[]`, `[{"a":"\\\"]"},[1,2],null, -5e3 ,"x"]`, `{}`, `[1,]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := split(body)
		for _, element := range got {
			if element == "" {
				t.Error("an element of nothing")
			}
		}
		var want []json.RawMessage
		if json.Unmarshal([]byte(body), &want) != nil || want == nil {
			return
		}
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d elements and %v, want %d", len(got), err, len(want))
		}
		for i := range want {
			if got[i] != string(want[i]) {
				t.Errorf("element %d is %q, want %q", i, got[i], want[i])
			}
		}
	})
}
