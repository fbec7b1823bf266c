package cli_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

var shellBlock = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```")

// commandsOf lists the tool's command lines in a page, in its order.
func commandsOf(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../../docs", page))
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

var word = regexp.MustCompile(`"([^"]*)"|\S+`)

// words splits a line as a shell does, as far as the docs need it.
func words(line string) []string {
	var list []string
	for _, match := range word.FindAllStringSubmatch(line, -1) {
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
	*account
	t        *testing.T
	dir      string
	channel  string // the one that the page speaks of
	out, err bytes.Buffer
}

func newReader(t *testing.T) *reader {
	t.Helper()
	a, err := newAccount(t.Cleanup)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{account: a, t: t, dir: t.TempDir()}
	a.fake.NewChannel(a.chat, marked) // which the ledger does not know
	a.fake.NewConversation(a.chat, "{}")
	r.prepare("")
	return r
}

// prepare sees to it that there is what the command needs: a channel whose retention is
// over, and, to take back, that it was retired just now.
func (r *reader) prepare(line string) {
	r.t.Helper()
	undo, retire := strings.HasPrefix(line, "undo"), strings.HasPrefix(line, "retire")
	if r.channel == "" || undo || retire {
		r.channel = r.fake.NewChannel(r.chat, marked)
		task := r.fake.NewTask(r.workspace, `{"channelSid":"`+r.channel+`","channelType":"sms"}`)
		for _, status := range []string{"reserved", "assigned", "wrapping", "completed"} {
			r.fake.SetTask(task, status)
		}
		r.fake.Clock().Advance(49 * time.Hour)
	}
	if undo || strings.HasPrefix(line, "doctor") { // the schedule has swept
		if err := r.sweep(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

// run types the line, with what stands for something in the page replaced.
func (r *reader) run(line string) int {
	r.t.Helper()
	r.out.Reset()
	r.err.Reset()
	line = strings.NewReplacer(
		"CH0123456789abcdef0123456789abcdef", r.channel, "IS0123456789abcdef0123456789abcdef", r.sample,
		"20260105T080000Z-3fa2b1", "run-"+r.fake.Clock().Now().UTC().Format("20060102T150405Z"), " prod", " shop", "ledger.html", filepath.Join(r.dir, "ledger.html"),
	).Replace(line)
	outputs, err := r.writeOutputs(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	settings := map[string]string{"TWILIO_API_SECRET": r.fake.Credentials().APISecret, "USER": "ann", "FLEXSWEEP_IDENTITY_TOKEN": sweepInvoker}
	p := cli.Program{
		In: strings.NewReader("yes\n"), Out: &r.out, Err: &r.err, Dir: r.dir, Now: func() time.Time { return faketwilio.DefaultStart },
		Env:       func(name string) (string, bool) { v, ok := settings[name]; return v, ok },
		Transport: dated{next: http.DefaultTransport}, Sleep: noPause, Terminal: true,
	}
	return p.Run(context.WithoutCancel(r.t.Context()), append(words(line), "--outputs", outputs))
}
