package retire_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

var (
	off  = channel.Inactive()
	none = channel.Found{}
)

// values returns the raw text of both attributes, "" for one that is absent.
func values(longLived, status string) channel.Found {
	var f channel.Found
	if longLived != "" {
		f.LongLived = &longLived
	}
	if status != "" {
		f.Status = &status
	}
	return f
}

func TestMerge(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason     string
		attributes string
		to         channel.Found
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
		"duplicate keys":         {"the last one counts, and the others need not change", `{"status":"A","x":1,"status":"B","long_lived":1}`, off, `{"status":"A","x":1,"status":"INACTIVE","long_lived":false}`},
		"nested":                 {"only the outer ones are ours", `{"a":{"status":"ACTIVE","b":[{"long_lived":true}]},"status":{"status":"x"}}`, off, `{"a":{"status":"ACTIVE","b":[{"long_lived":true}]},"status":"INACTIVE","long_lived":false}`},
		"keys of another case":   {"Status is another's", `{"Status":"ACTIVE","LONG_LIVED":true}`, off, `{"Status":"ACTIVE","LONG_LIVED":true,"long_lived":false,"status":"INACTIVE"}`},
		"braces in text":         {"text is not structure", `{"a":"}\",{","status":"x}"}`, off, `{"a":"}\",{","status":"INACTIVE","long_lived":false}`},
		"foreign duplicates":     {"they are not ours to tidy", `{"x":1,"x":2}`, off, `{"x":1,"x":2,"long_lived":false,"status":"INACTIVE"}`},
		"an empty key":           {"a key like any other", `{"":1}`, off, `{"":1,"long_lived":false,"status":"INACTIVE"}`},
		"remove the first":       {"with the comma behind it", `{"status":"x", "a":1,"b":2}`, none, `{"a":1,"b":2}`},
		"remove in the middle":   {"with the comma before it", `{"a":1, "status":"x" ,"b":2}`, none, `{"a":1 ,"b":2}`},
		"remove the last":        {"with the comma before it", `{"a":1 ,"status":"x" }`, none, `{"a":1 }`},
		"remove the only one":    {"an object stays", `{ "long_lived":true }`, none, `{  }`},
		"remove both":            {"an object stays", `{"long_lived":true,"status":"x"}`, none, `{}`},
		"remove a duplicate":     {"the last one, which is what counts: the others were there before it", `{"status":1,"status":2,"a":3,"status":4}`, none, `{"status":1,"status":2,"a":3}`},
		"remove what is missing": {"nothing to do", `{"a":1}`, none, `{"a":1}`},
		"set one, remove one":    {"what a channel without a status had", `{"long_lived":false,"status":"INACTIVE"}`, values("true", ""), `{"long_lived":true}`},
		"restore a null":         {"null is a value, not an absence", `{"status":"INACTIVE","long_lived":false}`, values("null", "null"), `{"status":null,"long_lived":null}`},
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

func TestRead(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 64)
	for name, row := range map[string]struct {
		reason     string
		attributes string
		want       channel.Found
	}{
		"both":          {"as they stand", `{"long_lived":true,"status":"ACTIVE"}`, values("true", `"ACTIVE"`)},
		"neither":       {"absent is nil, which restoring removes", `{"a":1}`, none},
		"null":          {"present, and null", `{"status":null}`, values("", "null")},
		"spaced":        {"without the space around", `{"status" : "ACTIVE" }`, values("", `"ACTIVE"`)},
		"twice":         {"the last one counts, as for every reader", `{"status":"A","status":"B"}`, values("", `"B"`)},
		"nested":        {"only the outer ones are ours", `{"a":{"status":"A"}}`, none},
		"another case":  {"Status is another's", `{"Status":"A","LONG_LIVED":true}`, none},
		"of any type":   {"somebody may have written an object", `{"long_lived":{"a": [1]}}`, values(`{"a": [1]}`, "")},
		"just fits":     {"the bound belongs to what fits", `{"long_lived":` + long + `,"status":` + long + `}`, values(long, long)},
		"an odd number": {"its digits count", `{"status":1.10,"long_lived":1e999}`, values("1e999", "1.10")},
		"an escape":     {"its spelling counts", `{"status":"\u0041CTIVE\/"}`, values("", `"\u0041CTIVE\/"`)},
		"two, one long": {"what does not count may be of any length", `{"status":` + long + `1,"status":1}`, values("", "1")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := retire.Read(row.attributes)
			if d := cmp.Diff(row.want, got); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", row.reason, err, d)
			}
		})
	}
}

// Somebody's data must not get into the ledger, and what does not get there cannot be given
// back: so such a channel is left alone.
func TestValuesThatAreTooLong(t *testing.T) {
	t.Parallel()
	long := `"Ann Canary` + strings.Repeat("x", 54) + `"` // 66 bytes
	for _, text := range []string{`{"status":` + long + `}`, `{"long_lived":` + long + `}`, `{"status":1,"status":` + strings.Repeat("1", 65) + `}`} {
		got, err := retire.Read(text)
		if !errors.Is(err, retire.ErrUnreadable) || got != none {
			t.Errorf("%s is read as %v, %v", text, got, err)
			continue
		}
		if strings.Contains(err.Error(), "Canary") {
			t.Errorf("the error quotes the attributes: %v", err)
		}
	}
}

func TestAttributesThatAreNoObject(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 10001) + "1" + strings.Repeat("}", 10001)
	for _, text := range []string{``, ` `, `null`, `[]`, `[{}]`, `"{}"`, `5`, `{`, `{"a":1}{"b":2}`, `{"a":}`, `{"a":1,}`, `{'a':1}`, `{"Ann Canary":tru}`, "\u00a0{}", deep} {
		_, mergeErr := retire.Merge(text, off)
		_, removeErr := retire.Merge(text, none)
		_, err := retire.Read(text)
		for _, err := range []error{mergeErr, removeErr, err} {
			if !errors.Is(err, retire.ErrUnreadable) {
				t.Errorf("%.40q is taken for an object: %v", text, err)
				continue
			}
			if strings.Contains(err.Error(), "Canary") {
				t.Errorf("the error quotes the attributes: %v", err)
			}
		}
	}
}

// What a deactivation makes of the attributes and a restoration gives back is the very text.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ reason, attributes, inactive string }{
		"beyond a double":  {"a number is text", `{"long_lived":1e999,"a":1e999}`, `{"long_lived":false,"a":1e999,"status":"INACTIVE"}`},
		"a point and zero": {"1.0 is not 1", `{"long_lived":1.0,"status":-0.0}`, `{"long_lived":false,"status":"INACTIVE"}`},
		"a big integer":    {"every digit counts", `{"status":12345678901234567890123,"id":12345678901234567890123}`, `{"status":"INACTIVE","id":12345678901234567890123,"long_lived":false}`},
		"escapes":          {"a spelling is a text, too", `{"st\u0061tus":"\u0041\/\ud83d\ude00","<b>":"&\u0026"}`, `{"st\u0061tus":"INACTIVE","<b>":"&\u0026","long_lived":false}`},
		"a lone surrogate": {"it is nothing that we must understand", `{"status":"\ud800"}`, `{"status":"INACTIVE","long_lived":false}`},
		"twice":            {"only the one that counts changes", `{"status":1,"status":2,"long_lived":3,"long_lived":4}`, `{"status":1,"status":"INACTIVE","long_lived":3,"long_lived":false}`},
		"absent":           {"what was added goes again", `{"a":1}`, `{"a":1,"long_lived":false,"status":"INACTIVE"}`},
		"one absent":       {"what was added goes again", `{"status":"ACTIVE","a":1}`, `{"status":"INACTIVE","a":1,"long_lived":false}`},
		"empty":            {"what was added goes again", `{}`, `{"long_lived":false,"status":"INACTIVE"}`},
		"empty, spaced":    {"the space stays", " { \n } ", " {\"long_lived\":false,\"status\":\"INACTIVE\" \n } "},
		"spaced":           {"the space stays", "{ \"status\"\t:\r\n\"A\" ,\"a\" : [ ] }\n", "{ \"status\"\t:\r\n\"INACTIVE\" ,\"a\" : [ ],\"long_lived\":false }\n"},
		"null":             {"null is a value", `{"status":null,"long_lived":null}`, `{"status":"INACTIVE","long_lived":false}`},
		"an object":        {"whatever it is", `{"long_lived":{"a": [1.0, "}"]}}`, `{"long_lived":false,"status":"INACTIVE"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := retire.Read(row.attributes)
			if err != nil {
				t.Fatalf("%s: %v", row.reason, err)
			}
			inactive, err := retire.Merge(row.attributes, off)
			if err != nil || inactive != row.inactive {
				t.Errorf("%s: deactivated it is\n%q, %v; want\n%q", row.reason, inactive, err, row.inactive)
			}
			back, err := retire.Merge(inactive, found)
			if err != nil || back != row.attributes {
				t.Errorf("%s: given back it is\n%q, %v; it was\n%q", row.reason, back, err, row.attributes)
			}
		})
	}
}

// objects draws the text of a JSON object with our members in every place and spelling.
func objects() *rapid.Generator[string] {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r\n  "})
	key := rapid.SampledFrom([]string{`"long_lived"`, `"status"`, `"long_lived"`, `"status"`, `"a"`, `""`, `"Status"`, `"st\u0061tus"`, `"}"`, `"\"status\""`})
	value := rapid.SampledFrom([]string{"true", "false", "null", `"ACTIVE"`, `"INACTIVE"`, "1e999", "1.0", "-0", "123456789012345678901234567890", `"\u00e9\/\ud800"`, `{"status": 1, "b":{}}`, "[ ]", `[1,{"long_lived":true}]`, `"},{"`, `""`})
	return rapid.Custom(func(t *rapid.T) string {
		s := func() string { return space.Draw(t, "space") }
		var members []string
		for range rapid.IntRange(0, 5).Draw(t, "members") {
			members = append(members, s()+key.Draw(t, "key")+s()+":"+s()+value.Draw(t, "value")+s())
		}
		inside := strings.Join(members, ",")
		if len(members) == 0 {
			inside = s()
		}
		return s() + "{" + inside + "}" + s()
	})
}

func TestWhateverItWasIsGivenBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, objects().Draw(t, "attributes")) })
}

// FuzzMerge: whatever object an application has made of the attributes, a deactivation
// changes two values and no other byte of a member, and undoing it gives the very text back.
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"long_lived":true,"status":"ACTIVE","a":12345678901234567890.0123456789}`, `{"a":1,"status":null}`,
		`{"st\u0061tus":1,"status":2,"b":[{"status":3}]}`, "{\"a\":\"\xff\\ud800\",\"a\":\"}\"}", `{"long_lived" : {"x":[]} , "z":""}`,
		`{"long_lived":1e999,"status":1.0}`, `{"status":1,"status":2}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, attributes string) { roundTrip(t, attributes) })
}

// tester is a test or a property.
type tester interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}

func roundTrip(t tester, attributes string) {
	t.Helper()
	found, err := retire.Read(attributes)
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
	restored, err := retire.Merge(merged, found)
	if err != nil {
		t.Fatalf("what was merged cannot be restored: %v", err)
	}
	if restored != attributes {
		t.Errorf("%q was given back as %q", attributes, restored)
	}
}

func check(t tester, what, attributes string, foreign []string, want channel.Found) {
	t.Helper()
	if !json.Valid([]byte(attributes)) {
		t.Fatalf("%s: not JSON: %q", what, attributes)
	}
	if d := cmp.Diff(foreign, others(t, attributes)); d != "" {
		t.Errorf("%s: foreign members changed (-before +after):\n%s", what, d)
	}
	got, err := retire.Read(attributes)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", what, err, d)
	}
}

// others lists the members that are not ours, in order, values byte for byte. It is
// written apart from the code under test, on json.Decoder's tokens.
func others(t tester, object string) (members []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		t.Fatalf("%v", err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatalf("%v", err)
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
