package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// marked are the attributes of a channel that Flex keeps for the next time.
const marked = `{"from":"+15005550006","long_lived":true,"status":"ACTIVE","channel_type":"sms"}`

// tool is the tool in an operator's hand, in the account of a world.
type tool struct {
	*world.World
	dir      string
	env      map[string]string // of the operator, beside the account's secret
	skew     time.Duration     // of the operator's clock
	out, err bytes.Buffer      // of the last command
}

// run runs one command line and returns its exit code. The answer is what the operator
// types; with none nobody is there to be asked.
func (o *tool) run(ctx context.Context, answer string, outputs map[string]any, args []string) (int, error) {
	o.out.Reset()
	o.err.Reset()
	file, err := world.WriteOutputs(o.dir, outputs)
	if err != nil {
		return 0, err
	}
	settings := map[string]string{
		"TWILIO_API_SECRET": o.Fake.Credentials().APISecret, "USER": "ann", "PATH": "", "FLEXSWEEP_IDENTITY_TOKEN": world.SweepToken,
	}
	for name, value := range o.env {
		settings[name] = value
	}
	program := o.program(answer, settings)
	if args[0] != "__complete" { // which is the shell's, and takes no flag of ours
		args = append(args, "--outputs", file)
	}
	return program.Run(ctx, args), nil
}

func (o *tool) program(answer string, settings map[string]string) cli.Program {
	return cli.Program{
		In: io.NopCloser(strings.NewReader(answer)), Out: &o.out, Err: &o.err, Dir: o.dir, Version: "test", Terminal: answer != "", Sleep: world.NoSleep,
		Env:       func(name string) (string, bool) { v, ok := settings[name]; return v, ok && v != "" },
		Now:       func() time.Time { return o.Fake.Clock().Now().Add(o.skew) }, // of this machine; the environment has its own
		Transport: o.Transport(),
	}
}
