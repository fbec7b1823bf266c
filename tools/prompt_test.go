package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// person sits at a terminal in which the tool runs.
type person struct {
	t    *testing.T
	cmd  *exec.Cmd
	tty  *os.File
	mu   sync.Mutex
	seen bytes.Buffer
	more chan struct{} // something was printed
}

// sits starts this very program in a terminal of 60 columns.
func sits(t *testing.T, terminal, project string, args ...string) *person {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Args = append([]string{"flexsweep"}, args...)
	cmd.Dir = project
	cmd.Env = append(os.Environ(), "TERM="+terminal, "TWILIO_API_SECRET=c4n4ry-one", "TWILIO_AUTH_TOKEN=c4n4ry-two", "GOOGLE_OAUTH_ACCESS_TOKEN=c4n4ry-three",
		"CHECKPOINT_DISABLE=1", "FLEXSWEEP_NO_DOWNLOAD=1",
		"GORACE=exitcode=0") // the terminal library closes its input while it still reads it, now and then
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 60})
	if err != nil {
		t.Skipf("no terminal can be had: %v", err)
	}
	p := &person{t: t, cmd: cmd, tty: tty, more: make(chan struct{}, 1)}
	go p.watch()
	t.Cleanup(func() { tty.Close() })
	return p
}

func (p *person) watch() {
	defer close(p.more)
	for piece := make([]byte, 4096); ; {
		n, err := p.tty.Read(piece)
		p.mu.Lock()
		p.seen.Write(piece[:n])
		p.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case p.more <- struct{}{}:
		default:
		}
	}
}

func (p *person) screen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// sees waits until the text was printed.
func (p *person) sees(text string) {
	p.t.Helper()
	for !strings.Contains(p.screen(), text) {
		if _, open := <-p.more; !open && !strings.Contains(p.screen(), text) {
			p.t.Fatalf("%q is not printed:\n%s", text, p.screen())
		}
	}
}

func (p *person) types(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits for the program and gives its exit code.
func (p *person) ends() int {
	p.t.Helper()
	for range p.more { // until it has said everything
	}
	err := p.cmd.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode()
}

// project is a copy of the small project.
func project(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "project")
	if err := os.CopyFS(dir, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestQuestionsCanBeLeft: Ctrl-C and SIGTERM end a question, and nothing is done.
func TestQuestionsCanBeLeft(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not on PATH")
	}
	const ctrlC = "\x03"
	for _, row := range []struct {
		name, terminal string
		args           []string
		question       string
		leave          func(p *person)
		want           int
		reason         string
	}{
		{"Ctrl-C", "xterm", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { p.types(ctrlC) }, cli.ExitCancelled, "a key, while the terminal is drawn on"},
		{"Ctrl-C, dumb", "dumb", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { p.types(ctrlC) }, cli.ExitCancelled, "a signal, where lines are read"},
		{"SIGTERM", "xterm", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { _ = p.cmd.Process.Signal(syscall.SIGTERM) }, cli.ExitCancelled, "a machine that is shut down asks like that"},
		{"SIGTERM, dumb", "dumb", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { _ = p.cmd.Process.Signal(syscall.SIGTERM) }, cli.ExitCancelled, "the same"},
		{"no", "xterm", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { p.types("no\r") }, cli.ExitRefused, "said"},
		{"yes", "xterm", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { p.types("yes\r") }, cli.ExitOK, "said"},
		{"yes, dumb", "dumb", []string{"apply", "dev"}, "Apply this to dev?", func(p *person) { p.types("yes\n") }, cli.ExitOK, "said"},
		{"init", "xterm", []string{"init", "shop"}, "Google Cloud project id", func(p *person) { p.types(ctrlC) }, cli.ExitCancelled, "in the middle of a form"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t)
			p := sits(t, row.terminal, dir, row.args...)
			p.sees(row.question)
			row.leave(p)
			if got := p.ends(); got != row.want {
				t.Errorf("exit code %d, want %d: %s\n%s", got, row.want, row.reason, p.screen())
			}
			_, err := os.Stat(filepath.Join(dir, "build", "dev", "terraform.tfstate"))
			if applied := err == nil; applied != (row.want == cli.ExitOK) {
				t.Errorf("applied: %t", applied)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "build", "dev", "secrets-*")); len(left) > 0 || strings.Contains(p.screen(), "context canceled") {
				t.Errorf("left: %v\n%s", left, p.screen())
			}
		})
	}
}

// TestInitAsksAgain: a wrong answer costs that answer only.
func TestInitAsksAgain(t *testing.T) {
	t.Parallel()
	dir := project(t)
	p := sits(t, "xterm", dir, "init", "shop", "--project-number", "123456789012", "--region", "europe-west1", "--state-bucket", "shop-state", "--account-sid", "AC0123456789abcdef0123456789abcdef",
		"--api-key", "SK0123456789abcdef0123456789abcdef", "--chat-service-sid", "IS0123456789abcdef0123456789abcdef")
	p.sees("Google Cloud project id")
	p.types("My Project\r")
	p.sees("is no Google Cloud project id")
	p.types(strings.Repeat("\x7f", len("My Project")) + "my-project\r")
	if code := p.ends(); code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s", code, p.screen())
	}
	text, err := os.ReadFile(filepath.Join(dir, "infra", "environments", "shop.tfvars"))
	if err != nil || !bytes.Contains(text, []byte(`"my-project"`)) || !bytes.Contains(text, []byte("protected   = true")) {
		t.Errorf("%v\n%s", err, text)
	}
}
