package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flexsweep/flexsweep/test/rig"
)

// stage is everything that runs while the demo plays.
type stage struct {
	world    *world
	sweepURL string
	token    string // what the sweep asks of its caller, "" if nothing
	stop     []func()
}

func (s *stage) close() {
	for _, stop := range slices.Backward(s.stop) {
		stop()
	}
}

// raise brings up what the demo plays on: provisioned by Terraform, or where there is
// none, by hand.
func raise(ctx context.Context, dir string) (s *stage, err error) {
	s = &stage{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	err = s.provision(ctx, dir)
	if errors.Is(err, errNoTerraform) {
		fmt.Printf("%v: the loop runs without the provisioning\n", err)
		err = s.byHand(ctx, dir)
	}
	if err == nil {
		err = s.world.disturb(ctx)
	}
	return s, err
}

// byHand starts the fake Twilio and the function, once per entry point, in processes of
// their own, and does what Terraform does for an environment.
func (s *stage) byHand(ctx context.Context, dir string) error {
	fmt.Println("building the fake Twilio and the cloud function …")
	fake, function, err := rig.Programs(ctx, dir)
	if err != nil {
		return err
	}
	started, err := rig.StartFake(ctx, dir, fake, "--clock", "frozen", "--batch-wait", "90s")
	if err != nil {
		return err
	}
	s.stop = append(s.stop, started.Process.Stop)
	account, err := rig.NewAccount(ctx, started)
	if err != nil {
		return err
	}
	s.world = &world{account}
	deployment, err := account.Deploy(ctx, map[string]string{"RETENTION": retention.String(), "TOMBSTONE_TTL": "720h"})
	if err != nil {
		return err
	}
	s.sweepURL = deployment.URL("Sweep")
	for _, target := range []string{"EventStreams", "Sweep"} {
		process, err := deployment.Start(ctx, dir, function, target)
		if process != nil {
			s.stop = append(s.stop, process.Stop)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
