package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is one process of the stack, as recorded in processes.json.
type Process struct {
	Name    string `json:"name"`
	What    string `json:"what"`    // for people
	PID     int    `json:"pid"`     // also the id of its process group
	Binary  string `json:"binary"`  // tells it from a stranger who got its id later
	Address string `json:"address"` // where it listens
	Log     string `json:"log"`
}

// start runs a process that outlives the tool: a session of its own, its output in
// a log file, and nothing of this process's environment but what env has.
func (s *Stack) start(p Process, env []string, args ...string) (Process, error) {
	p.Log = s.path("logs", p.Name+".log")
	if err := os.MkdirAll(s.path("logs"), 0o755); err != nil {
		return p, fmt.Errorf("start %s: %w", p.Name, err)
	}
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // the fake announces its keys there
	if err != nil {
		return p, fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	cmd := exec.Command(p.Binary, args...)
	cmd.Env, cmd.Dir = env, s.o.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return p, fmt.Errorf("start %s: %w", p.Name, err)
	}
	go cmd.Wait() // so that it is no zombie when it ends before the tool does
	p.PID = cmd.Process.Pid
	return p, s.record(p)
}

// record adds p to the list of what runs, in place of an older one of its name.
func (s *Stack) record(p Process) error {
	all, err := s.processes()
	if err != nil {
		return err
	}
	kept := []Process{}
	for _, other := range all {
		if other.Name != p.Name {
			kept = append(kept, other)
		}
	}
	return s.writeJSON(processesFile, append(kept, p))
}

func (s *Stack) processes() ([]Process, error) {
	var all []Process
	_, err := s.readJSON(processesFile, &all)
	return all, err
}

// Alive reports whether the process runs, and is still the one that was started:
// ids are used again.
func (p Process) Alive() bool {
	if p.PID <= 0 || syscall.Kill(p.PID, 0) != nil {
		return false
	}
	out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(p.PID)).Output()
	return err == nil && bytes.Contains(out, []byte(p.Binary))
}

// stopAll ends the processes that which picks, newest first, and returns them.
func (s *Stack) stopAll(ctx context.Context, which func(Process) bool) ([]Process, error) {
	all, err := s.processes()
	if err != nil {
		return nil, err
	}
	var ended, kept []Process
	for i := len(all) - 1; i >= 0; i-- {
		p := all[i]
		if !which(p) {
			kept = append([]Process{p}, kept...)
			continue
		}
		if !p.Alive() {
			continue
		}
		if err := p.stop(ctx); err != nil {
			return ended, err
		}
		ended = append(ended, p)
	}
	if len(all) == 0 {
		return ended, nil
	}
	return ended, s.writeJSON(processesFile, kept)
}

// stopStrays ends the processes of the stack that no record has: a command was killed
// between their start and its writing it down. All of them run programs of the stack's
// own folder.
func (s *Stack) stopStrays(ctx context.Context) error {
	bin, err := filepath.Abs(s.path("bin"))
	if err != nil {
		return fmt.Errorf("find what else runs: %w", err)
	}
	out, err := exec.CommandContext(ctx, "ps", "-eo", "pid=,args=").Output()
	if err != nil {
		return fmt.Errorf("find what else runs: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		id, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		program, _, _ := strings.Cut(strings.TrimSpace(args), " ")
		pid, err := strconv.Atoi(id)
		if err != nil || filepath.Dir(program) != bin || pid == os.Getpid() {
			continue
		}
		p := Process{Name: filepath.Base(program), PID: pid, Binary: program}
		if err := p.stop(ctx); err != nil {
			return err
		}
		s.say("ended %s (pid %d)", p.Name, p.PID)
	}
	return nil
}

// stop asks the process to end, and makes it after a while.
func (p Process) stop(ctx context.Context) error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		err := syscall.Kill(-p.PID, signal)
		if err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end %s (pid %d): %w", p.Name, p.PID, err)
		}
		if waitFor(ctx, 5*time.Second, func() bool { return !p.Alive() }) {
			return nil
		}
	}
	return fmt.Errorf("end %s (pid %d): it does not end", p.Name, p.PID)
}

// waitFor looks again and again until done holds; false after the time is up.
func waitFor(ctx context.Context, most time.Duration, done func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return done()
		case <-tick.C:
		}
	}
	return true
}

// tail gives the end of a process's log, for the error that says it did not start.
func (p Process) tail() string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) > 15 {
		lines = lines[len(lines)-15:]
	}
	return strings.Join(lines, "\n")
}

// Status is the list of what should run, in the order of starting.
func (s *Stack) Status() ([]Process, error) { return s.processes() }
