package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
	"github.com/flexsweep/flexsweep/tools/internal/bundle"
)

// Start runs what was applied: it builds the bundle that was uploaded, starts one
// process per function and the front before them. What ran before is ended first.
func (s *Stack) Start(ctx context.Context) error {
	d, err := readApplied(s.path(appliedFolder))
	if err != nil {
		return err
	}
	if len(d.functions) == 0 {
		return fmt.Errorf("start the functions: none was applied")
	}
	binaries := map[string]string{}
	for _, f := range d.functions { // before anything is ended: a bundle that does not build changes nothing
		if binaries[f.Name], err = s.functionBinary(ctx, f); err != nil {
			return err
		}
	}
	if _, err := s.stopAll(ctx, func(p Process) bool { return p.Name != fakeProcess }); err != nil {
		return err
	}
	targets := map[string]int{}
	for _, f := range d.functions {
		if targets[f.EntryPoint], err = s.startFunction(ctx, d, f, binaries[f.Name]); err != nil {
			return err
		}
	}
	return s.startFront(ctx, targets)
}

// functionBinary unpacks and builds the uploaded object, once per content.
func (s *Stack) functionBinary(ctx context.Context, f applied.Function) (string, error) {
	object := s.path(appliedFolder, filepath.FromSlash(f.Bundle.File))
	content, err := os.ReadFile(object)
	if err != nil {
		return "", fmt.Errorf("read the uploaded bundle of %s: %w", f.Name, err)
	}
	sum := sha256.Sum256(content)
	name := "function-" + hex.EncodeToString(sum[:8])
	binary := s.path("bin", name)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	source := s.path("source", name)
	if err := os.RemoveAll(source); err != nil {
		return "", fmt.Errorf("unpack the bundle: %w", err)
	}
	if err := bundle.Unpack(object, source); err != nil {
		return "", err
	}
	return binary, bundle.BuildFunction(ctx, source, binary)
}

func (s *Stack) startFunction(ctx context.Context, d *deployed, f applied.Function, binary string) (int, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	env, err := d.environment(f, port)
	if err != nil {
		return 0, err
	}
	p := Process{Name: f.EntryPoint, What: "function " + f.Name, Binary: binary, Address: address(port)}
	if p, err = s.start(p, env); err != nil {
		return 0, err
	}
	return port, s.ready(ctx, p, port)
}

func (s *Stack) startFront(ctx context.Context, targets map[string]int) error {
	ports, err := s.ports()
	if err != nil {
		return err
	}
	if _, err := s.Token(); err != nil {
		return err
	}
	binary, err := s.build(ctx, "flexsweep", "./tools")
	if err != nil {
		return err
	}
	args := []string{ServeCommand, "--dir", s.o.Dir,
		"--webhook", strconv.Itoa(targets["EventStreams"]), "--sweep", strconv.Itoa(targets["Sweep"])}
	what := "Cloud Run's gate and the scheduler"
	if s.o.NoScheduler {
		args, what = append(args, "--no-scheduler"), "Cloud Run's gate"
	}
	p := Process{Name: frontProcess, What: what, Binary: binary, Address: ports.webhookURL() + " " + ports.sweepURL()}
	if p, err = s.start(p, plainEnv(), args...); err != nil {
		return err
	}
	return s.ready(ctx, p, ports.Webhook, ports.Sweep)
}

// ready waits until the process listens on its ports. One that ends instead,
// because a setting is missing for instance, is an error with what it said.
func (s *Stack) ready(ctx context.Context, p Process, ports ...int) error {
	listening := 0
	waitFor(ctx, 60*time.Second, func() bool {
		for listening < len(ports) && listens(ports[listening]) {
			listening++
		}
		return listening == len(ports) || !p.Alive()
	})
	if ctx.Err() != nil {
		return fmt.Errorf("start %s: %w", p.Name, ctx.Err())
	}
	if listening < len(ports) {
		return fmt.Errorf("%s (%s) does not start:\n%s", p.Name, p.What, p.tail())
	}
	s.say("started %s at %s (pid %d)", p.Name, p.Address, p.PID)
	return nil
}

func listens(port int) bool {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func address(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
