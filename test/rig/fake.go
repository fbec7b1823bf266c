package rig

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// Fake is a fake Twilio in a process of its own, with the credentials of its account.
type Fake struct {
	Address    string `json:"address"`
	AccountSID string `json:"account_sid"`
	AuthToken  string `json:"auth_token"`
	APIKey     string `json:"api_key"`
	APISecret  string `json:"api_secret"`

	Process *Process `json:"-"`
	client  *http.Client
}

// StartFake starts the fake's program with further arguments, and returns when it listens.
func StartFake(ctx context.Context, dir, program string, args ...string) (*Fake, error) {
	reader, writer := io.Pipe()
	p, err := Start(dir, "faketwilio", program, args, os.Environ(), writer)
	if err != nil {
		return nil, err
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(reader).ReadString('\n')
		line <- text
		_, _ = io.Copy(io.Discard, reader) // nothing else is expected
	}()
	select {
	case text := <-line:
		var said Fake
		if err := json.Unmarshal([]byte(text), &said); err != nil {
			p.Stop()
			return nil, fmt.Errorf("read the fake's address: %w", err)
		}
		fake := Attach(said)
		fake.Process = p
		return fake, nil
	case <-p.done:
		return nil, p.failure()
	case <-ctx.Done():
		p.Stop()
		return nil, ctx.Err()
	}
}

// Attach drives a fake that somebody else has started: its Process is nil.
func Attach(f Fake) *Fake {
	f.client = &http.Client{Timeout: 5 * time.Minute}
	return &f
}

// Control calls the fake's control API; body and answer are JSON, nil for none.
func (f *Fake) Control(ctx context.Context, method, path string, body, answer any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.Address+"/_fake/"+path, reader)
	if err != nil {
		return err
	}
	return do(f.client, req, answer)
}

// Advance turns the fake's clock: what falls due meanwhile is done when it returns.
func (f *Fake) Advance(ctx context.Context, d time.Duration) error {
	return f.Control(ctx, http.MethodPost, "clock", map[string]string{"advance": d.String()}, nil)
}

// Calls is how many requests to Twilio there have been.
func (f *Fake) Calls(ctx context.Context) (int, error) {
	var journal struct {
		Calls int `json:"calls"`
	}
	err := f.Control(ctx, http.MethodGet, "journal?limit=0", nil, &journal)
	return journal.Calls, err
}
