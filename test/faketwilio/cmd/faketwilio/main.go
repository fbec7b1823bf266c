// Command faketwilio runs the fake Twilio by hand, or for a process in another language. It prints one line of JSON with its
// address and credentials when it listens, and ends on SIGINT or SIGTERM. A browser at that address shows what is in it.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/faketwilio/page"
	"github.com/flexsweep/flexsweep/test/faketwilio/proxy"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "faketwilio:", err)
		os.Exit(1)
	}
}

// settings are the command line.
type settings struct {
	address string
	proxy   string // the address of the HTTPS proxy, empty for none
	caFile  string
	options faketwilio.Options
}

// announcement is the line that tells where the fake is and how to log in.
type announcement struct {
	Address string `json:"address"`
	faketwilio.Credentials
	Proxy  string `json:"proxy,omitempty"`
	CAFile string `json:"ca_file,omitempty"`
}

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	fake := faketwilio.New(s.options)
	defer fake.Close()
	page.Mount(fake)
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.address, err)
	}
	hello := announcement{Address: "http://" + listener.Addr().String(), Credentials: fake.Credentials()}
	if s.proxy != "" {
		p, err := startProxy(s, fake)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		defer p.Close()
		hello.Proxy, hello.CAFile = p.URL(), s.caFile
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	if err := json.NewEncoder(stdout).Encode(hello); err != nil {
		return errors.Join(fmt.Errorf("announce address: %w", err), server.Close())
	}
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return server.Close()
	}
}

// startProxy puts an HTTPS proxy in front of the fake and writes down whom its clients must trust.
func startProxy(s settings, fake *faketwilio.Server) (*proxy.Proxy, error) {
	p, err := proxy.Start(s.proxy, fake.Transport())
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	if err := p.WriteCA(s.caFile); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// makeUpCredentials fills in what the command line leaves out, anew for each run: whoever knows the source must not know the
// credentials of a fake that runs on somebody's machine.
func makeUpCredentials(o *faketwilio.Options) {
	for _, made := range []struct {
		field  *string
		prefix string
	}{{&o.AccountSID, "AC"}, {&o.AuthToken, ""}, {&o.APIKey, "SK"}, {&o.APISecret, ""}} {
		if *made.field == "" {
			random := make([]byte, 16)
			_, _ = rand.Read(random) // never fails
			*made.field = made.prefix + hex.EncodeToString(random)
		}
	}
}

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]*$`)

// parse reads the command line.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	o := &s.options
	flags := flag.NewFlagSet("faketwilio", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.address, "addr", "127.0.0.1:0", "address to listen on")
	flags.StringVar(&s.proxy, "proxy", "", "address of an HTTPS proxy for *.twilio.com, such as 127.0.0.1:0; needs -ca-file")
	flags.StringVar(&s.caFile, "ca-file", "", "file to write the certificate to that clients of the proxy must trust")
	clock := flags.String("clock", "real", "real: time passes; frozen: it moves only by POST /_fake/clock")
	start := flags.String("start", "", "time to start at, RFC 3339 (default: now, or "+faketwilio.DefaultStart.Format(time.RFC3339)+" if frozen)")
	flags.StringVar(&o.AccountSID, "account-sid", "", "account SID (default: made up at each start, or from -seed if that is given)")
	flags.StringVar(&o.AuthToken, "auth-token", "", "Auth Token (default: made up at each start, or from -seed if that is given)")
	flags.StringVar(&o.APIKey, "api-key", "", "API key SID (default: made up at each start, or from -seed if that is given)")
	flags.StringVar(&o.APISecret, "api-secret", "", "API key secret (default: made up at each start, or from -seed if that is given)")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed of SIDs, credentials, jitter and chances")
	flags.IntVar(&o.BatchSize, "batch", 1, "largest number of events in one delivery")
	flags.DurationVar(&o.BatchWait, "batch-wait", 0, "how long an incomplete batch waits for more events")
	flags.DurationVar(&o.DeliveryDelay, "delivery-delay", 0, "time from an event to its first delivery")
	flags.IntVar(&o.DeliveryParallel, "parallel", 1, "deliveries at once")
	flags.IntVar(&o.JournalBodies, "journal-bodies", 4096, "bytes of each response that the journal keeps; -1 for none")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("read command line: unexpected argument %q", flags.Arg(0))
	}
	if (s.proxy == "") != (s.caFile == "") {
		return s, errors.New("read command line: -proxy and -ca-file go together: who uses the proxy must trust its certificate")
	}
	if *clock != "real" && *clock != "frozen" {
		return s, fmt.Errorf("read -clock: %q is neither real nor frozen", *clock)
	}
	o.RealClock = *clock == "real"
	seeded := false
	flags.Visit(func(f *flag.Flag) { seeded = seeded || f.Name == "seed" })
	if !seeded {
		makeUpCredentials(o)
	}
	for name, value := range map[string]string{
		"account-sid": o.AccountSID, "auth-token": o.AuthToken, "api-key": o.APIKey, "api-secret": o.APISecret,
	} {
		if !alphanumeric.MatchString(value) {
			return s, fmt.Errorf("read -%s: use letters and digits only, because Twilio's SDKs refuse anything else", name)
		}
	}
	if *start != "" {
		at, err := time.Parse(time.RFC3339, *start)
		if err != nil {
			return s, fmt.Errorf("read -start: %w", err)
		}
		o.Start = at
	}
	return s, nil
}
