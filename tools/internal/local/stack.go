// Package local runs an environment on this machine, with no account: the fake
// Twilio and the stand-in providers while Terraform applies, then the very bundle
// that was uploaded, once per applied function, with exactly the applied settings,
// behind a front that keeps the public away from what is private, and a scheduler
// that honours the applied job. Everything is a process whose id is recorded, and
// a file under one folder, so that Down leaves nothing behind.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options of a stack.
type Options struct {
	Root string    // the project
	Dir  string    // everything the stack writes; Down removes it
	Log  io.Writer // lines for people about what is started and ended

	// Clock is the fake's clock: "real" (default) or "frozen", which stands at
	// Start and moves only when it is turned.
	Clock string
	Start string // RFC 3339; the fake's default when empty
	// FakeArgs are further arguments of the fake's program.
	FakeArgs []string

	// OfficialTwilio has Terraform use the official Twilio provider instead of its
	// stand-in. It is remembered in Dir, as long as the fake runs and longer.
	OfficialTwilio bool

	// NoScheduler leaves the applied job alone: whoever turns a frozen clock
	// sweeps by hand, with Environment.Sweep.
	NoScheduler bool
}

// Stack is the local environment.
type Stack struct{ o Options }

// New describes a stack; nothing is started.
func New(o Options) *Stack {
	if o.Clock == "" {
		o.Clock = "real"
	}
	return &Stack{o: o}
}

// Names of the processes, in the order in which they are started.
const (
	fakeProcess  = "fake-twilio"
	frontProcess = "front"
)

// Files and folders below Options.Dir.
const (
	fakeFile      = "fake.json"
	portsFile     = "ports.json"
	processesFile = "processes.json"
	tokenFile     = "invoker-token"
	caFile        = "ca.pem"
	appliedFolder = "applied"
)

func (s *Stack) path(elements ...string) string {
	return filepath.Join(append([]string{s.o.Dir}, elements...)...)
}

func (s *Stack) say(format string, args ...any) { fmt.Fprintf(s.o.Log, format+"\n", args...) }

// Exists reports whether anything of the stack is there, be it only the beginning of
// one: a command that was broken off while the fake started has left processes, but not
// yet their addresses.
func (s *Stack) Exists() bool {
	_, err := os.Stat(s.o.Dir)
	return err == nil
}

// build compiles a command of the project into the stack's bin folder.
func (s *Stack) build(ctx context.Context, name, pkg string) (string, error) {
	binary := s.path("bin", name)
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, pkg)
	cmd.Dir = s.o.Root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, strings.TrimSpace(string(out)))
	}
	return binary, nil
}

// Down ends every process and removes the folder.
func (s *Stack) Down(ctx context.Context) error {
	ended, err := s.stopAll(ctx, func(Process) bool { return true })
	for _, p := range ended {
		s.say("ended %s (pid %d)", p.Name, p.PID)
	}
	if err != nil {
		return err
	}
	if err := s.stopStrays(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(s.o.Dir); err != nil {
		return fmt.Errorf("remove %s: %w", s.o.Dir, err)
	}
	return nil
}

// writeJSON writes a record of the stack; mode 0600, since some hold secrets.
func (s *Stack) writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := os.WriteFile(s.path(name), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// readJSON reads one back; found is false when there is none.
func (s *Stack) readJSON(name string, v any) (found bool, err error) {
	text, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, fmt.Errorf("read %s: %w", name, err)
	}
	return true, nil
}
