package eventstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// MaxBody bounds a delivery. Twilio documents no batch size; 500 events of 8 KiB fit.
	MaxBody = 4 << 20
	// usual is the size of most bodies: one event, which is then read in one piece.
	usual = 8 << 10
	// small is the size up to which any number of bodies is read at a time.
	small = 128 << 10
	// maxLarge is how many larger ones are in memory at a time; the others wait. A signature
	// covers a hash, and what is sent behind it may be as large as a stranger likes who has
	// seen one signed request.
	maxLarge = 4
	// readTimeout bounds the arrival of a body: it must leave time for storing it.
	readTimeout = 2 * time.Second
)

// readBody reads the request's body, and returns what gives its memory free again. A body
// that is too large is an [http.MaxBytesError].
func (h *Handler) readBody(ctx context.Context, w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	release = func() {}
	c := http.NewResponseController(w)
	// A deadline that stayed would end the request's context when it passes: net/http goes on
	// reading, to notice a caller who has gone. A writer that knows no deadlines is a test's.
	defer c.SetReadDeadline(time.Time{}) //nolint:errcheck // see above
	_ = c.SetReadDeadline(time.Now().Add(h.readTimeout))

	limited := http.MaxBytesReader(w, r.Body, MaxBody)
	if r.ContentLength > MaxBody {
		return nil, release, &http.MaxBytesError{Limit: MaxBody}
	}
	var read bytes.Buffer
	read.Grow(int(min(max(r.ContentLength, 0), usual)) + bytes.MinRead)
	if _, err = read.ReadFrom(io.LimitReader(limited, small)); err != nil || read.Len() < small {
		return read.Bytes(), release, err
	}
	if err := h.large.Acquire(ctx, 1); err != nil {
		return nil, release, fmt.Errorf("wait for memory: %w", err)
	}
	release = func() { h.large.Release(1) }
	_ = c.SetReadDeadline(time.Now().Add(h.readTimeout)) // the wait was ours, not the sender's
	if rest := r.ContentLength - small; rest > 0 {
		read.Grow(int(rest) + bytes.MinRead) // in one piece, instead of doubling up to it
	}
	_, err = read.ReadFrom(limited)
	return read.Bytes(), release, err
}

// hashed tells whether the body has the hash that was signed.
func hashed(body []byte, hash string) bool {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]) == hash
}
