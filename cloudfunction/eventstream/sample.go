package eventstream

import (
	"sync"
	"time"
)

// sampler lets one line of a kind through in each period, and counts the others: what
// strangers can cause must not fill the log. What was counted after the last line is told
// by the next one; an instance that ends takes it along.
type sampler struct {
	period time.Duration

	mu    sync.Mutex
	kinds map[string]*sample
}

type sample struct {
	last  time.Time // of the last line
	count int       // since then
}

func newSampler(period time.Duration) *sampler {
	return &sampler{period: period, kinds: map[string]*sample{}}
}

// take counts n of a kind. It returns whether a line is due now, and how many the line
// stands for: these, and all since the line before.
func (s *sampler) take(kind string, n int, now time.Time) (count int, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kinds[kind]
	if k == nil {
		k = &sample{last: now.Add(-s.period)}
		s.kinds[kind] = k
	}
	k.count += n
	if now.Sub(k.last) < s.period {
		return 0, false
	}
	count, k.count, k.last = k.count, 0, now
	return count, true
}
