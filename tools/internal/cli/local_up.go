package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/flexsweep/flexsweep/tools/internal/local"
	"github.com/flexsweep/flexsweep/tools/internal/terraform"
)

// codeNoTerraform is how local-up ends where no fitting Terraform can be had.
const codeNoTerraform = 4

// stage is the line that local-up prints when everything runs.
type stage struct {
	Fake      local.Fake `json:"fake"`
	SyncSID   string     `json:"sync_service_sid"`
	SweepURL  string     `json:"sweep_url"`
	Token     string     `json:"token"` // of the sweep's invoker
	Resources int        `json:"resources"`
}

// localUpCommand is for the demo: the local environment in a folder of its own, with a
// clock that stands until it is turned.
func (p *Program) localUpCommand() *cobra.Command {
	o := local.Options{Clock: "frozen", NoScheduler: true, Log: p.Err}
	cmd := &cobra.Command{
		Use:    "local-up",
		Hidden: true,
		Short:  "Bring up a local environment until standard input ends (started by the demo)",
		Args:   exactly(0, "no arguments"),
		RunE:   func(cmd *cobra.Command, _ []string) error { return p.localUp(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.Dir, "dir", "", "the environment's folder, removed at the end")
	cmd.Flags().StringArrayVar(&o.FakeArgs, "fake-arg", nil, "a further `ARGUMENT` for the fake Twilio (repeatable)")
	return cmd
}

func (p *Program) localUp(ctx context.Context, o local.Options) error {
	root, err := p.root()
	if err != nil {
		return err
	}
	o.Root, o.Dir = root, p.at(o.Dir)
	e, err := local.Up(ctx, o)
	switch {
	case errors.Is(err, terraform.ErrNotFound):
		return &exit{codeNoTerraform, err}
	case err != nil:
		return err
	}
	line := stage{Fake: e.Fake, SyncSID: e.Outputs.SyncServiceSID, SweepURL: e.Outputs.SweepURL, Token: e.Token, Resources: e.Applied}
	err = json.NewEncoder(p.Out).Encode(line)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, p.In) // it ends when the demo does, however that ends
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return errors.Join(err, e.Down(context.WithoutCancel(ctx)))
}
