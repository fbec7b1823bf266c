package backfill_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/backfill"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// TestAnEventIsQuicker: what backfill believes of a channel never overwrites what an event
// has told.
func TestAnEventIsQuicker(t *testing.T) {
	t.Parallel()
	w := world.New(t, nil, faketwilio.Options{Seed: 1})
	c := w.NewChatWith(`{"long_lived":true,"status":"ACTIVE"}`)
	creates := func(r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Documents")
	}
	var outputs deploy.Outputs
	w.ReadOutputs(&outputs)
	env, err := operate.Open(t.Context(), operate.Source{
		Name: "prod", Secrets: secrets.Values{APISecret: w.Fake.Credentials().APISecret}, Outputs: outputs,
		Transport: world.Once(w.Transport(), creates, func() { c.NewTask() }),
	})
	if err != nil {
		t.Fatal(err)
	}

	summary, err := backfill.Run(t.Context(), env, backfill.Options{Apply: true, Chat: true, Rate: 1000})
	if err != nil || summary.Raced != 1 || summary.Adopted != 0 || summary.Failed != 0 {
		t.Fatalf("%+v, %v: want one channel that was known meanwhile", summary, err)
	}
	if r := c.Record(); len(r.OpenTasks()) != 1 {
		t.Errorf("%+v: the event's task must stay open", r)
	}
}
