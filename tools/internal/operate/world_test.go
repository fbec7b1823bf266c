package operate_test

import (
	"encoding/json"
	"net/http"
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

// open opens the world as an operator does, over a transport of the test's own or nil.
func open(t *testing.T, w *world.World, over *interloper) *operate.Environment {
	t.Helper()
	text, err := json.Marshal(w.Outputs())
	if err != nil {
		t.Fatal(err)
	}
	var outputs deploy.Outputs
	if err := json.Unmarshal(text, &outputs); err != nil {
		t.Fatal(err)
	}
	transport := w.Transport()
	if over != nil {
		over.next, transport = transport, http.RoundTripper(over)
	}
	env, err := operate.Open(t.Context(), operate.Source{
		Name: "shop", Outputs: outputs, Secrets: secrets.Values{APISecret: w.Fake.Credentials().APISecret}, By: "ann",
		Transport: transport, NewRun: w.NewRun, Sleep: world.NoSleep,
	})
	if err != nil {
		t.Fatal(err)
	}
	return env
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
