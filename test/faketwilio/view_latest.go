package faketwilio

import "slices"

// What a page needs to look at a server often without copying everything that it remembers.

// Real tells whether time passes by itself.
func (c *Clock) Real() bool { return c.real }

// Strikes returns how often each fault in force has struck, by its id. Those that have not struck yet are there with 0.
func (f *Faults) Strikes() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	strikes := make(map[string]int, len(f.active))
	for _, a := range f.active {
		strikes[a.ID] = a.struck
	}
	return strikes
}

// Latest returns up to n of the newest exchanges, newest first.
func (j *Journal) Latest(n int) []Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := make([]Exchange, 0, min(n, len(j.ring)))
	for i := range uint64(cap(list)) {
		list = append(list, j.ring[(j.number-1-i)%uint64(j.size)])
	}
	return list
}

// LatestDeliveries returns up to n of the newest deliveries, newest first.
func (s *Server) LatestDeliveries(n int) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Delivery, 0, min(n, len(s.events.deliveries)))
	for _, d := range slices.Backward(s.events.deliveries) {
		if len(list) == cap(list) {
			break
		}
		shown := d.Delivery
		shown.Attempts = append([]Attempt{}, d.Attempts...)
		list = append(list, shown)
	}
	return list
}
