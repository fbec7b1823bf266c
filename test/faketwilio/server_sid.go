package faketwilio

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"regexp"
)

// Streams of the seeded generators: each user of randomness has its own, so that one does not disturb another.
const (
	seedCredentials uint64 = iota + 1
	seedSIDs
	seedFaults
	seedChaos
)

// sidPattern is what Twilio calls a SID: two capital letters and 32 hex digits [docs api/errors/54302].
var sidPattern = regexp.MustCompile(`^[A-Z]{2}[a-f0-9]{32}$`)

// newSID returns prefix and 32 hex digits.
func newSID(random *rand.Rand, prefix string) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], random.Uint64())
	binary.BigEndian.PutUint64(raw[8:], random.Uint64())
	return prefix + hex.EncodeToString(raw[:])
}

// sid makes a new SID of this server. The caller holds s.mu.
func (s *Server) sid(prefix string) string { return newSID(s.random, prefix) }
