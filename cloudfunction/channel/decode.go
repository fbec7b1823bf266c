package channel

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Decode reads a record from the data of its document. An error means that a newer flexsweep
// wrote it, or nobody who should: whatever is in a ledger document ends up in the paths of
// requests, so every SID in it is checked. The error quotes nothing of the data.
func Decode(raw []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return Record{}, fmt.Errorf("read record: %w", shapeOf(err))
	}
	if r.Version < 1 || r.Version > Version {
		return Record{}, fmt.Errorf("read record: it has schema version %d, this flexsweep knows 1 to %d", r.Version, Version)
	}
	if r.Version == 1 {
		if err := r.upgrade(raw); err != nil {
			return Record{}, fmt.Errorf("read record: %w", shapeOf(err))
		}
	}
	if err := r.check(); err != nil {
		return Record{}, fmt.Errorf("read record: %w", err)
	}
	return r, nil
}

// shapeOf returns the error of the JSON reader without the value that it met.
func shapeOf(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("field %q is of another type", mismatch.Field)
	}
	return errors.New("it is not the JSON of a record")
}

// check reports the first thing in the record that flexsweep would not have written.
func (r Record) check() error {
	switch {
	case !IsSID(r.SID, "CH"):
		return errors.New("it names no channel")
	case r.Backend != Chat && r.Backend != Conversations:
		return errors.New("its backend is unknown")
	case !slices.Contains([]Status{Tracking, Retiring, Retired}, r.Status):
		return errors.New("its status is unknown")
	case !sidOrNone(r.ServiceSID, "IS"):
		return errors.New("its service is no SID")
	case !r.Interaction.valid():
		return errors.New("its interaction is no SID")
	case slices.ContainsFunc(r.Types, func(kind string) bool { return !IsType(kind) }):
		return errors.New("one of its channel types is unknown")
	case r.Claim != nil && !r.Claim.Target.valid(), r.Retirement != nil && !r.Retirement.Target.valid():
		return errors.New("what was to be done to the channel does not fit it")
	}
	for sid, task := range r.Tasks {
		if !IsSID(sid, "WT") || !task.valid() {
			return errors.New("one of its tasks cannot be one")
		}
	}
	return nil
}

func sidOrNone(text, kind string) bool { return text == "" || IsSID(text, kind) }

func (i *Interaction) valid() bool {
	return i == nil || IsSID(i.SID, "KD") && IsSID(i.ChannelSID, "UO")
}

func (t Task) valid() bool { return t.Phase.rank() >= 0 && sidOrNone(t.Workspace, "WS") }

// valid reports whether the target could be of a sweep. A claim to put back what was never
// touched has none.
func (t Target) valid() bool {
	if t == (Target{}) {
		return true
	}
	return t.Disposition.Fits(t.Backend) && sidOrNone(t.ServiceSID, "IS")
}

// version1 is what the first schema had otherwise.
type version1 struct {
	ChannelType string `json:"channel_type"`
	Retirement  *struct {
		Late     bool `json:"late"`
		Previous *struct {
			LongLived json.RawMessage `json:"long_lived"`
			Status    json.RawMessage `json:"status"`
		} `json:"previous"`
	} `json:"retirement"`
}

// upgrade makes a record of the first schema one of this. What it took for the backend counts
// as known; of its tasks nobody knows whether they were created on the channel, so it waits
// the unconfirmed retention.
func (r *Record) upgrade(raw []byte) error {
	var old version1
	if err := json.Unmarshal(raw, &old); err != nil {
		return err
	}
	r.Version = Version
	r.Named = Named{}.with(r.Backend, Created)
	if kind := TypeOf(old.ChannelType); kind != "" {
		r.Types = []string{kind}
	}
	if r.Claim != nil {
		r.Claim.Target = r.target(r.Claim.Disposition)
	}
	if r.Retirement == nil {
		return nil
	}
	r.Retirement.Target = r.target(r.Retirement.Disposition)
	r.Retirement.Told = old.Retirement.Late
	switch previous := old.Retirement.Previous; {
	case r.Retirement.Disposition != Deactivate:
	case previous != nil:
		r.Retirement.Found = &Found{LongLived: text(previous.LongLived), Status: text(previous.Status)}
	case r.Retirement.Result == Already:
		inactive := Inactive()
		r.Retirement.Found = &inactive // nothing was overwritten, so nothing is given back
	}
	if r.Claim != nil && r.Claim.Disposition == Deactivate && r.Retirement.Found != nil {
		r.Claim.Found = r.Retirement.Found
	}
	return nil
}

// target is what the first schema meant by a disposition alone: it wrote down what it found
// only where that was not what every long-lived channel has.
func (r *Record) target(d Disposition) Target {
	t := Target{Backend: r.Backend, ServiceSID: r.ServiceSID, Disposition: d}
	if d == "" {
		return Target{}
	}
	if !d.Fits(t.Backend) { // an event had changed the backend under the claim
		t.Backend = map[Backend]Backend{Chat: Conversations, Conversations: Chat}[t.Backend]
	}
	if d == Deactivate {
		longLived, status := "true", `"ACTIVE"`
		t.Found = &Found{LongLived: &longLived, Status: &status}
	}
	return t
}

func text(raw json.RawMessage) *string {
	if raw == nil {
		return nil
	}
	s := string(raw)
	return &s
}
