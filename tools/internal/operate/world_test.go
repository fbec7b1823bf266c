package operate_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

func newWorld(t *testing.T) *world.World {
	t.Helper()
	return world.New(t, world.Settings{"TOMBSTONE_TTL": "720h"}, faketwilio.Options{Seed: 1})
}

// open opens the world as an operator does, over its network or one of the test's own.
func open(t *testing.T, w *world.World, over http.RoundTripper) *operate.Environment {
	t.Helper()
	var outputs deploy.Outputs
	w.ReadOutputs(&outputs)
	env, err := operate.Open(t.Context(), operate.Source{
		Name: "shop", Outputs: outputs, Secrets: secrets.Values{APISecret: w.Fake.Credentials().APISecret}, By: "ann",
		Transport: over, NewRun: w.NewRun, Sleep: world.NoSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// before does something once, just before such a request of the operator's is sent.
func before(w *world.World, method, path string, do func()) http.RoundTripper {
	return world.Once(w.Transport(), func(r *http.Request) bool { return sends(r, method, path) }, do)
}

// broken loses every such request of the operator's.
func broken(w *world.World, method, path string) http.RoundTripper {
	return world.RoundTripper(func(r *http.Request) (*http.Response, error) {
		if sends(r, method, path) {
			return nil, errors.New("connection lost")
		}
		return w.Transport().RoundTrip(r)
	})
}

func sends(r *http.Request, method, path string) bool {
	return r.Method == method && strings.Contains(r.URL.Path, path)
}

const longLived = `{"from":"+15005550006","long_lived":true,"status":"ACTIVE"}`

// retired makes a chat channel that a sweep has retired, with everything that was due.
func retired(w *world.World) *world.Thread {
	c := w.NewChatWith(longLived)
	c.NewTask().Complete()
	w.Pass(49 * time.Hour)
	w.Sweep("{}")
	return c
}
