// Package rig starts the fake Twilio and the cloud function as processes, and drives the
// fake's control API: what the demo, the soak test and the benchmarks share.
package rig

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Process is a program that was started and must be stopped.
type Process struct {
	name string
	cmd  *exec.Cmd
	log  string // the file that it writes to
	done chan struct{}
}

// Start runs a program with only the given environment. Its output goes to a file in dir.
// It does not die with the caller's own signals, so that it can be ended in order.
func Start(dir, name, program string, args, env []string, stdout io.Writer) (*Process, error) {
	path := filepath.Join(dir, name+".log")
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stderr, cmd.Stdout = env, file, file
	if stdout != nil {
		cmd.Stdout = stdout
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &Process{name: name, cmd: cmd, log: path, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended shows in its log
		close(p.done)
	}()
	return p, nil
}

// Stop ends the process, politely at first.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.Kill()
	}
}

// Wait waits for the process's own end, and returns its exit code and what it wrote.
func (p *Process) Wait() (code int, log string) {
	<-p.done
	text, _ := os.ReadFile(p.log)
	return p.cmd.ProcessState.ExitCode(), string(text)
}

// failure explains why the process is not there any more.
func (p *Process) failure() error {
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s has ended; the end of its log %s:\n%s", p.name, p.log, lastLines(string(text), 10))
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// Kill ends the process as a crash does.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// WaitUntilUp returns when the address accepts connections.
func (p *Process) WaitUntilUp(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.done:
			return p.failure()
		case <-ctx.Done():
			return fmt.Errorf("%s does not listen on %s: %w", p.name, address, err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// given are the addresses that this process has been given; none is given twice.
var given sync.Map

// FreeAddress returns an address on this machine that nobody listens on now.
func FreeAddress() (string, error) {
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		address := listener.Addr().String()
		if err := listener.Close(); err != nil {
			return "", err
		}
		if _, twice := given.LoadOrStore(address, true); !twice {
			return address, nil
		}
	}
}

// Build compiles a program of this project.
func Build(ctx context.Context, pkg, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", to, pkg)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
