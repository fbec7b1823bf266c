package reconcile_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/reconcile"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// hasty is a Twilio where an event comes in just before a record is saved.
type hasty struct {
	next  http.RoundTripper
	event func(ctx context.Context)
}

func (h *hasty) RoundTrip(r *http.Request) (*http.Response, error) {
	if event := h.event; event != nil && r.Header.Get("If-Match") != "" {
		h.event = nil
		event(r.Context())
	}
	return h.next.RoundTrip(r)
}

// TestEventsComeBetween: whatever an event tells between reading and mending stands.
func TestEventsComeBetween(t *testing.T) {
	t.Parallel()
	const old, fresh = "WT00000000000000000000000000000001", "WT00000000000000000000000000000002"
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
			fake := faketwilio.New(faketwilio.Options{Seed: 1})
			keys, chat := fake.Credentials(), fake.NewChatService("Flex Chat Service")
			fake.NewWorkspace("Flex Task Assignment")
			twilio := &hasty{next: fake.Transport()}
			env, err := operate.Open(t.Context(), operate.Source{
				Name: "prod", Secrets: secrets.Values{APISecret: keys.APISecret}, Transport: twilio, Now: fake.Clock().Now,
				Outputs: deploy.Outputs{Functions: map[string]deploy.Function{"Sweep": {Environment: map[string]string{
					"TWILIO_ACCOUNT_SID": keys.AccountSID, "TWILIO_API_KEY": keys.APIKey, "SYNC_SERVICE_SID": fake.NewSyncService("flexsweep"), "CHAT_SERVICE_SIDS": chat,
				}}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			sid := "CH00000000000000000000000000000001"
			if !row.gone {
				sid = fake.NewChannel(chat, `{"long_lived":true}`)
			}
			open := channel.Event{ChannelSID: sid, Backend: channel.Chat, TaskSID: old, Phase: channel.Open, Time: fake.Clock().Now()}
			if _, err := env.Ledger.Create(t.Context(), channel.Apply(channel.Record{}, open)); err != nil {
				t.Fatal(err)
			}
			fake.Clock().Advance(time.Hour)
			twilio.event = func(ctx context.Context) {
				entry, err := env.Ledger.Load(ctx, sid)
				if err != nil {
					t.Error(err)
				}
				open.TaskSID, open.Time = fresh, fake.Clock().Now()
				if _, err := env.Ledger.Save(ctx, ledger.Entry{Record: channel.Apply(entry.Record, open), Revision: entry.Revision}, ledger.KeepTTL); err != nil {
					t.Error(err)
				}
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
			entry, err := env.Ledger.Load(t.Context(), sid)
			if err != nil || fixed != row.fixed || entry.Record.Status != row.status ||
				entry.Record.Tasks[old].Phase != channel.Ended || entry.Record.Tasks[fresh].Phase != channel.Open {
				t.Errorf("%d fixed of %+v, record %+v, %v: %s", fixed, report.Findings, entry.Record, err, row.reason)
			}
		})
	}
}
