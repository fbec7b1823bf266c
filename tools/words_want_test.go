package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flexsweep/flexsweep/test/world"
)

// What a script expects.

func (s *script) wantCode(_ *testscript.TestScript, args []string) error {
	if got := strconv.Itoa(s.exitCode); got != args[0] {
		return fmt.Errorf("exit code %s, want %s", got, args[0])
	}
	return nil
}

func (s *script) wantAttributes(_ *testscript.TestScript, args []string) error {
	if got := s.threads[args[0]].Attributes(); !strings.Contains(got, args[1]) {
		return fmt.Errorf("attributes %s, want some with %s", got, args[1])
	}
	return nil
}

func (s *script) wantRecord(_ *testscript.TestScript, args []string) error {
	doc, found := s.Fake.Document(s.Ledger, world.Prefix+s.threads[args[0]].SID)
	if !found || !strings.Contains(string(doc.Data), args[1]) {
		return fmt.Errorf("record %s (there: %t), want one with %s", doc.Data, found, args[1])
	}
	return nil
}
