package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFillAsksAgain(t *testing.T) {
	t.Parallel()
	digits := func(s string) error {
		if s == "" || strings.Trim(s, "0123456789") != "" {
			return errors.New("that is no number")
		}
		return nil
	}
	var name, number string
	var out bytes.Buffer
	fields := []Field{{Title: "Name:", Value: &name}, {Title: "Number:", Check: digits, Value: &number}}
	if err := Fill(t.Context(), strings.NewReader("shop\nmany\n12\n"), &out, fields); err != nil {
		t.Fatal(err)
	}
	if name != "shop" || number != "12" || strings.Count(out.String(), "that is no number") != 1 {
		t.Errorf("name %q, number %q: one wrong answer must cost neither the other nor a start anew:\n%s", name, number, &out)
	}
	number = ""
	if err := Fill(t.Context(), strings.NewReader("shop\nmany\n"), io.Discard, fields); err == nil {
		t.Error("answers that end with a wrong one are taken")
	}
}

// TestAskEnds: a question that nobody answers ends with its context, as at SIGTERM.
func TestAskEnds(t *testing.T) {
	t.Parallel()
	silent, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Ask(ctx, silent, io.Discard, "Sure?"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLastColumn(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"a", strings.Repeat("x", 100)}, {"bcd", "y"}}
	for _, row := range []struct {
		name    string
		columns int
		want    int
		reason  string
	}{
		{"file", 0, 0, "a file has no end"},
		{"wide", 120, 0, "everything fits"},
		{"60 columns", 60, 53, "3 and 4 around them are taken"},
		{"tiny", 10, 16, "a column of a few letters is no use to anybody"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if number, most := lastColumn(row.columns, nil, rows); number != 2 || most != row.want {
				t.Errorf("column %d gets %d, want %d: %s", number, most, row.want, row.reason)
			}
		})
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	if Count(1, "channel") != "1 channel" || Count(0, "channel") != "0 channels" {
		t.Error(Count(1, "channel"), Count(0, "channel"))
	}
}
