package faketwilio

import (
	"math/rand/v2"
	"time"
)

// Chaos disturbs the deliveries of events. Shares are between 0 and 1; the zero value disturbs nothing.
type Chaos struct {
	Duplicate  float64       `json:"duplicate"`   // share of events that are delivered a second time, later
	Reorder    float64       `json:"reorder"`     // share of events that are held back, so that later ones overtake them
	Loss       float64       `json:"loss"`        // share of events that are never delivered
	LostAnswer float64       `json:"lost_answer"` // share of attempts whose answer gets lost after the receiver gave it
	MaxDelay   time.Duration `json:"-"`           // each event is delayed by up to so long; "max_delay" in JSON, as text
	// BatchMin and BatchMax make the size of batches vary. They replace Options.BatchSize if BatchMax is set.
	BatchMin int `json:"batch_min"`
	BatchMax int `json:"batch_max"`
}

// holdBack is how long a reordered or duplicated event waits at most, unless MaxDelay is longer.
const holdBack = 30 * time.Second

// chaos is Chaos with its source of chance.
type chaos struct {
	Chaos
	random *rand.Rand
}

func newChaos(seed uint64) chaos {
	return chaos{random: rand.New(rand.NewPCG(seed, seedChaos))}
}

// Chaos sets how deliveries are disturbed from now on.
func (s *Server) Chaos(c Chaos) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.chaos.Chaos = c
}

// fate is what happens to one copy of an event on its way into the queue.
type fate struct {
	lost  bool
	delay time.Duration
}

// fates decides how often, and how late, an event is delivered.
func (c *chaos) fates() []fate {
	if c.chance(c.Loss) {
		return []fate{{lost: true}}
	}
	first := fate{delay: c.upTo(c.MaxDelay)}
	if c.chance(c.Reorder) {
		first.delay += c.upTo(max(c.MaxDelay, holdBack))
	}
	if !c.chance(c.Duplicate) {
		return []fate{first}
	}
	return []fate{first, {delay: first.delay + c.upTo(max(c.MaxDelay, holdBack))}}
}

// losesAnswer decides whether the answer to an attempt gets lost.
func (c *chaos) losesAnswer() bool { return c.chance(c.LostAnswer) }

// batchSize is the size of the next batch.
func (c *chaos) batchSize(usual int) int {
	if c.BatchMax < 1 {
		return usual
	}
	low := max(c.BatchMin, 1)
	return low + c.random.IntN(max(c.BatchMax-low, 0)+1)
}

// backoff is the wait before the attempt that follows so many: doubled each time, with a quarter of jitter either way.
func (c *chaos) backoff(attempts int) time.Duration {
	wait := retryMost
	if attempts < 16 {
		wait = min(retryFirst<<(attempts-1), retryMost)
	}
	return time.Duration(float64(wait) * (0.75 + c.random.Float64()/2))
}

func (c *chaos) chance(share float64) bool { return share > 0 && c.random.Float64() < share }

func (c *chaos) upTo(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(c.random.Int64N(int64(most) + 1))
}
