package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
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
// their own, and makes the sink and the subscription.
func (s *stage) byHand(ctx context.Context, dir string) error {
	fake, function := filepath.Join(dir, "faketwilio"), filepath.Join(dir, "function")
	fmt.Println("building the fake Twilio and the cloud function …")
	if err := errors.Join(rig.Build(ctx, "./test/faketwilio/cmd/faketwilio", fake), rig.Build(ctx, "./test/function", function)); err != nil {
		return err
	}
	started, err := rig.StartFake(ctx, dir, fake, "--clock", "frozen", "--batch-wait", "90s")
	if err != nil {
		return err
	}
	s.stop = append(s.stop, started.Process.Stop)
	s.world = &world{Fake: started}
	if err := s.world.seed(ctx); err != nil {
		return err
	}
	return s.deploy(ctx, dir, function)
}

// deploy does by hand what Terraform does for an environment.
func (s *stage) deploy(ctx context.Context, dir, function string) error {
	hook, err := rig.FreeAddress()
	if err != nil {
		return err
	}
	sweep, err := rig.FreeAddress()
	if err != nil {
		return err
	}
	var made struct {
		SyncServices []string `json:"sync_services"`
		Sinks        []string `json:"sinks"`
	}
	err = s.world.Control(ctx, http.MethodPost, "seed", map[string]any{
		"sync_services": []map[string]string{{"name": "flexsweep ledger"}},
		"sinks":         []map[string]string{{"url": "http://" + hook + "/"}},
	}, &made)
	if err != nil {
		return err
	}
	err = s.world.Control(ctx, http.MethodPost, "seed", map[string]any{
		"subscriptions": []map[string]any{{"sink": made.Sinks[0], "types": eventstream.EventTypes()}},
	}, nil)
	if err != nil {
		return err
	}
	settings := map[string]string{
		"TWILIO_ACCOUNT_SID": s.world.AccountSID, "TWILIO_API_KEY": s.world.APIKey, "TWILIO_API_SECRET": s.world.APISecret,
		"TWILIO_AUTH_TOKEN": s.world.AuthToken, "TWILIO_BASE_URL": s.world.Address, "TWILIO_REQUESTS_PER_SECOND": "10000",
		"WEBHOOK_URLS": "http://" + hook + "/", "SYNC_SERVICE_SID": made.SyncServices[0], "CHAT_SERVICE_SIDS": s.world.chatService,
		"RETENTION": retention.String(), "TOMBSTONE_TTL": "720h",
	}
	if err := s.serve(ctx, dir, function, "EventStreams", hook, settings); err != nil {
		return err
	}
	s.sweepURL = "http://" + sweep + "/"
	return s.serve(ctx, dir, function, "Sweep", sweep, settings)
}

// serve starts the function for one entry point.
func (s *stage) serve(ctx context.Context, dir, function, target, address string, settings map[string]string) error {
	process, err := rig.Serve(ctx, dir, function, target, address, settings)
	if process != nil {
		s.stop = append(s.stop, process.Stop)
	}
	return err
}
