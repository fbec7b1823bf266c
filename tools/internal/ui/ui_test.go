package ui

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

func TestProgressLines(t *testing.T) {
	t.Parallel()
	events := []terraform.Event{
		{Kind: terraform.Started, Address: "a.b", Action: "create"},
		{Kind: terraform.Running, Address: "a.b", Action: "create", Elapsed: 10 * time.Second},
		{Kind: terraform.Completed, Address: "a.b", Action: "create", Elapsed: 12 * time.Second},
		{Kind: terraform.Errored, Address: "c.d", Action: "delete"},
	}
	var plain, live bytes.Buffer
	for out, p := range map[*bytes.Buffer]*Progress{&plain: NewProgress(&plain, false, NewColours(false)), &live: NewProgress(&live, true, NewColours(false))} {
		for _, e := range events {
			p.Observe(e)
		}
		p.Close()
		if p.Done() != 1 {
			t.Errorf("%d done, want 1: what failed is not done", p.Done())
		}
		if out == &plain && strings.Contains(out.String(), "\x1b") {
			t.Error("a file gets control characters")
		}
	}
	want := "  … a.b: create, 10s so far\n  ✓ a.b: created (12s)\n  ✗ c.d: delete failed\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(live.String(), "1 under way: a.b (10s)") {
		t.Errorf("the live line is missing: %q", live.String())
	}
}

func TestAsk(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"yes\n": true, "yes": true, "y\n": false, "YES\n": false, "\n": false, "": false} {
		if got, err := Ask(t.Context(), strings.NewReader(answer), &bytes.Buffer{}, "Sure?"); got != want || err != nil {
			t.Errorf("%q is taken as %t, %v", answer, got, err)
		}
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	if got := NewColours(false).Bad("x"); got != "x" {
		t.Errorf("off, and yet %q", got)
	}
}
