package eventstream

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

const (
	// MaxBody bounds a delivery. Twilio documents no batch size; 500 events of 8 KiB fit.
	MaxBody = 4 << 20
	// timeout leaves Twilio's 5 seconds some room for the way back.
	timeout = 4500 * time.Millisecond
)

// Handler answers the deliveries of Event Streams.
type Handler struct {
	verifier *Verifier
	store    *store
	now      func() time.Time
	log      func(*http.Request) *slog.Logger
}

// New returns the webhook. log gives the logger for a request.
func New(v *Verifier, records Records, now func() time.Time, log func(*http.Request) *slog.Logger) *Handler {
	return &Handler{verifier: v, store: newStore(records), now: now, log: log}
}

// ServeHTTP answers 200 when every event is durable or needs nothing, 503 when Twilio
// should send the delivery again, and 4xx to what no repetition can mend.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	log := h.log(r)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed) // dropped: not a delivery
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		log.Error("delivery refused: too large", "limit_bytes", MaxBody)
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge) // dropped: it will not shrink
		return
	}
	if err != nil {
		http.Error(w, "the body broke off", http.StatusServiceUnavailable) // repeated
		return
	}
	if !h.verifier.Verify(r, body) {
		log.Warn("signature refused", "bytes", len(body))
		http.Error(w, "the signature does not fit", http.StatusForbidden) // dropped: not Twilio, or not for this URL
		return
	}
	received := h.now()
	events, err := decodeBatch(body, received)
	if err != nil {
		log.Error("delivery refused: "+err.Error(), "bytes", len(body))
		http.Error(w, err.Error(), http.StatusBadRequest) // dropped: a repetition reads the same
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	ctx, calls := twilio.WithCounter(ctx)
	batch := newBatch(events)
	batch.logEvents(log)
	h.store.apply(ctx, batch, received, log)
	batch.summary.Calls = calls.Load()
	log.LogAttrs(ctx, batch.severity(), "delivery", batch.summary.attrs()...)
	if batch.summary.Failed > 0 {
		http.Error(w, "some events could not be stored; send them again", http.StatusServiceUnavailable) // repeated
		return
	}
	w.WriteHeader(http.StatusOK)
}
