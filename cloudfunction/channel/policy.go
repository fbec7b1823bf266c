package channel

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Lease is how long a claim keeps other sweeps away. It must exceed the longest life of
// a sweep: a run that is still alive may yet change the channel, and Twilio's channels
// have no conditional update that would stop it.
const Lease = 30 * time.Minute

// Policy says when and how channels are retired.
type Policy struct {
	Retention     time.Duration            // since the end of the last task
	ByChannelType map[string]time.Duration // overrides Retention
	// Unconfirmed is the least retention of a channel that no created event named.
	Unconfirmed   time.Duration
	Chat          Disposition // of chat channels: Deactivate or Delete
	Conversations Disposition // of conversations: Close or Delete
}

// RetentionOf returns how long the record's channel is kept after its last task ended: the
// longest that any channel type asks for that a task named, and longer without evidence.
func (p Policy) RetentionOf(r Record) time.Duration {
	var retention time.Duration
	for _, kind := range r.Types {
		retention = max(retention, p.retentionOfType(kind))
	}
	if r.Untyped || len(r.Types) == 0 {
		retention = max(retention, p.Retention)
	}
	if !r.HasEvidence() {
		retention = max(retention, p.Unconfirmed)
	}
	return retention
}

func (p Policy) retentionOfType(kind string) time.Duration {
	if d, ok := p.ByChannelType[kind]; ok {
		return d
	}
	return p.Retention
}

// DispositionOf returns how the record's channel is to be retired.
func (p Policy) DispositionOf(r Record) Disposition {
	if r.Backend == Conversations {
		return p.Conversations
	}
	return p.Chat
}

// PassInterval is how long after a pass over the ledger the next one begins at the
// earliest: a fortieth of the shortest retention, and not more than an hour, since what
// must be put back waits for it, too.
func (p Policy) PassInterval() time.Duration {
	shortest := p.Retention
	for _, d := range p.ByChannelType {
		shortest = min(shortest, d)
	}
	return min(shortest/40, time.Hour)
}

// Hash names the rules: two policies that would retire differently have different hashes.
func (p Policy) Hash() string {
	sum := sha256.New()
	fmt.Fprintln(sum, p.Retention, p.Unconfirmed, p.Chat, p.Conversations)
	for _, kind := range slices.Sorted(maps.Keys(p.ByChannelType)) {
		fmt.Fprintln(sum, kind, p.ByChannelType[kind])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
