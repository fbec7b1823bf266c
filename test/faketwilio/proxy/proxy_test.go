package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// visitor is a client of a proxy in front of a fake of its own.
type visitor struct {
	t     *testing.T
	fake  *faketwilio.Server
	proxy *Proxy
	http.Client
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	fake := faketwilio.New(faketwilio.Options{Seed: 1})
	p, err := Start("127.0.0.1:0", fake.Transport())
	if err != nil {
		t.Fatal(err)
	}
	through, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(p.CA()) {
		t.Fatal("the CA is no certificate")
	}
	transport := &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: trusted}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := p.Close(); err != nil {
			t.Errorf("close proxy: %v", err)
		}
	})
	return &visitor{t, fake, p, http.Client{Transport: transport}}
}

// get asks for an address, with the account's credentials.
func (v *visitor) get(address string) (*http.Response, error) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	credentials := v.fake.Credentials()
	request.SetBasicAuth(credentials.AccountSID, credentials.AuthToken)
	return v.Do(request)
}

func TestHosts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, address string
		status        int    // 0: no connection
		says          string // part of the answer, or of the error
		reason        string
	}{
		{"product", "https://sync.twilio.com/v1/Services", 200, `"services":[]`, "the common case"},
		{"upper case", "https://Sync.Twilio.com/v1/Services", 200, `"services":[]`, "host names have no case"},
		{"region", "https://conversations.ie1.twilio.com/v1/Services", 200, `"services":[]`, "*.*.twilio.com"},
		{"edge and region", "https://chat.dublin.ie1.twilio.com/v2/Services", 200, `"services":[]`, "*.*.*.twilio.com"},
		{"explicit port", "https://events.twilio.com:443/v1/Sinks", 200, `"sinks":[]`, "the port that https has anyway"},
		{"absent product", "https://api.twilio.com/2010-04-01/Accounts.json", 501, "api.twilio.com", "said, not silently cut off"},
		{"other host", "https://example.com/", 0, "Forbidden", "no test reaches the internet by accident"},
		{"other port", "https://sync.twilio.com:8443/", 0, "Forbidden", "Twilio listens on 443 only"},
		{"four labels", "https://a.b.c.d.twilio.com/", 0, "Forbidden", "Twilio has no such hosts"},
		{"bare domain", "https://twilio.com/", 0, "Forbidden", "it is a web site, no API"},
		{"look-alike", "https://sync.twilio.com.example.com/", 0, "Forbidden", "the end of the name counts"},
		{"prefix", "https://sync.nottwilio.com/", 0, "Forbidden", "the label counts, not its letters"},
		{"plain http", "http://sync.twilio.com/v1/Services", 403, "https only", "credentials never go in the clear"},
		{"plain http elsewhere", "http://example.com/", 403, "https only", "no test reaches the internet by accident"},
	}
	v := newVisitor(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, err := v.get(test.address)
			if err != nil {
				if test.status != 0 || !strings.Contains(err.Error(), test.says) {
					t.Errorf("ended with %v, want %d and %q: %s", err, test.status, test.says, test.reason)
				}
				return
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != test.status || !strings.Contains(string(body), test.says) {
				t.Errorf("answered %d %s (%v), want %d and %q: %s", response.StatusCode, body, err, test.status, test.says, test.reason)
			}
		})
	}
}

// What is inside the tunnel is held to the same rule as the tunnel.
func TestHostInsideTheTunnel(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://sync.twilio.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "example.com"
	response, err := v.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a request for example.com in a tunnel to Twilio was answered %s", response.Status)
	}
}

// A request in absolute form asks for no tunnel: goproxy would take it to the real Twilio by itself.
func TestAbsoluteForm(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, status, reason string }{
		{"product", "https://sync.twilio.com/v1/Services", "200 OK", "the fake answers, and nobody else"},
		{"absent product", "https://api.twilio.com/", "501 Not Implemented", "said by the fake"},
		{"other host", "https://example.com/", "403 Forbidden", "only hosts of Twilio"},
		{"other port", "https://sync.twilio.com:8443/", "403 Forbidden", "Twilio listens on 443 only"},
		{"own address", "/_fake/clock", "500 Internal Server Error", "it is a proxy, and no door to the control API"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t)
			connection, err := net.Dial("tcp", strings.TrimPrefix(v.proxy.URL(), "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			credentials := v.fake.Credentials()
			request.SetBasicAuth(credentials.AccountSID, credentials.AuthToken)
			fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nConnection: close\r\n\r\n",
				test.target, request.URL.Host, request.Header.Get("Authorization"))
			answer, err := io.ReadAll(connection)
			if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+test.status) {
				t.Errorf("answered %s, %v, want %s: %s", answer, err, test.status, test.reason)
			}
		})
	}
}

func TestFaultsArrive(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	v.fake.Faults().Add(faketwilio.Fault{Times: 1, Reset: true})
	if response, err := v.get("https://sync.twilio.com/v1/Services"); err == nil {
		response.Body.Close()
		t.Errorf("a connection that is reset was answered %s", response.Status)
	}
	response, err := v.get("https://sync.twilio.com/v1/Services")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("after the reset: %v, %v", response, err)
	}
	response.Body.Close()
}

// Nothing waits for a fake that hangs once the proxy is closed.
func TestCloseEndsHangs(t *testing.T) {
	t.Parallel()
	v := newVisitor(t)
	struck := make(chan struct{})
	v.fake.Journal().Observe(func(faketwilio.Exchange) { close(struck) })
	v.fake.Faults().Add(faketwilio.Fault{Times: 1, Hang: true})
	ended := make(chan error, 1)
	go func() {
		response, err := v.get("https://sync.twilio.com/v1/Services")
		if err == nil {
			response.Body.Close()
		}
		ended <- err
	}()
	<-struck
	if err := v.proxy.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("a request that hangs was answered")
	}
}

// Who trusts the authority trusts it for Twilio's names only.
func TestAuthority(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	ca, err := newAuthority(now)
	if err != nil {
		t.Fatal(err)
	}
	leaf := ca.certificate.Leaf
	if !leaf.IsCA || !leaf.PermittedDNSDomainsCritical || len(leaf.PermittedDNSDomains) != 1 || leaf.PermittedDNSDomains[0] != "twilio.com" {
		t.Errorf("the authority may sign for %q (critical: %t)", leaf.PermittedDNSDomains, leaf.PermittedDNSDomainsCritical)
	}
	if leaf.NotAfter.Sub(now) > 7*24*time.Hour {
		t.Errorf("a throw-away authority lasts until %s", leaf.NotAfter)
	}
	if strings.Contains(string(ca.pem), "PRIVATE") {
		t.Error("the key is given away")
	}
}
