package main

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/tfdouble"
)

// TestRunServesUntilStandardInputCloses starts the program as a tool does.
func TestRunServesUntilStandardInputCloses(t *testing.T) {
	t.Parallel()
	in, closeIn := io.Pipe()
	outReader, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(t.Context(), []string{"--dir", t.TempDir()}, in, out, io.Discard)
	}()
	line, err := bufio.NewReader(outReader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var reattach tfdouble.Reattach
	if err := json.Unmarshal([]byte(line), &reattach); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	for _, address := range []string{tfdouble.GoogleAddress, tfdouble.TwilioAddress} {
		if c := reattach[address]; c.Protocol != "grpc" || c.ProtocolVersion != 6 || !c.Test || c.Addr.String == "" {
			t.Errorf("%s: %+v", address, c)
		}
	}
	closeIn.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunRefusesWithoutADirectory(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), nil, strings.NewReader(""), io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "no directory") {
		t.Errorf("got error %v, want one about the directory", err)
	}
}
