package local_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/tools/internal/local"
)

// TestOfficialTwilio: with the official Twilio provider Terraform is attached to the
// stand-ins for the others only, and what it starts itself gets to the fake.
func TestOfficialTwilio(t *testing.T) {
	t.Parallel()
	official := newStack(t, true)
	prepared := official.prepare()
	if diff := cmp.Diff([]string{"registry.terraform.io/hashicorp/google", "registry.terraform.io/hashicorp/time"}, attached(t, prepared)); diff != "" {
		t.Errorf("attached to (-want +got):\n%s", diff)
	}
	if status := throughProxy(t, prepared); status != http.StatusOK {
		t.Errorf("through the proxy Twilio answers %d", status)
	}
	for name, want := range map[string]string{"NO_PROXY": "", "no_proxy": "", "CHECKPOINT_DISABLE": "1"} {
		if got, set := prepared.Environment[name]; !set || got != want {
			t.Errorf("%s is %q (set: %t), want %q: the provider could get past the fake", name, got, set, want)
		}
	}
	again := official.again(false).prepare()
	if diff := cmp.Diff(prepared.Environment, again.Environment); diff != "" || len(attached(t, again)) != 2 {
		t.Errorf("the next command must go on with the official provider (-first +next):\n%s", diff)
	}

	standIn := newStack(t, false)
	prepared = standIn.prepare()
	if len(attached(t, prepared)) != 3 || len(prepared.Environment) > 0 {
		t.Errorf("the stand-in needs no proxy: attached to %v, environment %v", attached(t, prepared), prepared.Environment)
	}
	if _, err := standIn.again(true).Prepare(t.Context()); !errors.Is(err, local.ErrStandIn) {
		t.Errorf("what the stand-in began goes on with %v, want a refusal", err)
	}
}

type stack struct {
	*local.Stack
	t   *testing.T
	dir string
}

func newStack(t *testing.T, official bool) stack {
	t.Helper()
	s := stack{t: t, dir: filepath.Join(t.TempDir(), "local")}.again(official)
	t.Cleanup(func() {
		if err := s.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

// again is the same environment as another command meets it.
func (s stack) again(official bool) stack {
	s.t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		s.t.Fatal(err)
	}
	s.Stack = local.New(local.Options{Root: root, Dir: s.dir, Log: io.Discard, OfficialTwilio: official})
	return s
}

func (s stack) prepare() *local.Prepared {
	s.t.Helper()
	p, err := s.Prepare(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(p.Stop)
	return p
}

func attached(t *testing.T, p *local.Prepared) []string {
	t.Helper()
	var providers map[string]any
	if err := json.Unmarshal(p.Reattach, &providers); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range providers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// throughProxy asks Twilio for its Sync services as a program with the prepared
// environment does.
func throughProxy(t *testing.T, p *local.Prepared) int {
	t.Helper()
	proxy, err := url.Parse(p.Environment["HTTPS_PROXY"])
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := os.ReadFile(p.Environment["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: trusted}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://sync.twilio.com/v1/Services", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(p.Variables["twilio_api_key"].(string), p.Secrets.APISecret)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
