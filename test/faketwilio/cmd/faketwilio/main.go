// Command faketwilio runs the fake Twilio by hand, or for a process in another language. It prints one line of JSON with its
// address and credentials when it listens, and ends on SIGINT or SIGTERM.
package main

import (
	"context"
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
	options faketwilio.Options
}

// announcement is the line that tells where the fake is and how to log in.
type announcement struct {
	Address string `json:"address"`
	faketwilio.Credentials
}

// run serves until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	fake := faketwilio.New(s.options)
	defer fake.Close()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.address, err)
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	hello := announcement{Address: "http://" + listener.Addr().String(), Credentials: fake.Credentials()}
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

var alphanumeric = regexp.MustCompile(`^[A-Za-z0-9]*$`)

// parse reads the command line.
func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	o := &s.options
	flags := flag.NewFlagSet("faketwilio", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.address, "addr", "127.0.0.1:0", "address to listen on")
	clock := flags.String("clock", "real", "real: time passes; frozen: it moves only by POST /_fake/clock")
	start := flags.String("start", "", "time to start at, RFC 3339 (default: now, or "+faketwilio.DefaultStart.Format(time.RFC3339)+" if frozen)")
	flags.StringVar(&o.AccountSID, "account-sid", "", "account SID (default: made up from -seed)")
	flags.StringVar(&o.AuthToken, "auth-token", "", "Auth Token (default: made up from -seed)")
	flags.StringVar(&o.APIKey, "api-key", "", "API key SID (default: made up from -seed)")
	flags.StringVar(&o.APISecret, "api-secret", "", "API key secret (default: made up from -seed)")
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
	if *clock != "real" && *clock != "frozen" {
		return s, fmt.Errorf("read -clock: %q is neither real nor frozen", *clock)
	}
	o.RealClock = *clock == "real"
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
