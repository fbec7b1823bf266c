package main

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

func TestNormalise(t *testing.T) {
	t.Parallel()
	const ch, other = "CH0123456789abcdef0123456789abcdef", "CH00000000000000000000000000000001"
	tests := []struct{ name, reason, field, value, want string }{
		{"reference", "numbered in the order of appearance", "sid", ch, "<CH:1>"},
		{"the same again", "what refers to it is kept", "url", "https://chat.twilio.com/v2/Services/x/Channels/" + ch, "https://chat.twilio.com/v2/Services/x/Channels/<CH:1>"},
		{"another", "another number", "conversation_sid", other, "<CH:2>"},
		{"escaped", "in an address as well", "url", "?q=%22" + other + "%22", "?q=%22<CH:2>%22"},
		{"time", "the format is kept", "date_created", "2026-11-25T08:00:00Z", "<time:seconds>"},
		{"precise time", "it is another format", "timestamp", "2026-11-25T08:00:00.123Z", "<time:milliseconds>"},
		{"token", "its beginning is kept", "next_page_url", "https://sync.twilio.com/?PageSize=1&PageToken=PTeyJwbGFjZSI6MX0&Page=1", "https://sync.twilio.com/?PageSize=1&PageToken=<token:PT>&Page=1"},
		{"name of the run", "what the case made up", "friendly_name", "parity-1-a-x-ledger", "<name:ledger>"},
		{"name of somebody", "it is nobody's business", "friendly_name", "Ann's", "<redacted>"},
		{"constant", "the same everywhere", "created_by", "system", "system"},
		{"wording", "Twilio may change it", "message", "not found", "<text>"},
		{"state", "this is what it is about", "state", "closed", "closed"},
		{"attributes", "byte for byte", "attributes", `{"a": 1.50 }`, `{"a": 1.50 }`},
	}
	n := newNormaliser()
	n.stand("parity-1-a-x-ledger", "<name:ledger>")
	for _, test := range tests { // in order: references are numbered
		if got := n.value(test.field, test.value); got != test.want {
			t.Errorf("%s: %q becomes %q, want %q: %s", test.name, test.value, got, test.want, test.reason)
		}
	}
	if diff := cmp.Diff(map[string]any{"age": "<number>", "count": 3.0}, n.value("", map[string]any{"age": 17.0, "count": 3.0})); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

// What a case makes up and normalising does not know of shows between the variants.
func TestLeaksAreUnstable(t *testing.T) {
	t.Parallel()
	leaks := parityCase{name: "leak", play: func(r *run) {
		r.call("create", http.MethodPost, r.ledger(), []string{"Data", `"made up by ` + r.variant + `"`})
	}}
	to, _ := newFake(faketwilio.Options{})
	got := leaks.against(t.Context(), to)
	if got.compared() || len(got.Unstable) != 1 {
		t.Errorf("unstable: %v", got.Unstable)
	}
	if err := writeGolden(t.TempDir(), got, to.clock(), nil); err == nil {
		t.Error("it was written down")
	}
}
