package reconcile_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/world"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/reconcile"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// TestEventsComeBetween: whatever an event tells between reading and mending stands.
func TestEventsComeBetween(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		gone   bool // the channel; else its task
		fixed  int
		status channel.Status
		reason string
	}{
		{"a task whose end was missed", false, 1, channel.Tracking, "the end is told, and the new task stays"},
		{"a channel that is gone", true, 1, channel.Tracking, "an open task is never settled over: only the missed end is noted down"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := world.New(t, nil, faketwilio.Options{Seed: 1})
			c := w.NewChatWith(`{"long_lived":true}`)
			old := c.NewTask()
			w.Deliver = world.Drop
			old.Becomes("deleted")
			if row.gone {
				c.Remove()
			}
			w.Pass(time.Hour)
			w.Deliver = nil
			var fresh *world.Job
			saves := func(r *http.Request) bool { return r.Header.Get("If-Match") != "" }
			var outputs deploy.Outputs
			w.ReadOutputs(&outputs)
			env, err := operate.Open(t.Context(), operate.Source{
				Name: "prod", Secrets: secrets.Values{APISecret: w.Fake.Credentials().APISecret}, Outputs: outputs,
				Transport: world.Once(w.Transport(), saves, func() { fresh = c.NewTask() }),
			})
			if err != nil {
				t.Fatal(err)
			}

			report, err := reconcile.Run(t.Context(), env, reconcile.Options{Fix: true, Grace: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			fixed := 0
			for _, f := range report.Findings {
				if f.Fixed {
					fixed++
				}
			}
			r := c.Record()
			if fixed != row.fixed || r.Status != row.status || r.Tasks[old.SID].Phase != channel.Ended || r.Tasks[fresh.SID].Phase != channel.Open {
				t.Errorf("%d fixed of %+v, record %+v: %s", fixed, report.Findings, r, row.reason)
			}
		})
	}
}
