package main

import (
	"context"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// target is whom the battery is played against.
type target struct {
	client                 *http.Client
	account, token         string // the Auth Token signs what is delivered
	user, password         string // who asks
	receiver               *receiver
	slow                   bool                                             // time may pass by the hour
	pass                   func(ctx context.Context, d time.Duration) error // lets time pass
	clock                  func() time.Time
	run                    string        // begins the names of all that is made
	patience, disappointed time.Duration // how long to wait for what must come, and for what must not
}

// newFake is a fake as a target: time passes at once, and deliveries go to a receiver in this process.
func newFake(options faketwilio.Options) (target, *faketwilio.Server) {
	hook := newReceiver("https://receiver.example.com")
	options.Seed, options.DeliveryTransport = 1, hook
	fake := faketwilio.New(options)
	credentials := fake.Credentials()
	return target{
		client: &http.Client{Transport: fake.Transport()}, account: credentials.AccountSID, token: credentials.AuthToken,
		user: credentials.APIKey, password: credentials.APISecret, receiver: hook, slow: true, run: "parity-fake",
		clock: fake.Clock().Now, patience: time.Hour, disappointed: time.Hour,
		pass: turning(fake),
	}, fake
}

// turning lets time pass by a fake's clock.
func turning(fake *faketwilio.Server) func(context.Context, time.Duration) error {
	return func(_ context.Context, d time.Duration) error {
		fake.Clock().Advance(d)
		return nil
	}
}

// until lets time pass, second by second, until something is so, or it has taken too long.
func (t target) until(ctx context.Context, limit time.Duration, so func() bool) error {
	for waited := time.Duration(0); !so() && waited < limit; waited += time.Second {
		if err := t.pass(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}

// sleep lets real time pass.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
