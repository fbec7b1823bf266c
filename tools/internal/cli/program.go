// Package cli is the command line of flexsweep: one file per command, each of
// which reads its arguments, calls the package that does the work, and says what
// came of it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

// Program is the tool with everything it reaches the world through, so that a
// test runs the same program that a person does.
type Program struct {
	In        io.Reader
	Out, Err  io.Writer
	Dir       string                                     // where it was started
	Env       func(name string) (string, bool)           // os.LookupEnv
	Now       func() time.Time                           // the clock
	Transport http.RoundTripper                          // to Twilio and Google
	Terminal  bool                                       // a person sits there: colour, live progress, questions
	Version   string                                     // of this tool
	Self      string                                     // how it was started, for advice; empty: flexsweep
	Sleep     func(context.Context, time.Duration) error // between repeated applies; nil really sleeps

	// set by the flags that every command has
	ctx      context.Context // of the command line that runs
	command  string          // that command line, for who finds the environment locked
	commands *regexp.Regexp  // all commands, as advice names them
	json     bool
	noColor  bool
	project  string
	build    string
}

// Exit codes, also told in the root command's help.
const (
	ExitOK        = 0
	ExitError     = 1   // something went wrong
	ExitChanges   = 2   // plan --detailed-exitcode: there is something to do
	ExitRefused   = 3   // the guard, a stale plan, "no" to a question, another command at work
	ExitUsage     = 64  // the command line itself is wrong
	ExitCancelled = 130 // Ctrl-C, or SIGTERM
)

// exit ends a command with a code of its own; err may be nil, when everything was
// said already.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

func refused(err error) error { return &exit{ExitRefused, err} }

// Run executes one command line and returns the exit code. Errors are written to
// Err, in red on a terminal.
func (p *Program) Run(ctx context.Context, args []string) int {
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	p.ctx, p.commands, p.command = ctx, commandPattern(root), strings.Join(append([]string{root.Name()}, args...), " ")
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	code, said := ExitError, err.Error()
	var e *exit
	if errors.As(err, &e) {
		code = e.code
		if e.err == nil {
			return code
		}
	}
	if errors.Is(err, context.Canceled) {
		code, said = ExitCancelled, withoutCause(said)
	}
	fmt.Fprintf(p.Err, "%s %s\n", p.colours(p.Err).Bad("flexsweep:"), p.called(said))
	return code
}

// withoutCause leaves Go's own words out of what is said of an interruption.
func withoutCause(said string) string {
	words := context.Canceled.Error()
	if said = strings.TrimSuffix(said, ": "+words); said == words || strings.Contains(said, words) {
		return "cancelled"
	}
	return said
}

// colours are on for a stream that is a terminal, unless --no-color or NO_COLOR.
func (p *Program) colours(w io.Writer) ui.Colours {
	_, never := p.Env("NO_COLOR")
	return ui.NewColours(ui.IsTerminal(w) && !never && !p.noColor)
}

// root is the project's folder: --project, else found from Dir upwards.
func (p *Program) root() (string, error) {
	if p.project != "" {
		return environment.FindRoot(p.at(p.project))
	}
	return environment.FindRoot(p.Dir)
}

// buildDir is where everything made goes: --build, else build/ in the project.
func (p *Program) buildDir(root string) string {
	if p.build != "" {
		return p.at(p.build)
	}
	return filepath.Join(root, "build")
}

// at reads a path of the command line as seen from where the tool was started.
func (p *Program) at(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.Dir, path)
}

// New is the tool as a person runs it.
func New(version string) (*Program, error) {
	if err := findHome(); err != nil {
		return nil, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("find the current folder: %w", err)
	}
	return &Program{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Dir: dir, Env: os.LookupEnv, Now: time.Now,
		Transport: http.DefaultTransport, Terminal: ui.IsPerson(os.Stdin) && ui.IsPerson(os.Stderr), Version: version, Self: self(),
	}, nil
}
