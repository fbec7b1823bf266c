package terraform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
)

// graceful is how long Terraform may take to finish its step after Ctrl-C. A
// Cloud Function's build takes minutes, and to kill Terraform then loses track
// of it.
const graceful = 15 * time.Minute

// lockTimeout is how long to wait for somebody else's run on the same state.
const lockTimeout = "60s"

// Runner runs Terraform in one folder. It is not safe for concurrent use.
type Runner struct {
	// Warn is told each warning of Terraform's once, formatted; nil: nobody is.
	Warn func(string)

	tf       *tfexec.Terraform
	reattach tfexec.ReattachInfo
	secrets  []string
	warned   map[string]bool
}

// New prepares runs of the program at execPath in dir. reattach is the value of
// TF_REATTACH_PROVIDERS for providers that run already, or empty. secrets are
// blotted out wherever Terraform says them: a diagnostic about a variables file
// quotes the file's line.
func New(dir, execPath string, reattach json.RawMessage, secrets []string) (*Runner, error) {
	tf, err := tfexec.NewTerraform(dir, execPath)
	if err != nil {
		return nil, fmt.Errorf("prepare Terraform in %s: %w", dir, err)
	}
	if err := tf.SetWaitDelay(graceful); err != nil {
		return nil, fmt.Errorf("prepare Terraform in %s: %w", dir, err)
	}
	r := &Runner{tf: tf, secrets: secrets, warned: map[string]bool{}}
	if len(reattach) > 0 {
		if err := json.Unmarshal(reattach, &r.reattach); err != nil {
			return nil, fmt.Errorf("read the running providers' addresses: %w", err)
		}
	}
	return r, nil
}

// Extend adds variables to the environment of every run from now on, and of the
// providers that Terraform starts, which inherit it. terraform-exec takes no TF_VAR_…
// or TF_CLI_ARGS beside variables of one's own: with any, this process's are left out.
func (r *Runner) Extend(variables map[string]string) error {
	if len(variables) == 0 {
		return nil
	}
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	env = tfexec.CleanEnv(env)
	maps.Copy(env, variables)
	if err := r.tf.SetEnv(env); err != nil {
		return fmt.Errorf("set Terraform's environment: %w", err)
	}
	return nil
}

// Version is the version of the Terraform that runs.
func (r *Runner) Version(ctx context.Context) (string, error) {
	v, _, err := r.tf.Version(ctx, true)
	if err != nil {
		return "", fmt.Errorf("ask Terraform for its version: %w", err)
	}
	return v.String(), nil
}

// Init prepares the folder: providers, modules and the backend that backendFile
// configures (empty: what the configuration says).
func (r *Runner) Init(ctx context.Context, backendFile string) error {
	opts := []tfexec.InitOption{tfexec.Reconfigure(true)}
	if backendFile != "" {
		opts = append(opts, tfexec.BackendConfig(backendFile))
	}
	if r.reattach != nil {
		opts = append(opts, tfexec.Reattach(r.reattach))
	}
	s := &stream{secrets: r.secrets}
	defer r.tf.SetStdout(nil)
	return r.ended("init", s, r.tf.InitJSON(ctx, s, opts...))
}

// PlanInput is what a plan is made of.
type PlanInput struct {
	Out      string   // the plan file to write
	VarFiles []string // later ones win
	Destroy  bool
	Targets  []string // these and what depends on them; empty: everything
}

// Plan writes a plan to in.Out and reports whether it changes anything.
func (r *Runner) Plan(ctx context.Context, in PlanInput, observe Observer) (bool, error) {
	opts := []tfexec.PlanOption{tfexec.Out(in.Out), tfexec.LockTimeout(lockTimeout), tfexec.Destroy(in.Destroy)}
	for _, f := range in.VarFiles {
		opts = append(opts, tfexec.VarFile(f))
	}
	for _, address := range in.Targets {
		opts = append(opts, tfexec.Target(address))
	}
	if r.reattach != nil {
		opts = append(opts, tfexec.Reattach(r.reattach))
	}
	s := &stream{observe: observe, secrets: r.secrets}
	defer r.tf.SetStdout(nil)
	changed, err := r.tf.PlanJSON(ctx, s, opts...)
	return changed, r.ended("plan", s, err)
}

// Show reads a plan file.
func (r *Runner) Show(ctx context.Context, file string) (*tfjson.Plan, error) {
	var opts []tfexec.ShowOption
	if r.reattach != nil {
		opts = append(opts, tfexec.Reattach(r.reattach))
	}
	p, err := r.tf.ShowPlanFile(ctx, file, opts...)
	if err != nil {
		return nil, fmt.Errorf("read plan file %s: %w", file, err)
	}
	return p, nil
}

// Apply applies exactly the plan in file. varFiles may give ephemeral variables
// only: those are in no plan and are needed again.
func (r *Runner) Apply(ctx context.Context, file string, varFiles []string, observe Observer) error {
	opts := []tfexec.ApplyOption{tfexec.LockTimeout(lockTimeout)}
	for _, f := range varFiles {
		opts = append(opts, tfexec.VarFile(f))
	}
	if r.reattach != nil {
		opts = append(opts, tfexec.Reattach(r.reattach))
	}
	s := &stream{observe: observe, secrets: r.secrets}
	defer r.tf.SetStdout(nil)
	return r.ended("apply", s, r.tf.ApplyJSON(ctx, s, append(opts, tfexec.DirOrPlan(file))...))
}

// Outputs gives the root outputs as JSON values; none before the first apply.
func (r *Runner) Outputs(ctx context.Context) (map[string]json.RawMessage, error) {
	metas, err := r.tf.Output(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the outputs: %w", err)
	}
	out := make(map[string]json.RawMessage, len(metas))
	for name, m := range metas {
		out[name] = m.Value
	}
	return out, nil
}

// ended makes one error of what the process ended with and what it had said, and
// passes its warnings on.
func (r *Runner) ended(command string, s *stream, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.diagnostics {
		r.warn(d)
	}
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		err = context.Canceled
	}
	return &Failure{Command: command, Diagnostics: s.diagnostics, Err: err}
}

// expected are the warnings that say what the tool does on purpose.
var expected = []string{
	"Resource targeting is in effect", "Applied changes may be incomplete", // destroy --keep
	"Incomplete lock file information for providers", // a mirror knows one platform only
}

func (r *Runner) warn(d tfjson.Diagnostic) {
	if r.Warn == nil || d.Severity != tfjson.DiagnosticSeverityWarning || slices.Contains(expected, d.Summary) {
		return
	}
	if text := Format(d); !r.warned[text] {
		r.warned[text] = true
		r.Warn(text)
	}
}
