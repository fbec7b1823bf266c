package page

import (
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

func TestShort(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want, reason string }{
		{"SID", "CH0123456789abcdef0123456789abcdef", "CH…abcdef", "a SID alone"},
		{"two in a path", "/v2/Services/IS0123456789abcdef0123456789aaaaaa/Channels/CH0123456789abcdef0123456789bbbbbb", "/v2/Services/IS…aaaaaa/Channels/CH…bbbbbb", "each"},
		{"behind a prefix", "flexsweep-CH0123456789abcdef0123456789abcdef", "flexsweep-CH…abcdef", "the name of a record"},
		{"too short", "CH0123", "CH0123", "no SID"},
		{"too long", "CH0123456789abcdef0123456789abcdef0", "CH0123456789abcdef0123456789abcdef0", "no SID"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := short(test.text); got != test.want {
				t.Errorf("short is %q, want %q: %s", got, test.want, test.reason)
			}
		})
	}
}

func TestPretty(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want, reason string }{
		{"object", `{"b":1,"a":[]}`, "{\n  \"b\": 1,\n  \"a\": []\n}", "the keys keep their order"},
		{"digits", `12345678901234567890.10`, `12345678901234567890.10`, "numbers keep their digits"},
		{"cut off", `{"b":`, `{"b":`, "what the journal has cut is shown as it is"},
		{"nothing", "", "", "no body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := pretty(test.text); got != test.want {
				t.Errorf("pretty is %q, want %q: %s", got, test.want, test.reason)
			}
		})
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	now := faketwilio.DefaultStart
	tests := []struct {
		ago  time.Duration
		want string
	}{
		{0, "now"},
		{999 * time.Millisecond, "now"},
		{time.Second, "1 s ago"},
		{90 * time.Second, "1 min 30 s ago"},
		{time.Hour, "1 h ago"},
		{49*time.Hour + 59*time.Minute, "2 d 1 h ago"},
		{-time.Millisecond, "in less than a second"},
		{-5 * time.Minute, "in 5 min"},
		{-720 * time.Hour, "in 30 d"},
	}
	for _, test := range tests {
		t.Run(test.ago.String(), func(t *testing.T) {
			t.Parallel()
			if got := age(now, now.Add(-test.ago)); got != test.want {
				t.Errorf("age is %q, want %q", got, test.want)
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault faketwilio.Fault
		want  string
	}{
		{faketwilio.Fault{Status: 503, HTML: true}, "503 with a page for every request"},
		{faketwilio.Fault{Reset: true, Late: true, Method: "POST"}, "reset after the write for POST"},
		{faketwilio.Fault{Hang: true, Product: "chat", Nth: 2}, "hang for chat but only number 2"},
		{faketwilio.Fault{Latency: 500 * time.Millisecond}, "500ms latency for every request"},
		{faketwilio.Fault{Latency: time.Second, Status: 500, Times: 3}, "500 after 1s for every request at most 3 times"},
		{faketwilio.Fault{Status: 429, RetryAfter: "7", Path: "/Maps", Probability: 0.25}, "429 with Retry-After 7 for /Maps with probability 0.25"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			if got := describe(test.fault); got != test.want {
				t.Errorf("described as %q, want %q", got, test.want)
			}
		})
	}
}
