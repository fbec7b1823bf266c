package backfill_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/tools/internal/backfill"
	"github.com/flexsweep/flexsweep/tools/internal/deploy"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
	"github.com/flexsweep/flexsweep/tools/internal/secrets"
)

// hasty is a Twilio where an event is quicker: it makes the record of each channel a
// moment before backfill does.
type hasty struct {
	next  http.RoundTripper
	event func(ctx context.Context)
}

func (h *hasty) RoundTrip(r *http.Request) (*http.Response, error) {
	if event := h.event; event != nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Documents") {
		h.event = nil
		event(r.Context())
	}
	return h.next.RoundTrip(r)
}

// TestAnEventIsQuicker: what backfill believes of a channel never overwrites what an event
// has told.
func TestAnEventIsQuicker(t *testing.T) {
	t.Parallel()
	fake := faketwilio.New(faketwilio.Options{Seed: 1})
	keys, chat := fake.Credentials(), fake.NewChatService("Flex Chat Service")
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
	sid := fake.NewChannel(chat, `{"long_lived":true,"status":"ACTIVE"}`)
	news := channel.Apply(channel.Record{}, channel.Event{ChannelSID: sid, Backend: channel.Chat, TaskSID: "WT00000000000000000000000000000001", Phase: channel.Open, Time: fake.Clock().Now()})
	twilio.event = func(ctx context.Context) {
		if _, err := env.Ledger.Create(ctx, news); err != nil {
			t.Error(err)
		}
	}

	summary, err := backfill.Run(t.Context(), env, backfill.Options{Apply: true, Chat: true, Rate: 1000})
	if err != nil || summary.Raced != 1 || summary.Adopted != 0 || summary.Failed != 0 {
		t.Fatalf("%+v, %v: want one channel that was known meanwhile", summary, err)
	}
	entry, err := env.Ledger.Load(t.Context(), sid)
	if err != nil || len(entry.Record.OpenTasks()) != 1 {
		t.Errorf("%+v, %v: the event's task must stay open", entry.Record, err)
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
