package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

var shellBlock = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```")

// commandsOf lists the tool's command lines in a page, in its order.
func commandsOf(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "flexsweep "); ok {
				lines = append(lines, rest)
			}
		}
	}
	if len(lines) == 0 {
		t.Fatalf("docs/%s has no command line: this test reads it wrongly", page)
	}
	return lines
}

var shellWord = regexp.MustCompile(`"([^"]*)"|\S+`)

// shellWords splits a line as a shell does, as far as the docs need it.
func shellWords(line string) []string {
	var list []string
	for _, match := range shellWord.FindAllStringSubmatch(line, -1) {
		if match[1] != "" {
			match[0] = match[1]
		}
		list = append(list, match[0])
	}
	return list
}

// TestDocumentedCommandsRun: each command line that the operators' pages tell people to
// type does what the page says, in the page's order, with the answer yes.
func TestDocumentedCommandsRun(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"operate.md", "migrate.md", "runbook.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			r := newReader(t)
			for _, line := range commandsOf(t, page) {
				r.prepare(line)
				if code := r.run(line); code != cli.ExitOK {
					t.Errorf("docs/%s: flexsweep %s: exit code %d\n%s%s", page, line, code, &r.out, &r.err)
				}
			}
		})
	}
}

// reader is a person who types what a page says, in an account with a contact centre's
// every day life.
type reader struct {
	*tool
	t       *testing.T
	channel string // the one that the page speaks of
	swept   string // the last run of the sweep that the schedule made
	sample  string // the Sync service of the original sample
}

func newReader(t *testing.T) *reader {
	t.Helper()
	w := world.New(t, nil, faketwilio.Options{Seed: 1})
	r := &reader{tool: &tool{World: w, dir: t.TempDir()}, t: t, sample: w.Fake.NewSyncService("the sample")}
	w.NewChatWith(marked) // which the ledger does not know
	w.NewThread(w.Services[0], "{}", false)
	r.prepare("")
	return r
}

// prepare sees to it that there is what the command needs: a channel whose retention is
// over, and, to take back, that it was retired just now.
func (r *reader) prepare(line string) {
	r.t.Helper()
	undo, retire := strings.HasPrefix(line, "undo"), strings.HasPrefix(line, "retire")
	if r.channel == "" || undo || retire {
		c := r.NewChatWith(marked)
		c.NewTask().Complete()
		r.channel = c.SID
		r.Pass(49 * time.Hour)
	}
	if undo || strings.HasPrefix(line, "doctor") {
		r.swept = r.Sweep("{}").Run
	}
}

// run types the line, with what stands for something in the page replaced.
func (r *reader) run(line string) int {
	r.t.Helper()
	line = strings.NewReplacer(
		"CH0123456789abcdef0123456789abcdef", r.channel, "IS0123456789abcdef0123456789abcdef", r.sample,
		"20260105T080000Z-3fa2b1", r.swept, " prod", " shop", "ledger.html", filepath.Join(r.dir, "ledger.html"),
	).Replace(line)
	code, err := r.tool.run(context.WithoutCancel(r.t.Context()), "yes\n", r.Outputs(), shellWords(line))
	if err != nil {
		r.t.Fatal(err)
	}
	return code
}
