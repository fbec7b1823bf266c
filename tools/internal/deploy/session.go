package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/bundle"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// Options are what a session needs to know.
type Options struct {
	Env       *environment.Environment
	Terraform string           // path of the program
	Bundle    bundle.Bundle    // the zero value where nothing is planned
	Secrets   secrets.Values   //
	Variables map[string]any   // what only the tool knows: addresses of the local stand-ins
	Reattach  json.RawMessage  // providers that run already; empty for the real ones
	Lift      []string         // addresses whose prevent_destroy is lifted
	Now       func() time.Time // for the plan's record
	Warn      func(string)     // told what Terraform warns of, once each; nil: nobody

	// Environment is added to Terraform's own once init is done: the way to the local
	// fake. Init itself goes the user's way, to the registry or to a mirror.
	Environment map[string]string
}

// Session is Terraform, initialised, in one environment. Close it.
type Session struct {
	Runner *terraform.Runner

	env       *environment.Environment
	dir       string
	bundle    bundle.Bundle
	varFile   string // the environment's variables, as they were when the session began
	backend   string // and where its state is
	variables string // the file of what only the tool knows
	secrets   string // the private file
	remove    func()
	now       func() time.Time
}

const secretsKind = "secrets"

// Open stages the configuration, writes the variable files and runs init.
func Open(ctx context.Context, o Options) (*Session, error) {
	if err := os.MkdirAll(o.Env.Build, 0o755); err != nil {
		return nil, fmt.Errorf("create %s: %w", o.Env.Build, err)
	}
	removeLeftovers(o.Env.Build)
	dir, err := stage(o.Env, o.Lift)
	if err != nil {
		return nil, err
	}
	runner, err := terraform.New(dir, o.Terraform, o.Reattach, o.Secrets.All())
	if err != nil {
		return nil, err
	}
	runner.Warn = o.Warn
	s := &Session{Runner: runner, env: o.Env, dir: dir, bundle: o.Bundle, now: o.Now}
	if s.varFile, s.backend, err = snapshot(o.Env); err != nil {
		return nil, err
	}
	if err := s.writeVariables(o.Variables); err != nil {
		return nil, err
	}
	if s.secrets, s.remove, err = o.Secrets.WriteVarFile(o.Env.Build, ours(secretsKind)); err != nil {
		return nil, err
	}
	if err := s.init(ctx, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Session) init(ctx context.Context, o Options) error {
	if err := s.Runner.Init(ctx, s.backend); err != nil {
		return err
	}
	if err := s.Runner.Extend(o.Environment); err != nil {
		return err
	}
	if len(o.Reattach) > 0 {
		return nil // stand-ins have no versions to lock, and without them the lock would be half of one
	}
	return keepLock(s.dir, o.Env.Infra)
}

// keepLock brings the providers' versions that init chose back to infra/, where
// they are committed, as Terraform itself does when it runs there. A lock without
// the registry's signed checksums (zh:) for each provider stays where it is: it
// comes from a mirror, knows this machine's platform only, and may know a build
// that is nobody else's.
func keepLock(dir, infra string) error {
	lock, err := os.ReadFile(filepath.Join(dir, lockFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil // a configuration without providers
	}
	if err == nil && !signed(string(lock)) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(infra, lockFile), lock, 0o644)
	}
	if err != nil {
		return fmt.Errorf("keep the providers' versions: %w", err)
	}
	return nil
}

// signed reports whether each provider of a lock file has a checksum that the
// registry signed.
func signed(lock string) bool {
	providers := strings.Split(lock, "\nprovider ")
	return !slices.ContainsFunc(providers[1:], func(p string) bool { return !strings.Contains(p, `"zh:`) })
}

// Close removes what must not stay: the file with the secrets, or the folder that the
// state was read in.
func (s *Session) Close() { s.remove() }

// writeVariables writes what no .tfvars file can know.
func (s *Session) writeVariables(extra map[string]any) error {
	vars := map[string]any{}
	if s.bundle.Path != "" {
		vars["bundle"] = s.bundle.Path
	}
	for name, v := range extra {
		vars[name] = v
	}
	text, err := json.MarshalIndent(vars, "", "  ")
	if err != nil {
		return fmt.Errorf("write the variables: %w", err)
	}
	s.variables = filepath.Join(s.env.Build, "flexsweep.tfvars.json")
	if err := os.WriteFile(s.variables, text, 0o644); err != nil {
		return fmt.Errorf("write the variables: %w", err)
	}
	return nil
}

// sources hashes what a plan made now would be made of. The bundle's own path is
// left out of the variables' hash: its content counts.
func (s *Session) sources() (Sources, error) {
	infra, err := hashConfiguration(s.dir)
	if err != nil {
		return Sources{}, err
	}
	var files []string
	for _, f := range []string{s.varFile, s.backend} {
		if f != "" {
			files = append(files, f)
		}
	}
	if s.env.IsLocal() {
		files = append(files, s.variables)
	}
	variables, err := hashFiles(s.env.Build, files)
	if err != nil {
		return Sources{}, err
	}
	return Sources{Infra: infra, Bundle: s.bundle.SHA256, Variables: variables}, nil
}
