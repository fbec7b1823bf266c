package retire_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

var (
	off  = channel.Previous{LongLived: json.RawMessage("false"), Status: json.RawMessage(`"INACTIVE"`)}
	none = channel.Previous{}
)

func TestMerge(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason     string
		attributes string
		to         channel.Previous
		want       string
	}{
		"both there":             {"the values change, nothing else", `{"long_lived":true,"status":"ACTIVE","from":"+1"}`, off, `{"long_lived":false,"status":"INACTIVE","from":"+1"}`},
		"neither there":          {"they go to the end", `{"from":"+1"}`, off, `{"from":"+1","long_lived":false,"status":"INACTIVE"}`},
		"empty object":           {"no comma without a member before", `{}`, off, `{"long_lived":false,"status":"INACTIVE"}`},
		"white space":            {"text keeps its spacing", " { \"status\" :\t\"ACTIVE\" ,\n \"a\" : 1 } \n", off, " { \"status\" :\t\"INACTIVE\" ,\n \"a\" : 1,\"long_lived\":false } \n"},
		"empty, spaced":          {"text keeps its spacing", "{ \n}", off, "{\"long_lived\":false,\"status\":\"INACTIVE\" \n}"},
		"many digits":            {"numbers keep their digits", `{"id":12345678901234567890.12345678901234567890,"e":1E+2,"z":-0.0}`, off, `{"id":12345678901234567890.12345678901234567890,"e":1E+2,"z":-0.0,"long_lived":false,"status":"INACTIVE"}`},
		"escapes":                {"text keeps its spelling", `{"a":"\u00e9\/\ud83d\ude00","<b>":"&"}`, off, `{"a":"\u00e9\/\ud83d\ude00","<b>":"&","long_lived":false,"status":"INACTIVE"}`},
		"the key escaped":        {"a key is what it spells", `{"st\u0061tus":"ACTIVE","long_lived":true}`, off, `{"st\u0061tus":"INACTIVE","long_lived":false}`},
		"duplicate keys":         {"readers differ in which counts, so each is set", `{"status":"A","x":1,"status":"B","long_lived":1}`, off, `{"status":"INACTIVE","x":1,"status":"INACTIVE","long_lived":false}`},
		"nested":                 {"only the outer ones are ours", `{"a":{"status":"ACTIVE","b":[{"long_lived":true}]},"status":{"status":"x"}}`, off, `{"a":{"status":"ACTIVE","b":[{"long_lived":true}]},"status":"INACTIVE","long_lived":false}`},
		"keys of another case":   {"Status is another's", `{"Status":"ACTIVE","LONG_LIVED":true}`, off, `{"Status":"ACTIVE","LONG_LIVED":true,"long_lived":false,"status":"INACTIVE"}`},
		"braces in text":         {"text is not structure", `{"a":"}\",{","status":"x}"}`, off, `{"a":"}\",{","status":"INACTIVE","long_lived":false}`},
		"foreign duplicates":     {"they are not ours to tidy", `{"x":1,"x":2}`, off, `{"x":1,"x":2,"long_lived":false,"status":"INACTIVE"}`},
		"an empty key":           {"a key like any other", `{"":1}`, off, `{"":1,"long_lived":false,"status":"INACTIVE"}`},
		"remove the first":       {"with the comma behind it", `{"status":"x", "a":1,"b":2}`, none, `{"a":1,"b":2}`},
		"remove in the middle":   {"with one comma", `{"a":1, "status":"x" ,"b":2}`, none, `{"a":1, "b":2}`},
		"remove the last":        {"with the comma before it", `{"a":1 ,"status":"x" }`, none, `{"a":1 }`},
		"remove the only one":    {"an object stays", `{ "long_lived":true }`, none, `{  }`},
		"remove both":            {"an object stays", `{"long_lived":true,"status":"x"}`, none, `{}`},
		"remove each duplicate":  {"or one would come to light", `{"status":1,"status":2,"a":3,"status":4}`, none, `{"a":3}`},
		"remove what is missing": {"nothing to do", `{"a":1}`, none, `{"a":1}`},
		"set one, remove one":    {"what a channel without a status had", `{"long_lived":false,"status":"INACTIVE"}`, channel.Previous{LongLived: json.RawMessage("true")}, `{"long_lived":true}`},
		"restore a null":         {"null is a value, not an absence", `{"status":"INACTIVE","long_lived":false}`, channel.Previous{LongLived: json.RawMessage("null"), Status: json.RawMessage("null")}, `{"status":null,"long_lived":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := retire.Merge(row.attributes, row.to)
			if err != nil || got != row.want {
				t.Errorf("%s:\n got %q, %v\nwant %q", row.reason, got, err, row.want)
			}
		})
	}
}

func TestPrevious(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("x", 64) + `"`
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	for name, row := range map[string]struct {
		reason     string
		attributes string
		want       channel.Previous
	}{
		"both":          {"as they stand", `{"long_lived":true,"status":"ACTIVE"}`, channel.Previous{LongLived: raw("true"), Status: raw(`"ACTIVE"`)}},
		"neither":       {"absent is nil, which restoring removes", `{"a":1}`, none},
		"null":          {"present, and null", `{"status":null}`, channel.Previous{Status: raw("null")}},
		"spaced":        {"without the space around", `{"status" : "ACTIVE" }`, channel.Previous{Status: raw(`"ACTIVE"`)}},
		"twice":         {"the last one counts, as for every reader", `{"status":"A","status":"B"}`, channel.Previous{Status: raw(`"B"`)}},
		"nested":        {"only the outer ones are ours", `{"a":{"status":"A"}}`, none},
		"of any type":   {"somebody may have written an object", `{"long_lived":{"a":[1]}}`, channel.Previous{LongLived: raw(`{"a":[1]}`)}},
		"too long":      {"it is somebody's data, and must not get into the ledger", `{"long_lived":` + long + `,"status":` + long + `}`, channel.Previous{LongLived: raw("true"), Status: raw(`"ACTIVE"`)}},
		"just fits":     {"the bound belongs to what fits", `{"status":"` + long[1:63] + `"}`, channel.Previous{Status: raw(`"` + long[1:63] + `"`)}},
		"an odd number": {"its digits count", `{"status":1.10}`, channel.Previous{Status: raw("1.10")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := retire.Previous(row.attributes)
			if d := cmp.Diff(row.want, got); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", row.reason, err, d)
			}
		})
	}
}

func TestAttributesThatAreNoObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, ` `, `null`, `[]`, `"{}"`, `5`, `{`, `{"a":1}{"b":2}`, `{"a":}`, `{"a":1,}`, `{'a':1}`, `{"Ann Canary":tru}`} {
		_, mergeErr := retire.Merge(text, off)
		_, removeErr := retire.Merge(text, none)
		_, err := retire.Previous(text)
		if mergeErr == nil || removeErr == nil || err == nil {
			t.Errorf("%q is taken for an object: %v, %v, %v", text, mergeErr, removeErr, err)
			continue
		}
		if strings.Contains(err.Error(), "Canary") {
			t.Errorf("the error quotes the attributes: %v", err)
		}
	}
}

// FuzzMerge: whatever object an application has made of the attributes, a deactivation
// changes two values and no other byte of a member, and undoing it gives them back.
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"long_lived":true,"status":"ACTIVE","a":12345678901234567890.0123456789}`, `{"a":1,"status":null}`,
		`{"st\u0061tus":1,"status":2,"b":[{"status":3}]}`, "{\"a\":\"\xff\\ud800\",\"a\":\"}\"}", `{"long_lived" : {"x":[]} , "z":""}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, attributes string) {
		previous, err := retire.Previous(attributes)
		if err != nil {
			return
		}
		foreign := others(t, attributes)
		merged, err := retire.Merge(attributes, off)
		if err != nil {
			t.Fatalf("what was read cannot be merged: %v", err)
		}
		check(t, "deactivated", merged, foreign, off)
		twice, err := retire.Merge(merged, off)
		if err != nil || twice != merged {
			t.Errorf("the second time %q became %q, %v", merged, twice, err)
		}
		restored, err := retire.Merge(merged, previous)
		if err != nil {
			t.Fatalf("what was merged cannot be restored: %v", err)
		}
		check(t, "restored", restored, foreign, previous)
	})
}

func check(t *testing.T, what, attributes string, foreign []string, want channel.Previous) {
	t.Helper()
	if !json.Valid([]byte(attributes)) {
		t.Fatalf("%s: not JSON: %q", what, attributes)
	}
	if d := cmp.Diff(foreign, others(t, attributes)); d != "" {
		t.Errorf("%s: foreign members changed (-before +after):\n%s", what, d)
	}
	got, err := retire.Previous(attributes)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", what, err, d)
	}
}

// others lists the members that are not ours, in order, values byte for byte. It is
// written apart from the code under test, on json.Decoder's tokens.
func others(t *testing.T, object string) (members []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if key != "long_lived" && key != "status" {
			members = append(members, fmt.Sprintf("%s=%s", key, value))
		}
	}
	return members
}

// BenchmarkMerge measures both settings on attributes of so many members.
func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{5, 50, 500} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			members := []string{`"long_lived":true`}
			for i := range n {
				members = append(members, fmt.Sprintf(`"key_%d":{"value":"some text of it","n":%d}`, i, i))
			}
			attributes := "{" + strings.Join(members, ",") + "}"
			b.SetBytes(int64(len(attributes)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := retire.Merge(attributes, off); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
