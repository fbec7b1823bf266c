// Package proxy puts an HTTPS proxy in front of the fake Twilio, so that a client that cannot be changed, such as an SDK in
// another language or Twilio's command line, reaches the fake under Twilio's own host names.
//
// The client is told two things, mostly by environment variables: the proxy's address (HTTPS_PROXY) and the certificate of its
// throw-away certificate authority (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, …). The authority's key is made at the start and stays in
// memory; it can sign for names under twilio.com only, so that trusting it by mistake opens no other door. Hosts that are not
// Twilio's are refused, so that no test reaches the internet through it.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/elazarl/goproxy"
)

// hostPattern is a host of Twilio: a product, with an edge and a region or without.
var hostPattern = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+){0,2}\.twilio\.com$`)

// Proxy is a listening HTTPS proxy. Use Start.
type Proxy struct {
	listener  net.Listener
	server    *http.Server
	authority authority
	ended     context.Context
	end       context.CancelFunc
}

// Start listens on an address, such as 127.0.0.1:0, and hands every request to a host of Twilio to fake, which is
// faketwilio's Server.Transport. A *net.OpError of fake ends the connection, as a reset does. End it with Close.
func Start(address string, fake http.RoundTripper) (*Proxy, error) {
	ca, err := newAuthority(time.Now())
	if err != nil {
		return nil, fmt.Errorf("make certificate authority: %w", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	p := &Proxy{listener: listener, authority: ca}
	p.ended, p.end = context.WithCancel(context.Background())
	p.server = &http.Server{Handler: p.handler(fake), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = p.server.Serve(listener) }() // it ends by Close only
	return p, nil
}

// URL is the proxy's address, as HTTPS_PROXY takes it.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// CA is the certificate that clients must trust, in PEM.
func (p *Proxy) CA() []byte { return p.authority.pem }

// WriteCA writes CA to a file.
func (p *Proxy) WriteCA(path string) error {
	if err := os.WriteFile(path, p.authority.pem, 0o600); err != nil {
		return fmt.Errorf("write CA certificate: %w", err)
	}
	return nil
}

// Close stops the proxy and gives up what it still waits for.
func (p *Proxy) Close() error {
	p.end()
	return p.server.Close()
}

// handler refuses whatever is not Twilio's and serves the rest.
func (p *Proxy) handler(fake http.RoundTripper) http.Handler {
	handler := goproxy.NewProxyHttpServer()
	handler.Logger = silent{} // the fake's journal has every request
	handler.Tr = &http.Transport{DialContext: dialNothing}
	handler.ConnectDial = nil // made from HTTPS_PROXY
	handler.CertStore = &certificates{byHost: map[string]*tls.Certificate{}}
	intercept := &goproxy.ConnectAction{Action: goproxy.ConnectMitm, TLSConfig: goproxy.TLSConfigFromCA(&p.authority.certificate)}
	handler.OnRequest().HandleConnectFunc(func(host string, ctx *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
		if !isTwilio(host) {
			ctx.Resp = refuse(ctx.Req, http.StatusForbidden, "only hosts of Twilio go through this proxy, not "+host)
			return goproxy.RejectConnect, host
		}
		return intercept, host
	})
	handler.OnRequest().DoFunc(func(r *http.Request, ctx *goproxy.ProxyCtx) (*http.Request, *http.Response) {
		ctx.RoundTripper = p.carry(fake) // never goproxy's own: a request in absolute form would go to the real Twilio
		switch {
		case r.URL.Scheme != "https":
			return r, refuse(r, http.StatusForbidden, "Twilio is reached by https only")
		case !isTwilio(r.URL.Host):
			return r, refuse(r, http.StatusForbidden, "only hosts of Twilio go through this proxy, not "+r.URL.Host)
		}
		return r, nil
	})
	return handler
}

// carry brings a request to the fake. It does not outlast the proxy, not even where the fake hangs on purpose.
func (p *Proxy) carry(fake http.RoundTripper) goproxy.RoundTripper {
	return goproxy.RoundTripperFunc(func(r *http.Request, _ *goproxy.ProxyCtx) (*http.Response, error) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(p.ended, cancel)()
		response, err := fake.RoundTrip(r.WithContext(ctx))
		var reset *net.OpError
		if err == nil || errors.As(err, &reset) || ctx.Err() != nil {
			return response, err
		}
		return refuse(r, http.StatusNotImplemented, err.Error()), nil // a host of Twilio that the fake does not have
	})
}

// dialNothing keeps the proxy from connecting to anything at all: the fake is handed its requests in process.
func dialNothing(_ context.Context, _, address string) (net.Conn, error) {
	return nil, fmt.Errorf("the fake's proxy connects to nothing, not to %s either", address)
}

func isTwilio(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "443"
	}
	return port == "443" && hostPattern.MatchString(strings.ToLower(name))
}

func refuse(r *http.Request, status int, why string) *http.Response {
	return goproxy.NewResponse(r, goproxy.ContentTypeText, status, "fake Twilio: "+why+"\n")
}

// silent is a logger that says nothing.
type silent struct{}

func (silent) Printf(string, ...any) {}
