package main

import (
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// played plays the whole battery against a fake of its own.
func played(t *testing.T, options faketwilio.Options) []record {
	t.Helper()
	to, _ := newFake(options)
	records, err := playAll(t.Context(), to, battery(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// The battery runs against the fake; where Twilio's answers are known, the fake's are the same.
func TestBattery(t *testing.T) {
	t.Parallel()
	records := played(t, faketwilio.Options{})
	for _, r := range records {
		if r.Skipped != "" {
			t.Errorf("%s was skipped: %s", r.Case, r.Skipped)
		}
		if r.Broken != "" {
			t.Errorf("%s broke: %s", r.Case, r.Broken)
		}
		for _, what := range r.Failed {
			t.Errorf("%s: not so: %s", r.Case, what)
		}
		for _, what := range r.Unstable {
			t.Errorf("%s differs between its variants: %s", r.Case, what)
		}
		if len(r.Exchanges) == 0 {
			t.Errorf("%s asked nothing", r.Case)
		}
	}
	v, err := judge("golden", records, knownDifferences)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range v.complaints() {
		t.Error(line)
	}
	t.Logf("%d of %d cases are known live", v.recorded, len(records))
	for _, s := range sightings {
		if err := s.holds(records); err != nil {
			t.Errorf("it was seen at the real Twilio that %s (%s), and the fake is not so: %v", s.fact, s.source, err)
		}
	}
}

// Whatever happens, a case leaves nothing behind: the account is as it was.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	to, fake := newFake(faketwilio.Options{})
	fake.Faults().Add(faketwilio.Fault{Method: "POST", Probability: 0.2, Status: 500})
	records, err := playAll(t.Context(), to, battery(), nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := 0
	for _, r := range records {
		broken += min(len(r.Broken), 1)
	}
	if broken == 0 {
		t.Error("no case broke: the faults prove nothing")
	}
	left, strangers, err := inspect(t.Context(), to)
	if err != nil || len(left)+len(strangers) > 0 {
		t.Errorf("left behind: %v, %v, %v", left, strangers, err)
	}
}
