package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/tools/internal/bundle"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/environment"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// Environment is a local environment that runs: applied by Terraform, the uploaded
// bundle serving both functions.
type Environment struct {
	Fake    Fake
	Outputs deploy.Outputs
	Token   string // of the sweep's invoker
	Applied int    // resources that the latest apply made or changed

	stack    *Stack
	execPath string
}

// Up brings up the local environment with one call: the fake, the bundle,
// Terraform's apply, the functions. It is what a demonstration or a test needs;
// the commands do the same step by step. Where no Terraform can be had the error
// is terraform.ErrNotFound. On any error what was started is ended.
func Up(ctx context.Context, o Options) (e *Environment, err error) {
	cache, err := terraform.CacheDir()
	if err != nil {
		return nil, err
	}
	execPath, err := terraform.Locate(ctx, cache, true, o.Log)
	if err != nil {
		return nil, err
	}
	e = &Environment{stack: New(o), execPath: execPath}
	if err := e.Apply(ctx); err != nil {
		if downErr := e.stack.Down(context.WithoutCancel(ctx)); downErr != nil {
			err = fmt.Errorf("%w (and: %w)", err, downErr)
		}
		return nil, err
	}
	return e, nil
}

// Apply applies the project as it is now and runs what was applied; call it again
// after a change.
func (e *Environment) Apply(ctx context.Context) error {
	session, stop, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer stop()
	planned, err := session.Plan(ctx, session.PlanFile(), deploy.Goal{}, nil)
	if err != nil {
		return err
	}
	e.Applied = len(planned.Summary.Changes)
	talk := deploy.Talk{
		Notice: func(s string) { e.stack.say("%s", s) },
		Agree:  func(context.Context, deploy.Again) error { return errors.New("the plan is another now") },
	}
	if err := session.Apply(ctx, planned, deploy.DefaultPatience(), talk); err != nil {
		return err
	}
	raw, err := session.Runner.Outputs(ctx)
	if err != nil {
		return err
	}
	if e.Outputs, err = deploy.ReadOutputs(raw); err != nil {
		return err
	}
	if err := e.stack.Start(ctx); err != nil {
		return err
	}
	e.Token, err = e.stack.Token()
	return err
}

// Changes plans once more and names what is left to do: nothing when the second
// plan is clean.
func (e *Environment) Changes(ctx context.Context) ([]string, error) {
	session, stop, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	planned, err := session.Plan(ctx, session.PlanFile(), deploy.Goal{}, nil)
	if err != nil {
		return nil, err
	}
	defer planned.Discard()
	return planned.Summary.Addresses(), nil
}

func (e *Environment) open(ctx context.Context) (*deploy.Session, func(), error) {
	o := e.stack.o
	prepared, err := e.stack.Prepare(ctx)
	if err != nil {
		return nil, nil, err
	}
	env, err := environment.Load(o.Root, o.Dir, environment.Local)
	if err != nil {
		prepared.Stop()
		return nil, nil, err
	}
	env.Build = o.Dir
	if _, err := e.stack.readJSON(fakeFile, &e.Fake); err != nil {
		prepared.Stop()
		return nil, nil, err
	}
	b, err := bundle.Build(ctx, o.Root, o.Dir)
	if err != nil {
		prepared.Stop()
		return nil, nil, err
	}
	session, err := deploy.Open(ctx, deploy.Options{
		Env: env, Terraform: e.execPath, Bundle: b, Secrets: prepared.Secrets,
		Variables: prepared.Variables, Reattach: prepared.Reattach, Environment: prepared.Environment, Now: time.Now,
	})
	if err != nil {
		prepared.Stop()
		return nil, nil, err
	}
	return session, func() { session.Close(); prepared.Stop() }, nil
}

// Sweep calls the sweep as its invoker, with body as JSON, and returns the report.
func (e *Environment) Sweep(ctx context.Context, body string) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Outputs.SweepURL, strings.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+e.Token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	defer resp.Body.Close()
	report, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("call the sweep: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("call the sweep: it answers %s: %s", resp.Status, strings.TrimSpace(string(report)))
	}
	return report, nil
}

// Down ends everything and removes the folder. What Terraform applied was in the
// fake and in the folder only, so nothing has to be destroyed first.
func (e *Environment) Down(ctx context.Context) error { return e.stack.Down(ctx) }
