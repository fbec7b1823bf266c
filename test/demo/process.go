package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// process is a program that the demo started, and ends.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // the file that it writes to
	done chan struct{}
}

// start runs a program with only the given environment. Its output goes to a file in dir.
// It does not die with the demo's own signals: the demo ends it in order.
func start(dir, name, program string, args, env []string, stdout io.Writer) (*process, error) {
	path := filepath.Join(dir, name+".log")
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the process has its own handle
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Stderr, cmd.Stdout = env, file, file
	if stdout != nil {
		cmd.Stdout = stdout
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: path, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended shows in its log
		close(p.done)
	}()
	return p, nil
}

// stop ends the process, politely at first.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// failure explains why the process is not there any more.
func (p *process) failure() error {
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s has ended; the end of its log %s:\n%s", p.name, p.log, lastLines(string(text), 10))
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// waitUntilUp returns when the address accepts connections.
func (p *process) waitUntilUp(ctx context.Context, address string) error {
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

// freeAddress returns an address on this machine that nobody listens on now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// build compiles a program of this project.
func build(ctx context.Context, pkg, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", to, pkg)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// startFake starts the fake Twilio with a clock that stands still until it is turned.
func startFake(ctx context.Context, dir, program string) (*process, credentials, error) {
	reader, writer := io.Pipe()
	p, err := start(dir, "faketwilio", program, []string{"--clock", "frozen", "--batch-wait", "90s"}, os.Environ(), writer)
	if err != nil {
		return nil, credentials{}, err
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(reader).ReadString('\n')
		line <- text
		_, _ = io.Copy(io.Discard, reader) // nothing else is expected
	}()
	select {
	case text := <-line:
		var c credentials
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			p.stop()
			return nil, credentials{}, fmt.Errorf("read the fake's address: %w", err)
		}
		return p, c, nil
	case <-p.done:
		return nil, credentials{}, p.failure()
	case <-ctx.Done():
		p.stop()
		return nil, credentials{}, ctx.Err()
	}
}

// sweepOnce calls the sweep as Cloud Scheduler does.
func sweepOnce(ctx context.Context, client *http.Client, url, token string) (sweepReport, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return sweepReport{}, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	if err != nil {
		return sweepReport{}, fmt.Errorf("call the sweep: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	var report sweepReport
	if err := json.NewDecoder(res.Body).Decode(&report); err != nil {
		return sweepReport{}, fmt.Errorf("read the sweep's report (HTTP %d): %w", res.StatusCode, err)
	}
	if res.StatusCode != http.StatusOK || report.Outcome != "completed" {
		return report, errors.New("the sweep did not complete: " + report.Outcome + " " + report.Text)
	}
	return report, nil
}

// sweepReport is what the demo reads of a sweep's answer.
type sweepReport struct {
	Outcome string `json:"outcome"`
	Text    string `json:"text"`
	Calls   int    `json:"calls"`
	Walked  int    `json:"walked"`
	Retired int    `json:"retired"`
	Already int    `json:"already"`
	Gone    int    `json:"gone"`
	Failed  int    `json:"failed"`
	Items   []struct {
		Channel string `json:"channel"`
		Did     string `json:"did"`
		Text    string `json:"text"`
	} `json:"items"`
}
