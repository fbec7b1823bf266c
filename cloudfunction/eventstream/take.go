package eventstream

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// alertPeriod is how often an instance logs what somebody should look at and no delivery
// mends: an alert per hour says as much as one per event.
const alertPeriod = time.Hour

// take applies the events of a delivery, a chunk at a time, and returns the answer to it.
func (h *Handler) take(ctx context.Context, body []byte, log *slog.Logger) (status int, text string) {
	received := h.now()
	ctx, meter := twilio.WithMeter(ctx)
	batch := newBatch(log)
	var broken error
	for element, err := range elements(body) {
		if broken = err; err == nil {
			batch.add(h.places.complete(decode(element, h.scope, received)))
		}
		if batch.held >= chunk {
			h.store.apply(ctx, batch, received)
		}
	}
	h.store.apply(ctx, batch, received)
	batch.summary.Calls = meter.Calls()
	h.alert(batch, received, log)
	if broken != nil {
		log.Error("delivery refused: "+broken.Error(), "bytes", len(body))
	}
	if broken == nil || batch.summary.Received > 0 {
		log.LogAttrs(ctx, batch.summary.severity(), "delivery", batch.summary.attrs()...)
	}
	switch {
	case batch.summary.Failed > 0:
		return http.StatusServiceUnavailable, "some events could not be stored; send them again" // repeated
	case broken != nil:
		return http.StatusBadRequest, broken.Error() // dropped: a repetition reads the same, and what could be read is stored
	}
	return http.StatusOK, ""
}

// alert logs the first event of each kind that is acknowledged without effect, and then one
// an hour with the count since: a wrong list of workspaces, or a wrong clock, must not
// acknowledge everything away in silence.
func (h *Handler) alert(b *batch, now time.Time, log *slog.Logger) {
	if b.summary.Foreign > 0 {
		if count, due := h.alerts.take("foreign", b.summary.Foreign, now); due {
			log.Error("foreign event", "count", count, "event", b.foreign.id, "type", b.foreign.kind, "origin", b.foreign.origin)
		}
	}
	if b.summary.Stale > 0 {
		if count, due := h.alerts.take("stale", b.summary.Stale, now); due {
			log.Error("stale event", "count", count, "event", b.stale.ID, "task", b.stale.TaskSID, "channel", b.stale.ChannelSID, "at", b.stale.Time)
		}
	}
}
