package eventstream_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// forgetful is a ledger that takes everything and keeps nothing: what remains is the
// webhook's own work.
type forgetful struct{}

func (forgetful) Load(context.Context, string) (ledger.Entry, error) {
	return ledger.Entry{}, ledger.ErrNotFound
}

func (forgetful) Create(_ context.Context, r channel.Record) (ledger.Entry, error) {
	return ledger.Entry{Record: r, Document: "ET", Revision: "0"}, nil
}

func (forgetful) Save(_ context.Context, e ledger.Entry, _ ledger.TTL) (ledger.Entry, error) {
	return e, nil
}

// BenchmarkDelivery measures the webhook's own work: reading, signature, decoding,
// applying, logging. The target is at most 40 µs for each event. Each is news of another
// channel, more of them than the webhook remembers, so none is cheap.
func BenchmarkDelivery(b *testing.B) {
	const distinct = 12_000
	padding := strings.Repeat("x", 800) // attributes that flexsweep does not read
	event := func(n int) string {
		attributes := fmt.Sprintf(`{"conversationSid":%q,"channelType":"whatsapp","flexInteractionSid":%q,"flexInteractionChannelSid":%q,"pre_engagement":%q}`, sid("CH", n), sid("KD", n), sid("UO", n), padding)
		return fmt.Sprintf(`{"specversion":"1.0","id":%q,"type":"com.twilio.taskrouter.task.created","data":{"payload":{"timestamp":"2026-03-01T11:00:00.000Z","task_sid":%q,"task_attributes":%q}}}`, sid("EZ", n), sid("WT", n), attributes)
	}
	for _, size := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			var deliveries []attempt
			var signed []*http.Request
			for first := 0; first < distinct; first += size {
				var events []string
				for n := first; n < first+size; n++ {
					events = append(events, event(n))
				}
				a := attempt{body: array(events...)}
				deliveries, signed = append(deliveries, a), append(signed, a.request())
			}
			logger := slog.New(slog.NewJSONHandler(io.Discard, nil))
			handler := eventstream.New(eventstream.Config{Verifier: eventstream.NewVerifier([]string{hookURL}, []string{token})}, forgetful{},
				func() time.Time { return noon }, func(*http.Request) *slog.Logger { return logger })
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r := signed[n%len(signed)]
				r.Body = io.NopCloser(strings.NewReader(deliveries[n%len(deliveries)].body))
				w := httptest.NewRecorder()
				if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
					b.Fatalf("status %d", w.Code)
				}
				n++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*size), "ns/event")
		})
	}
}
