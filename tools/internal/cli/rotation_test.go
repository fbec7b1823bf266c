package cli_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

// with runs a command line with some variables in the environment.
func (s *site) with(environment map[string]string, args ...string) {
	s.t.Helper()
	s.out.Reset()
	s.err.Reset()
	p := &cli.Program{
		In: strings.NewReader(""), Out: &s.out, Err: &s.err, Dir: s.root, Now: time.Now, Transport: http.DefaultTransport,
		Env: func(name string) (string, bool) { v, ok := environment[name]; return v, ok },
	}
	if code := p.Run(context.WithoutCancel(s.t.Context()), args); code != cli.ExitOK {
		s.t.Fatalf("flexsweep %s: exit code %d\n%s%s", strings.Join(args, " "), code, &s.out, &s.err)
	}
}

// turn makes an Auth Token the fake's second or first.
func (s *site) turn(slot, token string) {
	s.t.Helper()
	if err := s.fake().Control(s.t.Context(), http.MethodPost, "auth_token", map[string]string{slot: token}, nil); err != nil {
		s.t.Fatal(err)
	}
}

// TestRotation rehearses on local what docs/deploy.md says of another Auth Token, in an
// environment that is protected.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const tfvars, second = "infra/environments/local.tfvars", "5ec0nd0000000000000000000000000a"
	s.replace(tfvars, "protected   = false", "protected   = true")
	s.with(map[string]string{"TWILIO_AUTH_TOKEN": "0ther0000000000000000000000000aa"}, "apply", "local", "--yes")
	if s.fake().AuthToken == "0ther0000000000000000000000000aa" {
		t.Fatal("a token that is not the fake's was taken from the shell")
	}

	s.turn("secondary", second)
	s.replace(tfvars, "protected   = true", "protected   = true\ntwilio_auth_token_secondary_version = \"1\"")
	s.with(map[string]string{"TWILIO_AUTH_TOKEN_SECONDARY": second}, "apply", "local", "--yes")
	s.must(cli.ExitOK, "plan", "local", "--detailed-exitcode") // and another shell needs not give it again
	s.turn("primary", second)

	s.replace(tfvars, "twilio_auth_token_secondary_version = \"1\"", "twilio_auth_token_version = \"2\"")
	s.with(map[string]string{"TWILIO_AUTH_TOKEN": second}, "apply", "local", "--yes")
	s.must(cli.ExitOK, "plan", "local", "--detailed-exitcode")
	if s.fake().AuthToken != second {
		t.Error("the promoted token is not the one that is known")
	}
	s.replace(tfvars, "protected   = true", "protected   = false")
}
