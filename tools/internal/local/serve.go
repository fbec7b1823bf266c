package local

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// ServeCommand is the hidden command that Serve stands behind.
const ServeCommand = "local-serve"

// ServeOptions are the arguments of the process that stands before the functions.
type ServeOptions struct {
	Dir         string
	Webhook     int // port of the EventStreams function's process
	Sweep       int // port of the Sweep function's process
	NoScheduler bool
	Log         io.Writer
}

// Serve runs the front and the scheduler until ctx ends. The front does what
// Cloud Run does before a request reaches a function: who is not granted
// roles/run.invoker gets 403. The scheduler calls what the applied job says, when
// it says, by the fake Twilio's clock.
func Serve(ctx context.Context, o ServeOptions) error {
	s := New(Options{Dir: o.Dir, Log: o.Log})
	d, err := readApplied(s.path(appliedFolder))
	if err != nil {
		return err
	}
	ports, err := s.ports()
	if err != nil {
		return err
	}
	token, err := s.Token()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(o.Log, nil))
	ended := make(chan error, 3)
	for _, f := range d.functions {
		listen, target := ports.Webhook, o.Webhook
		if f.EntryPoint == "Sweep" {
			listen, target = ports.Sweep, o.Sweep
		}
		server := &http.Server{Addr: fmt.Sprintf("127.0.0.1:%d", listen), Handler: gate(d.public(f), token, target), ReadHeaderTimeout: 10 * time.Second}
		go func() { ended <- server.ListenAndServe() }()
		defer server.Close()
	}
	if !o.NoScheduler {
		var fake Fake
		if _, err := s.readJSON(fakeFile, &fake); err != nil {
			return err
		}
		go func() { ended <- schedule(ctx, d.jobs, fake.Address, token, log) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return fmt.Errorf("serve the local environment: %w", err)
	}
}

// gate passes requests to the function's process: all when it is public, else
// only those with the invoker's token.
func gate(public bool, token string, target int) http.Handler {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", target)})
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}}
	want := []byte("Bearer " + token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !public && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "Your client does not have permission to get this URL.", http.StatusForbidden)
			return
		}
		proxy.ServeHTTP(w, r)
	})
}
