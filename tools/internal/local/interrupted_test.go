package local

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// sleeper puts a program that only waits into the stack's bin folder.
func sleeper(t *testing.T, s *Stack, name string) string {
	t.Helper()
	program, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path := s.path("bin", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDownEndsStrays: a command that is killed between a start and its record leaves a
// process that only its program tells.
func TestDownEndsStrays(t *testing.T) {
	t.Parallel()
	s := New(Options{Dir: filepath.Join(t.TempDir(), "local"), Log: io.Discard})
	cmd := exec.Command(sleeper(t, s, "faketwilio"), "600")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if !s.Exists() {
		t.Error("a folder with a program is called nothing")
	}
	if err := s.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the process ended by itself")
	}
	if s.Exists() {
		t.Error("the folder is still there")
	}
}

// TestFakeBrokenOff: an apply that is interrupted while the fake starts leaves none, and
// the next one does not start a second beside what it finds.
func TestFakeBrokenOff(t *testing.T) {
	t.Parallel()
	s := New(Options{Root: t.TempDir(), Dir: filepath.Join(t.TempDir(), "local"), Log: io.Discard})
	p, err := s.start(Process{Name: fakeProcess, Binary: sleeper(t, s, "faketwilio")}, plainEnv(), "600")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.fake(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the interruption is told as %v", err)
	}
	if p.Alive() {
		t.Error("the first fake still runs, and nobody knows it")
	}
	if left, err := s.processes(); err != nil || len(left) > 0 {
		t.Errorf("recorded are %v, %v", left, err)
	}
}
