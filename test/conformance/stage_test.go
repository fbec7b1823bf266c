package conformance

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/faketwilio/proxy"
)

// timeout is the test's context, limited: a client that hangs must not hold up the others for ever.
func timeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

// tape collects what was said to the fakes.
type tape struct {
	mu        sync.Mutex
	exchanges []faketwilio.Exchange
}

func (r *tape) add(e faketwilio.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
}

// stage is a fake of one client's own, behind a proxy, and the environment in which that client takes it for Twilio.
type stage struct {
	fake *faketwilio.Server
	env  []string
}

// newStage starts one. The client gets nothing of this process's environment but PATH, so that no real account is ever at stake.
func newStage(t *testing.T, o Originals, said *tape) stage {
	t.Helper()
	fake := faketwilio.New(faketwilio.Options{Seed: 1, RealClock: true, DeliveryTransport: nobody{}})
	t.Cleanup(fake.Close)
	fake.Journal().Observe(said.add)
	p, err := proxy.Start("127.0.0.1:0", fake.Transport())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close proxy: %v", err)
		}
	})
	home := t.TempDir()
	ca := filepath.Join(home, "ca.pem")
	if err := p.WriteCA(ca); err != nil {
		t.Fatal(err)
	}
	credentials := fake.Credentials()
	s := stage{fake: fake}
	for name, value := range map[string]string{
		"HTTP_PROXY": p.URL(), "NODE_EXTRA_CA_CERTS": ca, // HTTP_PROXY is what Twilio's clients for Node read, for https
		"TWILIO_ACCOUNT_SID": credentials.AccountSID, "TWILIO_AUTH_TOKEN": credentials.AuthToken,
		"TWILIO_API_KEY": credentials.APIKey, "TWILIO_API_SECRET": credentials.APISecret,
		"TWILIO_SKIP_NEW_VERSION_CHECK": "true", "NO_COLOR": "1",
		"NODE_PATH": o.Modules(), "HOME": home,
		"PATH": filepath.Join(o.Modules(), ".bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
	} {
		s.env = append(s.env, name+"="+value)
	}
	return s
}

// run runs one of Twilio's clients. An exit code is no error: it is returned.
func (s stage) run(t *testing.T, program string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := timeout(t, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var out, complaints bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, &out, &complaints
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("%s %q: %v\n%s%s", program, args, err, &out, &complaints)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaints.String()
}

// nobody takes deliveries of events and forgets them: the sinks here are made up.
type nobody struct{}

func (nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Header: http.Header{}, Request: r}, r.Body.Close()
}
