package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// forbidden is a way out that must not be taken.
type forbidden struct{ t *testing.T }

func (f forbidden) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("%s %s was sent", r.Method, r.URL)
	return nil, context.Canceled
}

// start runs the program in an environment, against a transport. What PARITY_RECEIVER leads to is up to the caller.
func start(t *testing.T, to http.RoundTripper, fake *faketwilio.Server, listener net.Listener, env map[string]string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	p := program{getenv: func(name string) string { return env[name] }, transport: to, clock: time.Now, pass: sleep, out: &out, listen: func(string, string) (net.Listener, error) {
		if listener == nil {
			return nil, errors.New("nothing to listen for")
		}
		return listener, nil
	}}
	if fake != nil {
		p.pass, p.clock = turning(fake), fake.Clock().Now
	}
	err := p.main(t.Context(), args)
	return out.String(), err
}

// Without LIVE nothing leaves the machine, whatever else is set.
func TestOffline(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{
		{}, {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "PARITY_PROBE": "1", "PARITY_RECEIVER": "https://hook.example.com"},
	} {
		out, err := start(t, forbidden{t}, nil, nil, env)
		if err != nil || !strings.Contains(out, "nothing was sent") || !strings.Contains(out, "new: sync Documents") {
			t.Errorf("%v, said %s", err, out)
		}
		if missing := strings.Contains(out, "Missing: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"); missing != (len(env) == 0) {
			t.Errorf("says what is missing: %v\n%s", missing, out)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, want string
		env                map[string]string
	}{
		{"no credentials", "LIVE needs an account", "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN", map[string]string{"LIVE": "quick"}},
		{"unknown LIVE", "two speeds", "neither quick", map[string]string{"LIVE": "fast"}},
		{"receiver without TLS", "Twilio wants https", "https://", map[string]string{"PARITY_RECEIVER": "http://hook.example.com"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := start(t, forbidden{t}, nil, nil, test.env); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v", test.reason, err)
			}
		})
	}
}

// leadingTo carries deliveries to a server of this machine, whatever their address: a tunnel, as it were.
type leadingTo struct{ address string }

func (l leadingTo) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", l.address
	return http.DefaultTransport.RoundTrip(r)
}

// A whole LIVE run of the program, against a fake that it takes for Twilio.
func TestLive(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake := faketwilio.New(faketwilio.Options{Seed: 3, DeliveryTransport: leadingTo{listener.Addr().String()}})
	credentials := fake.Credentials()
	env := map[string]string{
		"LIVE": "1", "PARITY_RECEIVER": "https://hook.example.com/", "TWILIO_ACCOUNT_SID": credentials.AccountSID, "TWILIO_AUTH_TOKEN": credentials.AuthToken,
	}
	dir := t.TempDir()
	fake.NewSyncService("parity-left-by-an-earlier-run")
	out, err := start(t, fake.Transport(), fake, listener, env, "-golden", dir)
	if err != nil || !strings.Contains(out, "the fake differs in 0 places") {
		t.Fatalf("%v\n%s", err, out)
	}
	written, err := filepath.Glob(filepath.Join(dir, "*.json"))
	slow := 0
	for _, c := range battery() {
		if c.slow {
			slow++
		}
	}
	if err != nil || len(written) != len(battery())-slow || strings.Count(out, "skipped ") != slow {
		t.Errorf("%d cases written, want all but %d slow ones\n%s", len(written), slow, out)
	}
	if left := fake.State(10); len(left.SyncServices)+len(left.ChatServices)+len(left.Workspaces)+len(left.Sinks) > 0 {
		t.Errorf("left behind: %+v", left)
	}
	for _, file := range written {
		content, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(content), credentials.AccountSID) || sidPattern.Match(content) {
			t.Errorf("%s names the account or something in it: %v", file, err)
		}
	}
}

// An account that somebody uses is left alone.
func TestStrangers(t *testing.T) {
	t.Parallel()
	fake := faketwilio.New(faketwilio.Options{Seed: 3})
	fake.NewWorkspace("Flex Task Assignment")
	credentials := fake.Credentials()
	env := map[string]string{"LIVE": "quick", "TWILIO_ACCOUNT_SID": credentials.AccountSID, "TWILIO_AUTH_TOKEN": credentials.AuthToken}
	out, err := start(t, fake.Transport(), fake, nil, env, "-golden", t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "throw-away account") || strings.Contains(out, "Flex Task Assignment") || strings.Contains(out, "recorded") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, e := range fake.Journal().Entries() {
		if e.Method != http.MethodGet {
			t.Errorf("%s %s was sent all the same", e.Method, e.Path)
		}
	}
	env["PARITY_OTHERS"] = "allowed"
	if out, err := start(t, fake.Transport(), fake, nil, env, "-golden", t.TempDir()); err != nil {
		t.Errorf("told so, it goes on: %v\n%s", err, out)
	}
	env["TWILIO_AUTH_TOKEN"] = "wrong"
	if _, err := start(t, fake.Transport(), fake, nil, env, "-golden", t.TempDir()); err == nil || !strings.Contains(err.Error(), "refuses the credentials") {
		t.Errorf("wrong credentials: %v", err)
	}
}

// The probes find the limits that the fake has, and stop there.
func TestProbes(t *testing.T) {
	t.Parallel()
	for _, p := range probes {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			to, fake := newFake(limitsOn)
			got, err := p.measure(t.Context(), to)
			if err != nil || got.sustained < 20*p.services || got.refusedAt <= 20*p.services || got.code != 54009 || !strings.Contains(got.message, "limit") {
				t.Errorf("measured %+v, %v", got, err)
			}
			if left := fake.State(10).SyncServices; len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}
