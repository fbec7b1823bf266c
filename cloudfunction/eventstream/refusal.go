package eventstream

import (
	"log/slog"
	"net/http"
	"time"
)

// refusal is how a request is turned away that is not a delivery of Twilio's.
type refusal struct {
	door   string // which of them: the values of the log field "refused" are stable, since metrics count by them
	status int
	text   string
}

// Twilio drops the events of a delivery for good on any 4xx but 429, which it repeats for
// 4 hours. So 403 is for what Twilio never sends, and 429 for what may be Twilio with
// settings of ours that do not fit: a token rotated in the wrong order, a list of
// addresses that has changed.
var (
	elsewhere        = &refusal{"source", http.StatusTooManyRequests, "this address is not on the list"}
	notPost          = &refusal{"malformed", http.StatusMethodNotAllowed, "only POST"}
	noSignature      = &refusal{"malformed", http.StatusForbidden, "one X-Twilio-Signature is required"}
	noHash           = &refusal{"malformed", http.StatusForbidden, "one bodySHA256 is required"}
	unknownSignature = &refusal{"token", http.StatusTooManyRequests, "the signature does not fit"}
	otherBody        = &refusal{"malformed", http.StatusForbidden, "the body is not the one that was signed"}
)

// refusalPeriod is how often a refusal of each kind is logged.
const refusalPeriod = time.Minute

// door checks everything that can be checked before a byte of the body is read, and returns
// the hash that the body must have.
func (h *Handler) door(r *http.Request) (bodyHash string, refused *refusal) {
	switch {
	case len(h.sources) > 0 && !fromAny(h.sources, r):
		return "", elsewhere
	case r.Method != http.MethodPost:
		return "", notPost
	}
	return h.verifier.verify(r)
}

// refuse turns a request away, and logs it by sample: thousands of strangers a second must
// not write thousands of lines.
func (h *Handler) refuse(w http.ResponseWriter, log *slog.Logger, r *refusal) {
	if count, due := h.refused.take(r.door, 1, h.now()); due {
		log.Warn("request refused", "refused", r.door, "count", count, "detail", r.text)
	}
	if r == notPost {
		w.Header().Set("Allow", http.MethodPost)
	}
	turnAway(w, r.status, r.text)
}

// turnAway answers, and lets go of the connection whatever is still to come: net/http reads
// up to 256 KiB of a body that its handler has left, before the answer goes out and again
// after it, for as long as they take to arrive.
func turnAway(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Connection", "close") // so that nothing is read before the answer
	http.Error(w, text, status)
	c := http.NewResponseController(w)
	_ = c.Flush()                          // the answer first
	_ = c.SetReadDeadline(time.Unix(1, 0)) // long past: whatever is read from now on fails at once
}
