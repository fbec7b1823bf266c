package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// session plays the battery against Twilio, writes down what it did, and holds the fake against it.
type session struct {
	twilio  target
	dir     string // of the golden files
	secrets []string
	others  bool // the account may hold what is not ours
	probing bool
	out     io.Writer
}

// errFindings says that something was found; what, has been printed.
var errFindings = errors.New("findings, as printed above")

func (s session) play(ctx context.Context) error {
	found, err := s.record(ctx)
	if err != nil {
		return err
	}
	more, err := s.hold(ctx)
	if err != nil {
		return err
	}
	if s.probing {
		if err := s.probe(ctx); err != nil {
			return err
		}
	}
	if found+more > 0 {
		return errFindings
	}
	return nil
}

// record asks Twilio and writes down what it did. It returns the number of findings.
func (s session) record(ctx context.Context) (findings int, err error) {
	if err := s.prepare(ctx); err != nil {
		return 0, err
	}
	records, err := playAll(ctx, s.twilio, battery(), s.say)
	if err != nil {
		return 0, err
	}
	for _, r := range records {
		findings += len(r.Failed) + len(r.Unstable) + min(len(r.Broken), 1)
		if !r.compared() {
			continue
		}
		if err := writeGolden(s.dir, r, s.twilio.clock(), s.secrets); err != nil {
			fmt.Fprintln(s.out, err)
			findings++
		}
	}
	return findings, nil
}

// prepare looks whether the account may be played with, and removes what an earlier run has left.
func (s session) prepare(ctx context.Context) error {
	left, strangers, err := inspect(ctx, s.twilio)
	if err != nil {
		return err
	}
	if len(strangers) > 0 && !s.others {
		for _, h := range strangers {
			fmt.Fprintf(s.out, "  %s %s\n", h.kind, h.address)
		}
		return fmt.Errorf("the account holds %d things that parity has not made: take a throw-away account, or set PARITY_OTHERS=allowed", len(strangers))
	}
	return remove(ctx, s.twilio, left)
}

// say prints what became of a case.
func (s session) say(r record) {
	switch {
	case r.Skipped != "":
		fmt.Fprintf(s.out, "skipped   %s: %s\n", r.Case, r.Skipped)
	case r.Broken != "":
		fmt.Fprintf(s.out, "broken    %s: %s\n", r.Case, r.Broken)
	case len(r.Unstable) > 0:
		fmt.Fprintf(s.out, "unstable  %s\n", r.Case)
	default:
		fmt.Fprintf(s.out, "recorded  %s\n", r.Case)
	}
	for _, line := range r.Unstable {
		fmt.Fprintf(s.out, "          differs from run to run: %s\n", line)
	}
	for _, line := range r.Failed {
		fmt.Fprintf(s.out, "          not so: %s\n", line)
	}
}

// hold plays the battery against the fake and prints where it differs from what Twilio did.
func (s session) hold(ctx context.Context) (int, error) {
	to, _ := newFake(faketwilio.Options{})
	records, err := playAll(ctx, to, battery(), nil)
	if err != nil {
		return 0, err
	}
	v, err := judge(s.dir, records, knownDifferences)
	if err != nil {
		return 0, err
	}
	for _, line := range v.complaints() {
		fmt.Fprintln(s.out, line)
	}
	fmt.Fprintf(s.out, "%d of %d cases are known live; the fake differs in %d places (and %d that are known)\n",
		v.recorded, len(records), len(v.unknown), len(knownDifferences)-len(v.stale))
	return len(v.complaints()), nil
}

// probe measures the limits.
func (s session) probe(ctx context.Context) error {
	for _, p := range probes {
		m, err := p.measure(ctx, s.twilio)
		if err != nil {
			return fmt.Errorf("probe %s: %w", p.name, err)
		}
		fmt.Fprintf(s.out, "probe     %s: %s\n", p.name, m)
		if err := s.twilio.pass(ctx, 15*time.Second); err != nil { // what was used up comes back
			return err
		}
	}
	return nil
}
