package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// The same program that main starts, on a port of its own.
func TestRun(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"--clock", "frozen", "--start", "2026-03-01T00:00:00Z", "--auth-token", "secret1"}, in, io.Discard)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var hello announcement
	if err := json.Unmarshal([]byte(line), &hello); err != nil || hello.AuthToken != "secret1" || hello.AccountSID == "" {
		t.Fatalf("announced %s: %v", line, err)
	}
	response, err := http.Get(hello.Address + "/_fake/clock")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), `"now":"2026-03-01T00:00:00Z"`) {
		t.Errorf("clock: %s, %v", body, err)
	}
	response.Body.Close()

	response, err = http.Get(hello.Address)
	if err != nil {
		t.Fatal(err)
	}
	body, err = io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), "<title>Fake Twilio</title>") {
		t.Errorf("the page: %s, %v", body, err)
	}
	response.Body.Close()

	request, err := http.NewRequest(http.MethodPost, hello.Address+"/v1/Services", strings.NewReader("FriendlyName=x"))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "sync.twilio.com"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(hello.AccountSID, hello.AuthToken)
	response, err = http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("create a service by host name: %v, %v", response, err)
	}
	response.Body.Close()
	stop()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// A client that is told nothing but the proxy and its certificate reaches the fake under Twilio's names.
func TestProxy(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	file := filepath.Join(t.TempDir(), "ca.pem")
	go func() {
		done <- run(ctx, []string{"--clock", "frozen", "--proxy", "127.0.0.1:0", "--ca-file", file}, in, io.Discard)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var hello announcement
	if err := json.Unmarshal([]byte(line), &hello); err != nil || hello.CAFile != file {
		t.Fatalf("announced %s: %v", line, err)
	}
	certificate, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	through, err := url.Parse(hello.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: trusted}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://sync.twilio.com/v1/Services", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(hello.AccountSID, hello.AuthToken)
	response, err := transport.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("list services through the proxy: %v, %v", response, err)
	}
	response.Body.Close()
	transport.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// Credentials are each run's own, unless the command line says otherwise.
func TestCredentials(t *testing.T) {
	t.Parallel()
	parsed := func(args ...string) faketwilio.Credentials {
		s, err := parse(args, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		fake := faketwilio.New(s.options)
		defer fake.Close()
		return fake.Credentials()
	}
	first, second := parsed(), parsed()
	if first.AuthToken == second.AuthToken || first.APISecret == second.APISecret || first.AccountSID == second.AccountSID {
		t.Error("two runs have the same credentials")
	}
	if !alphanumeric.MatchString(first.AuthToken+first.APISecret) || len(first.AuthToken) != 32 || !strings.HasPrefix(first.AccountSID, "AC") {
		t.Errorf("credentials %+v are not like Twilio's", first)
	}
	if seven, again, eight := parsed("--seed", "7"), parsed("--seed", "7"), parsed("--seed", "8"); seven != again || seven == eight {
		t.Error("a seed does not decide the credentials")
	}
	if got := parsed("--auth-token", "secret1"); got.AuthToken != "secret1" || got.APISecret == parsed().APISecret {
		t.Errorf("a token that is given stands beside made up ones: %+v", got)
	}
}

func TestCommandLineMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown clock", []string{"--clock", "fast"}, "-clock"},
		{"no time", []string{"--start", "tomorrow"}, "-start"},
		{"token with a dash", []string{"--auth-token", "a-b"}, "-auth-token"},
		{"proxy that nobody can trust", []string{"--proxy", "127.0.0.1:0"}, "-ca-file"},
		{"proxy's address", []string{"--proxy", "nowhere", "--ca-file", "ca.pem"}, "nowhere"},
		{"proxy's file", []string{"--proxy", "127.0.0.1:0", "--ca-file", "/dev/null/ca.pem"}, "/dev/null/ca.pem"},
		{"argument", []string{"serve"}, `"serve"`},
		{"address", []string{"--addr", "nowhere"}, "nowhere"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), test.args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("ended with %v, want an error about %s", err, test.want)
			}
		})
	}
}
