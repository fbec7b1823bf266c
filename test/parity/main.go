package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{getenv: os.Getenv, transport: http.DefaultTransport, pass: sleep, clock: time.Now, listen: net.Listen, out: os.Stdout}
	if err := p.main(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
}

// program is what main needs of the machine.
type program struct {
	getenv    func(string) string
	transport http.RoundTripper
	pass      func(context.Context, time.Duration) error
	clock     func() time.Time
	listen    func(network, address string) (net.Listener, error)
	out       io.Writer
}

func (p program) main(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("parity", flag.ContinueOnError)
	flags.SetOutput(p.out)
	dir := flags.String("golden", "test/parity/golden", "where LIVE runs write what Twilio did")
	page := flags.String("page", "test/faketwilio/README.md", "where -write renews the tables")
	renew := flags.Bool("write", false, "renew the tables of what is known how")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *renew {
		return write(*page, *dir)
	}
	s, missing, err := readSettings(p.getenv)
	if err != nil {
		return err
	}
	slices.Sort(missing)
	if err := p.announce(ctx, s, missing); err != nil {
		return err
	}
	switch {
	case s.live == "":
		return nil
	case len(missing) > 0:
		return fmt.Errorf("play against Twilio: set %s", strings.Join(missing, " and "))
	}
	return p.live(ctx, s, *dir)
}

// announce says what a run will do, what it may cost, and what is missing.
func (p program) announce(ctx context.Context, s settings, missing []string) error {
	does, err := planned(ctx, s.live == "slow", s.receiver != "")
	if err != nil {
		return err
	}
	does.print(p.out)
	if s.receiver == "" {
		fmt.Fprintf(p.out, "No PARITY_RECEIVER: what Event Streams delivers is left out. It is an https:// address that leads to %s here.\n", s.listen)
	}
	if s.live != "" {
		return nil
	}
	fmt.Fprintln(p.out, "LIVE is not set: nothing was sent. LIVE=quick takes some minutes, LIVE=slow some hours. Use a throw-away subaccount.")
	if len(missing) > 0 {
		fmt.Fprintln(p.out, "Missing:", strings.Join(missing, ", "))
	}
	return nil
}

// live plays against Twilio.
func (p program) live(ctx context.Context, s settings, dir string) error {
	user, password := s.login()
	twilio := target{
		client:  &http.Client{Transport: p.transport, Timeout: 30 * time.Second, CheckRedirect: noRedirect},
		account: s.account, token: s.token, user: user, password: password, slow: s.live == "slow",
		pass: p.pass, clock: p.clock, run: ours + strconv.FormatInt(p.clock().Unix(), 36),
		patience: 5 * time.Minute, disappointed: time.Minute,
	}
	if s.receiver != "" {
		twilio.receiver = newReceiver(s.receiver)
		listener, err := p.listen("tcp", s.listen)
		if err != nil {
			return fmt.Errorf("listen for deliveries: %w", err)
		}
		server := &http.Server{Handler: twilio.receiver, ReadHeaderTimeout: 10 * time.Second}
		go func() { _ = server.Serve(listener) }() // it ends by Close only
		defer server.Close()
	}
	return session{
		twilio: twilio, dir: dir, secrets: []string{s.account, s.token, s.key, s.secret}, others: s.others, probing: s.probing, out: p.out,
	}.play(ctx)
}

// noRedirect keeps the credentials from going anywhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
