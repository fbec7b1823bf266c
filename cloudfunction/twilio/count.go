package twilio

import (
	"context"
	"sync/atomic"
)

type counterKey struct{}

// WithCounter returns a context that counts the requests sent under it, each attempt as one.
func WithCounter(ctx context.Context) (context.Context, *atomic.Int64) {
	var n atomic.Int64
	return context.WithValue(ctx, counterKey{}, &n), &n
}

func count(ctx context.Context) {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(1)
	}
}
