// Command tfdouble serves the stand-in Terraform providers of package tfdouble.
//
//	tfdouble --dir DIR [--twilio-url http://127.0.0.1:PORT]
//
// It prints one line of JSON on standard output, the value for
// TF_REATTACH_PROVIDERS, and serves until its standard input closes or it gets
// SIGINT or SIGTERM. With --stdin=false it does not look at its standard input.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/flexsweep/flexsweep/test/tfdouble"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "tfdouble:", err)
		stop()
		os.Exit(1)
	}
}

// run serves until ctx ends or, if so asked, in does.
func run(ctx context.Context, args []string, in io.Reader, out, messages io.Writer) error {
	flags := flag.NewFlagSet("tfdouble", flag.ContinueOnError)
	flags.SetOutput(messages)
	dir := flags.String("dir", "", "directory for what is applied (required)")
	twilioURL := flags.String("twilio-url", os.Getenv("TWILIO_FAKE_BASE_URL"),
		"address of the fake Twilio; default: $TWILIO_FAKE_BASE_URL")
	watch := flags.Bool("stdin", true, "end when standard input closes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reattach, stop, err := tfdouble.Serve(ctx, tfdouble.Options{Dir: *dir, TwilioBaseURL: *twilioURL})
	if err != nil {
		return err
	}
	defer stop()
	if _, err := fmt.Fprintln(out, reattach.Env()); err != nil {
		return fmt.Errorf("print where the providers listen: %w", err)
	}
	if *watch {
		go func() {
			_, _ = io.Copy(io.Discard, in) // whatever ends it, the caller is gone
			cancel()
		}()
	}
	<-ctx.Done()
	return nil
}
