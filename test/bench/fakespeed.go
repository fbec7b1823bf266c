package main

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// fakeSpeed is how many requests a second the fake answers over HTTP, with clients enough
// to keep it busy: what is measured on it must need far fewer.
func (w *world) fakeSpeed(ctx context.Context) (float64, error) {
	const clients, each = 16, 2000
	a, err := w.newAccount(ctx, 1)
	if err != nil {
		return 0, err
	}
	s, _, err := a.sampleOn(ctx, 0)
	if err != nil {
		return 0, err
	}
	channel := "https://chat.twilio.com/v2/Services/" + a.ChatService + "/Channels/" + a.channels[0]
	var failed atomic.Pointer[error]
	var workers sync.WaitGroup
	started := time.Now()
	for range clients {
		workers.Go(func() {
			for range each {
				if err := s.Call(ctx, http.MethodGet, channel, nil, nil); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	workers.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return clients * each / time.Since(started).Seconds(), nil
}
