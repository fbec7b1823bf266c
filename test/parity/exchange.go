package main

// exchange is what is kept of one request and its answer, or of one delivery: nothing that differs from run to run.
type exchange struct {
	Step    string            `json:"step"`    // the case's own name for it
	Request string            `json:"request"` // method, host and path, or "delivery"
	Status  int               `json:"status,omitempty"`
	Code    int               `json:"code,omitempty"` // Twilio's
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// record is what one case ended in.
type record struct {
	Case      string
	Exchanges []exchange
	Skipped   string   // why it was not played; empty if it was
	Broken    string   // why it ended before its end; empty if it did not
	Unstable  []string // what differs between its two variants, so that it cannot be compared with anything
	Failed    []string // what the code that ships relies on, and was not so
	raw       []rawExchange
}

// rawExchange is an exchange as it was, for the sightings. It is never written down.
type rawExchange struct {
	step, method, address string
	answer                answer
}

// compared reports whether the record can be held against another.
func (r record) compared() bool { return r.Skipped == "" && r.Broken == "" && len(r.Unstable) == 0 }
