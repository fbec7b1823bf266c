package ui

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCounter(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		live   bool
		at     []time.Duration // since the start
		want   string
		reason string
	}{
		{"quick", true, []time.Duration{0, 900 * time.Millisecond}, "", "what is done within a second needs no progress"},
		{"live", true, []time.Duration{time.Second, 1050 * time.Millisecond, 1200 * time.Millisecond}, "\r\x1b[K  1s done\r\x1b[K  1.2s done\r\x1b[K", "one line, drawn at most ten times a second, removed in the end"},
		{"no terminal", false, []time.Duration{time.Second, 2 * time.Second, 11 * time.Second}, "  … 1s done\n  … 11s done\n", "a log wants few lines and no control characters"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC)
			now := start
			var out bytes.Buffer
			c := NewCounter(&out, row.live, func() time.Time { return now })
			for _, at := range row.at {
				now = start.Add(at)
				c.Show("%s done", at)
			}
			c.Close()
			if d := cmp.Diff(row.want, out.String()); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}
