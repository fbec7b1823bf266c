package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/deploy"
)

// Fake is what the fake Twilio prints when it listens, with what was made in it.
type Fake struct {
	Address        string `json:"address"`
	AccountSID     string `json:"account_sid"`
	AuthToken      string `json:"auth_token"`
	APIKey         string `json:"api_key"`
	APISecret      string `json:"api_secret"`
	ChatServiceSID string `json:"chat_service_sid"`
	Proxy          string `json:"proxy,omitempty"`   // with the official Twilio provider only
	CAFile         string `json:"ca_file,omitempty"` // whom the proxy's clients must trust

	SecondToken string `json:"auth_token_secondary,omitempty"` // during the rehearsal of a rotation
}

// Access gives a client's way to the fake.
func (f Fake) Access() deploy.Access {
	return deploy.Access{AccountSID: f.AccountSID, Username: f.APIKey, Password: f.APISecret, AuthToken: f.AuthToken, BaseURL: f.Address}
}

// fake returns the running fake Twilio, started if need be. A fake that ended has
// taken everything with it that the state knows, so then all begins anew.
func (s *Stack) fake(ctx context.Context) (Fake, error) {
	var f Fake
	found, err := s.readJSON(fakeFile, &f)
	if err != nil {
		return f, err
	}
	if found && f.Proxy != "" {
		s.o.OfficialTwilio = true
	}
	if found && s.runs(fakeProcess) {
		return f, s.sameProvider(f)
	}
	if found {
		s.say("The fake Twilio of last time has ended, and everything in it is gone; beginning anew.")
		if err := s.Down(ctx); err != nil {
			return f, err
		}
	}
	if err := s.stopFake(ctx); err != nil { // one that was broken off before it was whole
		return f, err
	}
	if f, err = s.startFake(ctx); err != nil {
		err = errors.Join(err, s.stopFake(ctx))
	}
	return f, err
}

// stopFake ends the fake, whole or not, cancelled or not.
func (s *Stack) stopFake(ctx context.Context) error {
	_, err := s.stopAll(context.WithoutCancel(ctx), func(p Process) bool { return p.Name == fakeProcess })
	return err
}

func (s *Stack) runs(name string) bool {
	all, err := s.processes()
	if err != nil {
		return false
	}
	for _, p := range all {
		if p.Name == name {
			return p.Alive()
		}
	}
	return false
}

func (s *Stack) startFake(ctx context.Context) (Fake, error) {
	binary, err := s.build(ctx, "faketwilio", "./test/faketwilio/cmd/faketwilio")
	if err != nil {
		return Fake{}, err
	}
	args := []string{"--addr", "127.0.0.1:0", "--clock", s.o.Clock}
	if s.o.Start != "" {
		args = append(args, "--start", s.o.Start)
	}
	args = append(args, s.o.FakeArgs...)
	what := "the fake Twilio"
	if s.o.OfficialTwilio {
		args = append(args, "--proxy", "127.0.0.1:0", "--ca-file", s.path(caFile))
		what += ", with a proxy for the official provider"
	}
	p, err := s.start(Process{Name: fakeProcess, What: what, Binary: binary}, plainEnv(), args...)
	if err != nil {
		return Fake{}, err
	}
	f, err := announced(ctx, p)
	if err != nil {
		return f, err
	}
	if f.ChatServiceSID, err = newChatService(ctx, f); err != nil {
		return f, err
	}
	p.Address = f.Address
	if err := s.record(p); err != nil {
		return f, err
	}
	s.say("started %s at %s (pid %d)", p.Name, f.Address, p.PID)
	return f, s.writeJSON(fakeFile, f)
}

// announced waits for the line that the fake prints when it listens.
func announced(ctx context.Context, p Process) (Fake, error) {
	var f Fake
	ok := waitFor(ctx, 30*time.Second, func() bool {
		text, err := os.ReadFile(p.Log)
		line, _, whole := strings.Cut(string(text), "\n")
		return (err == nil && whole && json.Unmarshal([]byte(line), &f) == nil && f.Address != "") || !p.Alive()
	})
	if ctx.Err() != nil {
		return f, fmt.Errorf("start the fake Twilio: %w", ctx.Err())
	}
	if !ok || f.Address == "" {
		return f, fmt.Errorf("start the fake Twilio: it did not say where it listens\n%s", p.tail())
	}
	return f, nil
}

// newChatService makes the service that stands for the account's Flex Chat
// Service, by Twilio's own API.
func newChatService(ctx context.Context, f Fake) (string, error) {
	client, err := f.Access().Client(http.DefaultTransport)
	if err != nil {
		return "", err
	}
	form := url.Values{"FriendlyName": {"Flex Chat Service"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://chat.twilio.com/v2/Services", strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("make the chat service: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("make the chat service: %w", err)
	}
	defer resp.Body.Close()
	var answer struct {
		SID string `json:"sid"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.SID == "" {
		return "", fmt.Errorf("make the chat service: the fake answers %s", resp.Status)
	}
	return answer.SID, nil
}

// plainEnv is what a process of the stack gets of this process's environment:
// nothing that could hold an account's credentials.
func plainEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}
