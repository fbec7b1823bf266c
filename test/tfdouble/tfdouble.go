// Package tfdouble serves stand-ins for the Terraform providers
// hashicorp/google, hashicorp/time and twilio/twilio, so that the unmodified
// infra/ plans and applies with no registry, no account and no cloud. Terraform
// finds them through TF_REATTACH_PROVIDERS (or tfexec.Reattach).
//
// The Twilio half makes its objects in a fake Twilio over HTTP. The google half
// keeps its resources in Terraform's state, and what a local runner needs in
// files; see package applied. What the real providers leave unknown until
// apply, replace, refuse and get wrong is so here too; README.md says what is
// not.
package tfdouble

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/clock"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/google"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/journal"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/provider"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/sleep"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/twilio"
)

// The addresses of the providers stood in for.
const (
	GoogleAddress = "registry.terraform.io/hashicorp/google"
	TimeAddress   = "registry.terraform.io/hashicorp/time"
	TwilioAddress = "registry.terraform.io/twilio/twilio"
)

// Options of the stand-ins; only Dir is required.
type Options struct {
	// Dir is where files and the journal are kept; it is made if need be. The
	// stand-ins have no other memory: serve the same Dir again to go on.
	Dir string
	// TwilioBaseURL is a fake Twilio's address, http on loopback. Without it
	// every Twilio resource fails at apply; plans of new ones still work.
	TwilioBaseURL string
	// TwilioTransport makes the requests instead of the default transport.
	TwilioTransport http.RoundTripper
	// Getenv finds the settings that the real Twilio provider reads from the
	// environment; os.Getenv if nil. (Providers that are attached to do not
	// inherit Terraform's environment.)
	Getenv func(string) string
	// Now gives the time for timestamps; time.Now if nil.
	Now func() time.Time
}

// Reattach tells Terraform where running providers listen. It marshals to the
// JSON of TF_REATTACH_PROVIDERS, whose form tfexec.ReattachInfo has too.
type Reattach map[string]ReattachConfig

// ReattachConfig is where one provider listens.
type ReattachConfig struct {
	Protocol        string
	ProtocolVersion int
	Pid             int
	Test            bool
	Addr            ReattachAddr
}

// ReattachAddr is a provider's address.
type ReattachAddr struct{ Network, String string }

// Env gives the text for the environment variable TF_REATTACH_PROVIDERS.
func (r Reattach) Env() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // a map of plain structs always marshals
	}
	return string(text)
}

// JournalEntry is one applied change.
type JournalEntry = journal.Entry

// Journal gives what was applied in a directory, oldest first.
func Journal(dir string) ([]JournalEntry, error) { return journal.Read(dir) }

// Serve starts the providers within this process. They run until stop is
// called or ctx ends; stop waits for them.
func Serve(ctx context.Context, o Options) (reattach Reattach, stop func(), err error) {
	if o, err = o.withDefaults(); err != nil {
		return nil, nil, err
	}
	servers, err := newServers(o)
	if err != nil {
		return nil, nil, err
	}
	quiet()
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	stop = func() { cancel(); running.Wait() }
	reattach = Reattach{}
	for address, server := range servers {
		config, err := serve(ctx, &running, address, server)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("serve %s: %w", address, err)
		}
		reattach[address] = config
	}
	return reattach, stop, nil
}

// quiet switches off the plugin library's own log, unless somebody has asked
// for it: it writes every request to standard error, and its level can be set
// by environment variables only.
var quiet = sync.OnceFunc(func() {
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO"} {
		if _, set := os.LookupEnv(name); !set {
			_ = os.Setenv(name, "OFF") // fails for an illegal name only
		}
	}
})

func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, fmt.Errorf("serve stand-in providers: no directory given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("find the directory %q: %w", o.Dir, err)
	}
	o.Dir = dir
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return o, fmt.Errorf("make the directory of the stand-in providers: %w", err)
	}
	if err := checkLoopback(o.TwilioBaseURL); err != nil {
		return o, err
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o, nil
}

// checkLoopback refuses an address that could be anything but a fake.
func checkLoopback(address string) error {
	if address == "" {
		return nil
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("read the fake Twilio's address %q: %w", address, err)
	}
	ip := net.ParseIP(parsed.Hostname())
	if parsed.Scheme != "http" || (parsed.Hostname() != "localhost" && !ip.IsLoopback()) {
		return fmt.Errorf("the fake Twilio's address %q is not http on loopback", address)
	}
	return nil
}

func newServers(o Options) (map[string]tfprotov6.ProviderServer, error) {
	applied := &journal.Journal{Dir: o.Dir, Now: o.Now}
	slept := &clock.Clock{Dir: o.Dir, Machine: o.Now}
	cloud, err := google.New(google.Options{Dir: o.Dir, Now: o.Now, Clock: slept, Journal: applied})
	if err != nil {
		return nil, err
	}
	waits, err := sleep.New(slept, applied)
	if err != nil {
		return nil, err
	}
	phone, err := twilio.New(twilio.Options{
		BaseURL: o.TwilioBaseURL, Transport: o.TwilioTransport, Getenv: o.Getenv, Journal: applied})
	if err != nil {
		return nil, err
	}
	return map[string]tfprotov6.ProviderServer{
		GoogleAddress: provider.New(cloud),
		TimeAddress:   provider.New(waits),
		TwilioAddress: provider.New(phone),
	}, nil
}

// serve starts one provider and waits until it listens.
func serve(ctx context.Context, running *sync.WaitGroup, address string, server tfprotov6.ProviderServer) (ReattachConfig, error) {
	configs := make(chan *plugin.ReattachConfig)
	ended := make(chan error, 1)
	running.Go(func() {
		closed := make(chan struct{})
		err := tf6server.Serve(address, func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, configs, closed),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()),
			tf6server.WithoutLogStderrOverride())
		ended <- err
	})
	select {
	case c := <-configs:
		return ReattachConfig{
			Protocol: string(c.Protocol), ProtocolVersion: c.ProtocolVersion, Pid: c.Pid, Test: c.Test,
			Addr: ReattachAddr{Network: c.Addr.Network(), String: c.Addr.String()},
		}, nil
	case err := <-ended:
		return ReattachConfig{}, fmt.Errorf("it ended before it listened: %w", err)
	case <-ctx.Done():
		return ReattachConfig{}, ctx.Err()
	}
}
