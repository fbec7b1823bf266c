package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPage: the tables in the page are those of this source.
func TestPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := replaced(string(text), tables(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is stale; run: go run ./test/scale -write\n(-want +page)\n%s", page, diff)
	}
}

func TestReplaced(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want, reason string
	}{
		{"renewed", "a\n" + begin + "\nold\n\n" + end + "b\n", "a\n" + begin + "\nnew\n\n" + end + "b\n", "what stands around the tables is a person's"},
		{"current", begin + "\nnew\n\n" + end, begin + "\nnew\n\n" + end, "a page that is up to date does not change"},
		{"no marks", "a\n", "", "a page without marks would silently keep its tables"},
		{"no end", begin + "old\n", "", "what follows must not be cut off"},
		{"end first", end + begin, "", "so must not what stands between"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := replaced(test.text, "new\n")
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("replaced: %q, %v; want %q, because %s", got, err, test.want, test.reason)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		x      float64
		want   string
		reason string
	}{
		{"none", 0, "0", "nothing has no digits"},
		{"one", 1, "1", "a whole number has no fraction"},
		{"small", 0.08333, "0.083", "two digits count, wherever they stand"},
		{"rounded up", 0.0999, "0.1", "rounding may give a digit more"},
		{"tens", 42.6, "43", "the third digit is not known"},
		{"thousands", 1249, "1,200", "nor is the fourth"},
		{"millions", 129_708_000, "130,000,000", "groups of three"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := number(test.x); got != test.want {
				t.Errorf("number(%v) = %q, want %q, because %s", test.x, got, test.want, test.reason)
			}
		})
	}
}

func TestFlags(t *testing.T) { // not in parallel with what prints prices: they are the program's
	tests := []struct {
		name, args, want, reason string
	}{
		{"no time", "-latency 0s", "no time that a request can take", "the simulation would not end"},
		{"own latency in the page", "-write -latency 50ms", "-write goes alone", "the test would call the page stale"},
		{"own price in the page", "-write -price calls=1", "-write goes alone", "a reader's contract is the reader's"},
		{"no such price", "-price call=1", `nothing is named "call"`, "a misspelt price must not pass for a free thing"},
		{"no number", "-price calls=cheap", "not like", "a price is a number"},
		{"below nothing", "-price calls=-1", "not like", "that is how a missing price is written"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			prices := append([]item(nil), items...)
			defer copy(items, prices)
			err := run(strings.Fields(test.args), io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("run(%s): %v; want %q, because %s", test.args, err, test.want, test.reason)
			}
		})
	}
}

func TestOwnPrice(t *testing.T) {
	prices := append([]item(nil), items...)
	defer copy(items, prices)
	if err := setPrice("calls=0.05"); err != nil {
		t.Fatal(err)
	}
	if got := cost(Plan{Copies: 1}, Result{Webhook: time.Hour, Sweeps: time.Hour, WebhookCalls: 1000}); got < 35.99 || got > 36.01 {
		t.Errorf("cost %v, want 36: 720 hours, each with 1,000 requests at $0.05 for 1,000", got)
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	hour := Result{Webhook: time.Hour, Sweeps: time.Hour, Events: 1000, WebhookCalls: 1000, Requests: 0}
	p := Plan{Copies: 3}
	if got, want := cost(p, hour), 3*720*0.04; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("cost %v, want %v: a month has 720 hours, each with 1,000 events at $0.04 in each of 3 copies; requests without a price cost nothing", got, want)
	}
}
