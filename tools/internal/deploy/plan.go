package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/flexsweep/flexsweep/tools/internal/plan"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// Planned is a plan file with what it says and what it was made of.
type Planned struct {
	File    string
	Record  Record
	Plan    *tfjson.Plan
	Summary plan.Summary
}

// Record stands beside the plan file, as FILE.json.
type Record struct {
	Environment string    `json:"environment"`
	Sources     Sources   `json:"sources"`
	Destroy     bool      `json:"destroy"`
	Targets     []string  `json:"targets,omitempty"`
	MadeAt      time.Time `json:"made_at"`
	BegunAt     time.Time `json:"begun_at,omitzero"` // when it was applied, if that did not finish
}

// Goal is what a plan is to reach.
type Goal struct {
	Destroy bool
	Targets []string // of a destroy plan: these and what depends on them; empty: everything
}

// ErrStale says that a plan was made of something else than what stands now.
var ErrStale = errors.New("the plan is stale")

// ErrBegun says that a plan was applied before and did not finish: Terraform takes no
// plan twice.
var ErrBegun = errors.New("the plan was applied before and did not finish")

// PlanFile is where a plan of the environment is kept unless the user says
// otherwise.
func (s *Session) PlanFile() string { return filepath.Join(s.env.Build, "plan.tfplan") }

// PassingFile is where a plan goes that no later command applies: those of destroy and
// heal. A plan that somebody has kept stays what it is.
func (s *Session) PassingFile() string { return filepath.Join(s.env.Build, "passing.tfplan") }

// Plan makes a plan and writes it, with its record, to file.
func (s *Session) Plan(ctx context.Context, file string, goal Goal, observe terraform.Observer) (*Planned, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("name the plan file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	os.Remove(file + ".json") // a plan without its record is none, should this be broken off
	in := terraform.PlanInput{Out: file, Destroy: goal.Destroy, Targets: goal.Targets, VarFiles: []string{s.variables, s.secrets}}
	if s.varFile != "" {
		in.VarFiles = append([]string{s.varFile}, in.VarFiles...)
	}
	if _, err := s.Runner.Plan(ctx, in, observe); err != nil {
		return nil, err
	}
	sources, err := s.sources()
	if err != nil {
		return nil, err
	}
	record := Record{Environment: s.env.Name, Sources: sources, Destroy: goal.Destroy, Targets: goal.Targets, MadeAt: s.now().UTC().Truncate(time.Second)}
	if err := record.write(file); err != nil {
		return nil, err
	}
	return s.read(ctx, file, record)
}

func (r Record) write(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err == nil {
		err = os.WriteFile(file+".json", append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the plan's record: %w", err)
	}
	return nil
}

// Load reads a plan that was made before. A plan made for another environment or
// of other sources is ErrStale, one whose apply began ErrBegun. A missing file is
// os.ErrNotExist.
func (s *Session) Load(ctx context.Context, file string) (*Planned, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("name the plan file: %w", err)
	}
	text, err := os.ReadFile(file + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the plan's record: %w", err)
	}
	var record Record
	if err := json.Unmarshal(text, &record); err != nil {
		return nil, fmt.Errorf("read the plan's record %s.json: %w", file, err)
	}
	if record.Environment != s.env.Name {
		return nil, fmt.Errorf("%w: it was made for %s, not for %s", ErrStale, record.Environment, s.env.Name)
	}
	if !record.BegunAt.IsZero() {
		return nil, fmt.Errorf("%w (begun at %s)", ErrBegun, record.BegunAt.Format(time.RFC3339))
	}
	now, err := s.sources()
	if err != nil {
		return nil, err
	}
	if changed := record.Sources.Differ(now); len(changed) > 0 {
		return nil, fmt.Errorf("%w: it was made at %s, and since then changed: %s",
			ErrStale, record.MadeAt.Format(time.RFC3339), strings.Join(changed, ", "))
	}
	return s.read(ctx, file, record)
}

func (s *Session) read(ctx context.Context, file string, record Record) (*Planned, error) {
	p, err := s.Runner.Show(ctx, file)
	if err != nil {
		return nil, err
	}
	return &Planned{File: file, Record: record, Plan: p, Summary: plan.Summarise(p)}, nil
}

// Discard removes the plan: applied, it is of no more use.
func (p *Planned) Discard() {
	os.Remove(p.File)
	os.Remove(p.File + ".json")
}
