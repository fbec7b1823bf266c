package faketwilio

import (
	"net/http"
	"time"
)

// Limits switches on the rate limits that Twilio documents. A breach is answered with 429.
type Limits struct {
	// SyncWrites: 20 writes a second for each object, 2 for objects of 10 KiB and more, over a window of 10 s [docs sync/limits].
	SyncWrites bool `json:"sync_writes"`
	// SyncCreations: 20 new objects a second for each service [docs api/errors/54009].
	SyncCreations bool `json:"sync_creations"`
	// ChatActions: 30 updates a second for each channel or conversation, 30 creations and deletions for each service.
	ChatActions bool `json:"chat_actions"`
}

// Rates and the window of Limits.
const (
	syncWritesPerSecond      = 20
	syncLargeWritesPerSecond = 2
	syncLargeObject          = 10 << 10
	syncCreationsPerSecond   = 20
	chatActionsPerSecond     = 30
	limitWindow              = 10 // seconds of unused allowance that may be spent at once
)

// limiter holds a token bucket for each thing that has a limit.
type limiter struct {
	Limits
	buckets map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(limits Limits) limiter {
	return limiter{Limits: limits, buckets: map[string]*bucket{}}
}

// SetLimits switches the rate limits, with full allowances.
func (s *Server) SetLimits(limits Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = newLimiter(limits)
}

// allow spends one action of key's allowance.
func (l *limiter) allow(key string, perSecond float64, now time.Time) bool {
	b, known := l.buckets[key]
	if !known {
		b = &bucket{tokens: perSecond * limitWindow, at: now}
		l.buckets[key] = b
	}
	b.tokens = min(b.tokens+now.Sub(b.at).Seconds()*perSecond, perSecond*limitWindow)
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// allowSyncWrite checks the limit of writes to one Sync object of that size. asked is what the request calls it: its SID or its
// unique name, and public logs of refusals have either.
func (s *Server) allowSyncWrite(sid, asked string, size int, now time.Time) error {
	rate := float64(syncWritesPerSecond)
	if size >= syncLargeObject {
		rate = syncLargeWritesPerSecond
	}
	if s.limits.SyncWrites && !s.limits.allow(sid, rate, now) {
		return limited("write-document-" + asked)
	}
	return nil
}

// limited is Sync's refusal, which names its limiter: public logs show those of maps, "write-map-MP…".
func limited(limiter string) error {
	return fail(http.StatusTooManyRequests, codeSyncRate, "Rate limit exceeded for %s", limiter)
}

// allowSyncCreation checks the limit of new Sync objects of one service.
func (s *Server) allowSyncCreation(service string, now time.Time) error {
	if s.limits.SyncCreations && !s.limits.allow("create "+service, syncCreationsPerSecond, now) {
		return limited("create-document-" + service)
	}
	return nil
}

// allowChat checks the limit of actions on a channel, or of creations and deletions in a service.
func (s *Server) allowChat(sid string, now time.Time) error {
	if s.limits.ChatActions && !s.limits.allow("chat "+sid, chatActionsPerSecond, now) {
		return fail(http.StatusTooManyRequests, codeTooManyRequests, "Too many requests")
	}
	return nil
}
