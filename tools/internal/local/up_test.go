package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/flexsweep/flexsweep/tools/internal/local"
)

// TestUp brings the environment up with one call, with a clock that stands, as a
// demonstration does.
func TestUp(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not on PATH")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "up")
	e, err := local.Up(t.Context(), local.Options{
		Root: root, Dir: dir, Log: io.Discard, Clock: "frozen", Start: "2026-01-05T08:00:00Z", NoScheduler: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // whatever happened, no process stays; a second time finds nothing
		if err := e.Down(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if left, err := e.Changes(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("the second plan is not clean: %v, %v", left, err)
	}
	report, err := e.Sweep(t.Context(), `{"dryRun":true}`)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Started string `json:"started"`
		DryRun  bool   `json:"dryRun"`
	}
	if err := json.Unmarshal(report, &said); err != nil || !said.DryRun || said.Started[:16] != "2026-01-05T08:00" {
		t.Errorf("the sweep, by the fake's clock, reports %s (%v)", report, err)
	}
	if err := e.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("something is left")
	}
}
