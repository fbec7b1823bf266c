package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/flexsweep/flexsweep/tools/internal/bundle"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/local"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
	"github.com/flexsweep/flexsweep/tools/internal/ui"
)

func namesOf(root string) []string { return environment.Names(root) }

// workspace is one environment, opened for a command: what is in it, Terraform
// ready to run, and, for local, the stand-ins.
type workspace struct {
	env     *environment.Environment
	session *deploy.Session
	secrets secrets.Values
	stack   *local.Stack // nil but for local
	stop    []func()
	lock    *deploy.Lock // nil where the state is only read
}

// end gives back what Terraform needed: the secrets' file, the stand-in providers. The
// environment stays this command's own.
func (w *workspace) end() {
	for i := len(w.stop) - 1; i >= 0; i-- {
		w.stop[i]()
	}
	w.stop = nil
}

// close gives back everything that open took.
func (w *workspace) close() {
	w.end()
	if w.lock != nil {
		w.lock.Release()
		w.lock = nil
	}
}

// purpose says what a command opens an environment for.
type purpose struct {
	bundle bool     // the function's archive is needed, to plan
	lift   []string // addresses whose prevent_destroy is lifted
	read   bool     // nothing but the state is read: Twilio's secrets may be missing

	official bool // for local: the official Twilio provider instead of its stand-in
}

// load finds the environment of a command line.
func (p *Program) load(name string) (*environment.Environment, error) {
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	return environment.Load(root, p.buildDir(root), name)
}

// open prepares Terraform in the environment. Everything that a person must give
// is looked for first, so that what is missing is said at once and in one sentence.
func (p *Program) open(ctx context.Context, name string, want purpose) (*workspace, error) {
	env, err := p.load(name)
	if err != nil {
		return nil, err
	}
	if err := onlyLocal(env, want.official); err != nil {
		return nil, err
	}
	if err := filledIn(env); err != nil {
		return nil, err
	}
	w := &workspace{env: env}
	if err := p.prepare(ctx, w, want); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// filledIn refuses an environment that still is as it came.
func filledIn(env *environment.Environment) error {
	open, err := env.Placeholders()
	if err != nil || len(open) == 0 {
		return err
	}
	return fmt.Errorf("%s is not filled in yet:\n  %s\nPut in your own, or answer for each: flexsweep init %s", env.Name, strings.Join(open, "\n  "), env.Name)
}

// take makes the environment this command's own, for as long as it works there.
func (p *Program) take(env *environment.Environment) (*deploy.Lock, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	lock, err := deploy.TakeLock(env.Build+".lock", deploy.Owner{Command: p.command, By: p.operatorName(""), Host: host, PID: os.Getpid(), Since: p.Now()})
	if errors.Is(err, deploy.ErrBusy) {
		return nil, refused(fmt.Errorf("%s: %w; try again when it is done", env.Name, err))
	}
	return lock, err
}

// prepare is open's work; what it took before an error, w knows.
func (p *Program) prepare(ctx context.Context, w *workspace, want purpose) (err error) {
	env := w.env
	o := deploy.Options{Env: env, Lift: want.lift, Now: p.Now, Warn: func(text string) { p.say("%s", text) }}
	if !want.read {
		if err = env.Unknown(); err != nil {
			return err
		}
		if w.lock, err = p.take(env); err != nil {
			return err
		}
	}
	if !env.IsLocal() {
		if o.Secrets, err = p.credentials(ctx, env, want.read); err != nil {
			return err
		}
	}
	if o.Terraform, err = p.locate(ctx); err != nil {
		return err
	}
	if env.IsLocal() {
		if err = p.openLocal(ctx, w, &o, want); err != nil {
			return err
		}
	}
	if want.bundle {
		if o.Bundle, err = bundle.Build(ctx, env.Root, bundleDir(env)); err != nil {
			return err
		}
	}
	open := deploy.Open
	if want.read {
		open = deploy.OpenToRead
	}
	if w.session, err = open(ctx, o); err != nil {
		return p.explainInit(ctx, w, err)
	}
	w.secrets = o.Secrets
	w.stop = append(w.stop, w.session.Close)
	return nil
}

// bundleDir is where an environment's bundle goes: build/, or, for local, its own
// folder, which destroy removes.
func bundleDir(env *environment.Environment) string {
	if env.IsLocal() {
		return env.Build
	}
	return filepath.Dir(env.Build)
}

// openLocal starts what the local environment needs for a run of Terraform.
func (p *Program) openLocal(ctx context.Context, w *workspace, o *deploy.Options, want purpose) (err error) {
	options := p.stackOptions(w.env)
	options.OfficialTwilio = want.official
	w.stack = local.New(options)
	if want.read { // what was applied is read where it lies, and nothing is started
		if !w.stack.Exists() {
			return notApplied(w.env.Name)
		}
		o.Secrets, err = w.stack.Recorded()
		return err
	}
	prepared, err := w.stack.Prepare(ctx)
	if errors.Is(err, local.ErrStandIn) {
		return refused(err)
	}
	if err != nil {
		return err
	}
	w.stop = append(w.stop, prepared.Stop)
	o.Variables, o.Reattach = prepared.Variables, prepared.Reattach
	o.Environment = prepared.Environment
	if o.Secrets, err = w.stack.Rotated(ctx, secrets.FromEnvironment(p.Env)); err != nil {
		return err
	}
	// Nothing in the local environment is worth keeping from its owner.
	o.Lift, err = deploy.Prevented(w.env.Infra)
	return err
}

func (p *Program) stack(env *environment.Environment) *local.Stack {
	return local.New(p.stackOptions(env))
}

func (p *Program) stackOptions(env *environment.Environment) local.Options {
	return local.Options{Root: env.Root, Dir: env.Build, Log: p.Err}
}

func (p *Program) locate(ctx context.Context) (string, error) {
	cache, err := terraform.CacheDir()
	if err != nil {
		return "", err
	}
	_, never := p.Env("FLEXSWEEP_NO_DOWNLOAD")
	return terraform.Locate(ctx, cache, !never, p.Err)
}

// credentials gathers the secrets of a deployed environment and makes sure that
// somebody is signed in to Google Cloud.
func (p *Program) credentials(ctx context.Context, env *environment.Environment, read bool) (secrets.Values, error) {
	values := secrets.FromEnvironment(p.Env)
	signedIn := p.signedIn()
	if ids := secretIDs(env); values.Lacks(ids) && signedIn {
		m := secrets.Manager{Client: &http.Client{Transport: p.Transport}, Token: secrets.AccessToken(p.Env), BaseURL: secrets.Google}
		stored, err := m.Fill(ctx, values, env.Values.String("project_id"), ids)
		if err != nil && !read {
			return values, fmt.Errorf("%s: %s not set, and Secret Manager cannot be read: %w", env.Name, strings.Join(values.Missing(), " and "), err)
		}
		values = stored
	}
	var missing []string
	for _, name := range values.Missing() {
		if read {
			continue
		}
		missing = append(missing, name+" (in the environment, or stored in Secret Manager)")
	}
	if !signedIn {
		missing = append(missing, "Google credentials (gcloud auth application-default login, or GOOGLE_OAUTH_ACCESS_TOKEN)")
	}
	if len(missing) > 0 {
		return values, fmt.Errorf("%s cannot be reached without %s", env.Name, strings.Join(missing, ", "))
	}
	return values, nil
}

// secretIDs are the ids that infra/secrets.tf gives the secrets.
func secretIDs(env *environment.Environment) map[string]string {
	prefix := env.Values.String("name_prefix")
	if prefix == "" {
		prefix = "flexsweep"
	}
	ids := map[string]string{}
	own := map[string]string{secrets.EventsAPISecret: "events_twilio_api_key", secrets.SweepAPISecret: "sweep_twilio_api_key"}
	for _, name := range secrets.Names() {
		if key := own[name]; key != "" && env.Values.String(key) == "" {
			continue // the function has no key of its own
		}
		ids[name] = prefix + "-" + env.Name + "-" + strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	}
	return ids
}

// signedIn looks for what the google provider and the gcs backend sign in with.
func (p *Program) signedIn() bool {
	for _, name := range []string{"GOOGLE_OAUTH_ACCESS_TOKEN", "GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"} {
		if v, ok := p.Env(name); ok && v != "" {
			return true
		}
	}
	home, ok := p.Env("HOME")
	if dir, set := p.Env("CLOUDSDK_CONFIG"); set {
		home, ok = dir, true
	} else {
		home = filepath.Join(home, ".config", "gcloud")
	}
	if !ok {
		return false
	}
	_, err := os.Stat(filepath.Join(home, "application_default_credentials.json"))
	return err == nil
}

// outputs reads an environment's outputs, all of them.
func (w *workspace) outputs(ctx context.Context) (deploy.Outputs, error) {
	raw, err := w.session.Runner.Outputs(ctx)
	if err != nil {
		return deploy.Outputs{}, err
	}
	outputs, err := deploy.ReadOutputs(raw)
	if err != nil {
		return deploy.Outputs{}, err
	}
	if missing := outputs.Missing(); len(missing) > 0 {
		return deploy.Outputs{}, w.unfinished(ctx, missing)
	}
	return outputs, nil
}

// unfinished says why outputs are missing: nothing is applied, or not all of it.
func (w *workspace) unfinished(ctx context.Context, missing []string) error {
	state, err := w.session.Runner.State(ctx)
	if err != nil {
		return err
	}
	if len(state.Managed) == 0 {
		return notApplied(w.env.Name)
	}
	said := fmt.Sprintf("apply is unfinished in %s: %s in the state, and no %s yet", w.env.Name, ui.Count(len(state.Managed), "resource"), strings.Join(missing, ", "))
	if len(state.Tainted) > 0 {
		said += "; not finished: " + strings.Join(state.Tainted, ", ")
	}
	return fmt.Errorf("%s; carry on with: flexsweep apply %s", said, w.env.Name)
}

func notApplied(env string) error {
	return fmt.Errorf("%s is not applied yet: flexsweep apply %s", env, env)
}

// say writes a line for people; with --json those go to Err, and Out stays for
// the result.
func (p *Program) say(format string, args ...any) {
	fmt.Fprintln(p.people(), p.called(fmt.Sprintf(format, args...)))
}

func (p *Program) people() io.Writer {
	if p.json {
		return p.Err
	}
	return p.Out
}
