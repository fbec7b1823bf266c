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

func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		due, waiting int
		share        float64
		least        int
		refused      bool
		reason       string
	}{
		{"most are due", 6, 4, 0.5, 5, true, "more than the share in a ledger of some size"},
		{"few are due", 5, 5, 0.5, 5, false, "no more than the share"},
		{"small ledger", 5, 0, 0.5, 5, false, "in a small one any share is plausible"},
		{"switched off", 10, 0, 1, 5, false, "a share of 1 allows everything"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &backfill.Summary{Adopted: row.due + row.waiting, States: map[operate.State]int{operate.StateDue: row.due, operate.StateWaiting: row.waiting}}
			if got := s.Refusal(row.share, row.least); (got != "") != row.refused {
				t.Errorf("%q: %s", got, row.reason)
			}
		})
	}
}
