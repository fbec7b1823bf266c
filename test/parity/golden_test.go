package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// recordOf is a record of one exchange with that body.
func recordOf(body any) record {
	return record{Case: "sample", Exchanges: []exchange{{Step: "ask", Request: "GET sync.twilio.com/v1/Services", Status: 200, Body: body}}}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	dir, day := t.TempDir(), time.Date(2026, time.November, 25, 23, 0, 0, 0, time.UTC)
	if _, there, err := readGolden(dir, "sample"); there || err != nil {
		t.Errorf("nothing was recorded: %v, %v", there, err)
	}
	if err := writeGolden(dir, recordOf(map[string]any{"sid": "<IS:1>", "n": 1.0}), day, nil); err != nil {
		t.Fatal(err)
	}
	g, there, err := readGolden(dir, "sample")
	if err != nil || !there || g.Recorded != "2026-11-25" || len(compare(recordOf(map[string]any{"sid": "<IS:1>", "n": 1.0}), record{Exchanges: g.Exchanges})) > 0 {
		t.Errorf("read %+v, %v, %v", g, there, err)
	}
	content, err := os.ReadFile(goldenFile(dir, "sample"))
	if err != nil {
		t.Fatal(err)
	}
	for _, mended := range []string{
		strings.Replace(string(content), `"n": 1`, `"n": 2`, 1), strings.Replace(string(content), "2026-11-25", "2026-11-26", 1),
	} {
		if err := os.WriteFile(goldenFile(dir, "sample"), []byte(mended), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := readGolden(dir, "sample"); err == nil || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("a file that was changed by hand is read: %v", err)
		}
	}
	for _, bad := range []record{{Case: "sample", Skipped: "no Flex"}, {Case: "sample", Unstable: []string{"x"}}, {Case: "sample", Broken: "x"}} {
		if err := writeGolden(dir, bad, day, nil); err == nil {
			t.Errorf("%+v was written down", bad)
		}
	}
}

// Nothing that is somebody's gets into a golden file, even if normalising has missed it.
func TestPrivate(t *testing.T) {
	t.Parallel()
	const token = "a1b2c3d4e5f6"
	tests := []struct {
		name, reason, field, value string
		refused                    bool
	}{
		{"placeholder", "what normalising leaves", "sid", "<IS:1>", false},
		{"state", "a word of Twilio's", "state", "closed", false},
		{"placeholder in an address", "most answers have one", "url", "https://sync.twilio.com/v1/Services/<IS:1>/Documents/<name:a>", false},
		{"constant", "the same for everybody", "created_by", "system", false},
		{"example", "nobody's address", "destination", "https://example.com/flexsweep", false},
		{"SID", "of somebody's account", "sid", "IS0123456789abcdef0123456789abcdef", true},
		{"SID in an address", "the same", "url", "https://sync.twilio.com/v1/Services/IS0123456789abcdef0123456789abcdef", true},
		{"number", "of a telephone", "from", "+15550100123", true},
		{"number with spaces", "of a telephone", "text", "call +1 555 010 0123", true},
		{"number without prefix", "of a telephone", "text", "555-010-0123", true},
		{"mail address", "somebody's", "text", "ann@example.com", true},
		{"name", "somebody's", "friendly_name", "Ann's contact centre", true},
		{"author", "somebody's", "author", "ann", true},
		{"host", "of somebody's server", "destination", "https://hooks.ann.example.net/events", true},
		{"IP address", "somebody's", "text", "192.0.2.17", true},
		{"token", "a secret by its form", "text", "0123456789abcdef0123456789abcdef", true},
		{"long secret", "a secret by its form", "text", "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6", true},
		{"credential", "one of the run's own, whatever its form", "text", "x" + token + "x", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := recordOf(map[string]any{"list": []any{map[string]any{test.field: test.value}}})
			err := writeGolden(t.TempDir(), r, time.Now(), []string{token})
			if (err != nil) != test.refused {
				t.Errorf("%s: %v, want refused %v", test.reason, err, test.refused)
			}
			if err != nil && strings.Contains(err.Error(), test.value) {
				t.Errorf("the refusal says it: %v", err)
			}
		})
	}
}

// A difference that is known is no fault, and one that is none any more is.
func TestKnownDifferences(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := writeGolden(dir, recordOf(map[string]any{"n": 1.0, "m": 1.0}), time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	fake := []record{recordOf(map[string]any{"n": 2.0, "m": 1.0})}
	v, err := judge(dir, fake, nil)
	if err != nil || v.recorded != 1 || len(v.unknown) != 1 || v.unknown[0].Path != ".body.n" {
		t.Errorf("judged %+v, %v", v, err)
	}
	rows := []knownDifference{{"sample", "ask", ".body.n", "the fake counts from 2"}}
	if v, err := judge(dir, fake, rows); err != nil || len(v.complaints()) > 0 {
		t.Errorf("a known difference: %v, %v", v.complaints(), err)
	}
	rows = append(rows, knownDifference{"sample", "ask", ".body.m", "it was once"}, knownDifference{"never asked", "ask", ".body", "who knows"})
	if v, err := judge(dir, fake, rows); err != nil || len(v.stale) != 1 || v.stale[0].Path != ".body.m" {
		t.Errorf("a difference that is none any more: %+v, %v", v, err)
	}
}
