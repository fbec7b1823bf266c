package eventstream

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/semaphore"
)

// timeout leaves Twilio's 5 seconds some room for the way back.
const timeout = 4500 * time.Millisecond

// Config is what the webhook is told.
type Config struct {
	Verifier *Verifier
	// Account is the only one (AC…) whose events count.
	Account string
	// Workspaces (WS…) are the only ones whose events count; none: all of the account.
	Workspaces []string
	// Sources are the only addresses that deliveries may come from; none: all.
	Sources []netip.Prefix
	// ReadTimeout bounds the arrival of a body; zero: 2 seconds.
	ReadTimeout time.Duration
}

// Handler answers the deliveries of Event Streams.
type Handler struct {
	verifier    *Verifier
	sources     []netip.Prefix
	readTimeout time.Duration
	refused     *sampler
	alerts      *sampler
	large       *semaphore.Weighted
	scope       scope
	places      *places
	store       *store
	now         func() time.Time
	log         func(*http.Request) *slog.Logger
}

// New returns the webhook. log gives the logger for a request.
func New(c Config, records Records, now func() time.Time, log func(*http.Request) *slog.Logger) *Handler {
	if c.ReadTimeout == 0 {
		c.ReadTimeout = readTimeout
	}
	return &Handler{
		verifier: c.Verifier, sources: c.Sources, readTimeout: c.ReadTimeout, refused: newSampler(refusalPeriod), alerts: newSampler(alertPeriod),
		large: semaphore.NewWeighted(maxLarge), scope: scope{c.Account, c.Workspaces}, places: newPlaces(), store: newStore(records), now: now, log: log,
	}
}

// ServeHTTP answers 200 when every event is durable or needs nothing, 503 when Twilio
// should send the delivery again, and 4xx to what no repetition can mend.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	log := h.log(r)
	hash, refused := h.door(r)
	if refused != nil {
		h.refuse(w, log, refused)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	body, release, err := h.readBody(ctx, w, r)
	defer release()
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		if count, due := h.refused.take("too large", 1, h.now()); due {
			log.Error("delivery refused: too large", "limit_bytes", MaxBody, "count", count)
		}
		turnAway(w, http.StatusRequestEntityTooLarge, "the body is too large") // dropped: it will not shrink
		return
	}
	if err != nil {
		turnAway(w, http.StatusServiceUnavailable, "the body broke off") // repeated
		return
	}
	if !hashed(body, hash) {
		h.refuse(w, log, otherBody)
		return
	}
	status, text := h.take(ctx, body, log)
	if status != http.StatusOK {
		http.Error(w, text, status)
		return
	}
	w.WriteHeader(http.StatusOK)
}
