package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/flexsweep/flexsweep/test/rig"
)

// errNoTerraform: no Terraform could be found or installed.
var errNoTerraform = errors.New("no fitting Terraform")

// exitNoTerraform is how the tool says so.
const exitNoTerraform = 4

// provision lets the tool bring up an environment: Terraform applies infra/ with stand-ins
// for the providers, and the bundle that it uploaded runs with the settings that it
// applied. The tool takes everything down again when its standard input ends.
func (s *stage) provision(ctx context.Context, dir string) error {
	program := filepath.Join(dir, "flexsweep")
	fmt.Println("building flexsweep, and applying infra/ to a local environment …")
	if err := rig.Build(ctx, "./tools", program); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "local-up.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, "local-up", "--dir", filepath.Join(dir, "environment"), "--fake-arg=--batch-wait", "--fake-arg=90s")
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C is the demo's, which ends things in order
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start flexsweep: %w", err)
	}
	ready := make(chan error, 1)
	go func() { ready <- s.readStage(ctx, out) }()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		_ = in.Close()
		return upFailure(cmd.Wait(), err, log.Name())
	}
	s.stop = append(s.stop, func() {
		_ = in.Close()
		_ = cmd.Wait() // what it could not take down stands in its log
	})
	return nil
}

// readStage reads the line that the tool prints when everything runs.
func (s *stage) readStage(ctx context.Context, out io.Reader) error {
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the local environment did not come up: %w", err)
	}
	var up struct {
		Fake struct {
			rig.Fake
			ChatService string `json:"chat_service_sid"`
		} `json:"fake"`
		SweepURL  string `json:"sweep_url"`
		Token     string `json:"token"`
		Resources int    `json:"resources"`
	}
	if err := json.Unmarshal(line, &up); err != nil {
		return fmt.Errorf("read what the tool brought up: %w", err)
	}
	fmt.Printf("Terraform has made %d resources; the uploaded bundle runs with the applied settings\n", up.Resources)
	s.sweepURL, s.token = up.SweepURL, up.Token
	s.world = &world{&rig.Account{Fake: rig.Attach(up.Fake.Fake), ChatService: up.Fake.ChatService}}
	return s.world.AddWorkspace(ctx)
}

// upFailure explains why the tool did not bring the environment up.
func upFailure(exit, cause error, log string) error {
	text, _ := os.ReadFile(log)
	said := strings.TrimSpace(string(text))
	var ended *exec.ExitError
	if errors.As(exit, &ended) && ended.ExitCode() == exitNoTerraform {
		_, reason, _ := strings.Cut(said, errNoTerraform.Error()+": ")
		return fmt.Errorf("%w (%s)", errNoTerraform, reason)
	}
	lines := strings.Split(said, "\n")
	return fmt.Errorf("%w; the tool said (%s):\n%s", cause, log, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}
