package faketwilio

import (
	"bytes"
	"encoding/json"
	"time"
)

// The control API writes durations as text, while Go code sets time.Duration: these methods stand between the two.

type (
	plainFault Fault
	plainChaos Chaos
)

type faultJSON struct {
	plainFault
	Latency Duration `json:"latency,omitempty"`
}

// MarshalJSON writes the fault with its latency as text.
func (f Fault) MarshalJSON() ([]byte, error) {
	return json.Marshal(faultJSON{plainFault(f), Duration(f.Latency)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var in faultJSON
	if err := strict(data, &in); err != nil {
		return err
	}
	*f = Fault(in.plainFault)
	f.Latency = time.Duration(in.Latency)
	return nil
}

type chaosJSON struct {
	plainChaos
	MaxDelay Duration `json:"max_delay"`
}

// MarshalJSON writes the chaos with its delay as text.
func (c Chaos) MarshalJSON() ([]byte, error) {
	return json.Marshal(chaosJSON{plainChaos(c), Duration(c.MaxDelay)})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Chaos) UnmarshalJSON(data []byte) error {
	var in chaosJSON
	if err := strict(data, &in); err != nil {
		return err
	}
	*c = Chaos(in.plainChaos)
	c.MaxDelay = time.Duration(in.MaxDelay)
	return nil
}

// strict decodes JSON in which every name must be known.
func strict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
