package local

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// Prepared is what a run of Terraform in the local environment needs.
type Prepared struct {
	Variables map[string]any  // of infra/: what is known only at run time
	Secrets   secrets.Values  // the fake's
	Reattach  json.RawMessage // where the stand-in providers listen
	Stop      func()          // ends the providers; call it after Terraform

	// Environment is for Terraform after init: the official provider's way to the
	// fake. It is empty with the stand-in.
	Environment map[string]string
}

// Ports are where the front listens: chosen before the first apply, because the
// sink and the function's own settings need the webhook's URL.
type Ports struct {
	Webhook int `json:"webhook"`
	Sweep   int `json:"sweep"`
}

func (p Ports) webhookURL() string {
	return fmt.Sprintf("http://127.0.0.1:%d/event-streams", p.Webhook)
}
func (p Ports) sweepURL() string { return fmt.Sprintf("http://127.0.0.1:%d", p.Sweep) }

// Prepare makes sure that the fake Twilio runs and starts the stand-in providers.
func (s *Stack) Prepare(ctx context.Context) (*Prepared, error) {
	f, err := s.fake(ctx)
	if err != nil {
		return nil, err
	}
	ports, err := s.ports()
	if err != nil {
		return nil, err
	}
	p := &Prepared{
		Secrets: secrets.Values{APISecret: f.APISecret, AuthToken: f.AuthToken},
		Variables: map[string]any{
			"twilio_account_sid":   f.AccountSID,
			"twilio_api_key":       f.APIKey,
			"twilio_base_url":      f.Address,
			"clock_url":            f.Address,
			"chat_service_sids":    []string{f.ChatServiceSID},
			"webhook_url_override": ports.webhookURL(),
			"sweep_url_override":   ports.sweepURL(),
		},
	}
	if s.o.OfficialTwilio {
		p.Environment = f.throughProxy()
	}
	p.Reattach, p.Stop, err = s.startProviders(ctx, f)
	return p, err
}

// Recorded gives the secrets of a stack that was started before.
func (s *Stack) Recorded() (secrets.Values, error) {
	var f Fake
	_, err := s.readJSON(fakeFile, &f)
	return secrets.Values{APISecret: f.APISecret, AuthToken: f.AuthToken}, err
}

// ports returns the front's ports: those of last time, or free ones.
func (s *Stack) ports() (Ports, error) {
	var p Ports
	if found, err := s.readJSON(portsFile, &p); found || err != nil {
		return p, err
	}
	var err error
	if p.Webhook, err = freePort(); err != nil {
		return p, err
	}
	if p.Sweep, err = freePort(); err != nil {
		return p, err
	}
	return p, s.writeJSON(portsFile, p)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// startProviders starts the stand-ins, for as long as one run of Terraform takes.
// They have a process group of their own: a Ctrl-C must not reach them before
// Terraform has finished its step.
func (s *Stack) startProviders(ctx context.Context, f Fake) (json.RawMessage, func(), error) {
	binary, err := s.build(ctx, "tfdouble", "./test/tfdouble/cmd/tfdouble")
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(binary, "--dir", s.path(appliedFolder), "--twilio-url", f.Address)
	cmd.Env = plainEnv()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := os.MkdirAll(s.path("logs"), 0o755); err != nil {
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	log, err := os.Create(s.path("logs", "providers.log"))
	if err != nil {
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	defer log.Close()
	cmd.Stderr = log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	stop := func() { // they end when their standard input does
		in.Close()
		cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil && !json.Valid(line) {
		err = errors.New("what they print is no JSON")
	}
	if err == nil && s.o.OfficialTwilio {
		line, err = withoutTwilio(line)
	}
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("start the stand-in providers: %w", err)
	}
	return line, stop, nil
}

// Token is what an invoker shows the front: made once, known to the local
// scheduler only, like the identity token that Google gives the real one.
func (s *Stack) Token() (string, error) {
	if text, err := os.ReadFile(s.path(tokenFile)); err == nil {
		return string(text), nil
	}
	t := rand.Text()
	if err := os.WriteFile(s.path(tokenFile), []byte(t), 0o600); err != nil {
		return "", fmt.Errorf("write the invoker's token: %w", err)
	}
	return t, nil
}
