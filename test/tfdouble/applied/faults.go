package applied

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// FaultsFile is the name, within the directory of the stand-ins, of what shall go wrong: a [Faults] as JSON. People
// may write it, too; the stand-ins read it anew at each step, and count down in it.
const FaultsFile = "faults.json"

// What takes time at Google in any case, unless Faults say otherwise. By the stand-ins' own clock, which only
// time_sleep moves on; see README.md.
const (
	RoleDelay    = time.Minute      // from a grant until it holds
	ServiceDelay = 30 * time.Second // from an API's enabling until it answers
)

// Faults are accidents to come.
type Faults struct {
	RoleDelaySeconds    *int64 `json:"role_delay_seconds,omitempty"`    // in place of RoleDelay
	ServiceDelaySeconds *int64 `json:"service_delay_seconds,omitempty"` // in place of ServiceDelay
	Fail                []Fail `json:"fail,omitempty"`
}

// Fail lets a step of one resource type fail, so many times.
type Fail struct {
	Action string `json:"action"` // create, update or delete
	Type   string `json:"type"`   // the Terraform resource type
	Name   string `json:"name"`   // the resource's own name; empty for any
	Times  int    `json:"times"`
}

// RoleDelay gives how long a grant takes until it holds.
func (f Faults) RoleDelay() time.Duration { return seconds(f.RoleDelaySeconds, RoleDelay) }

// ServiceDelay gives how long an API takes until it answers.
func (f Faults) ServiceDelay() time.Duration { return seconds(f.ServiceDelaySeconds, ServiceDelay) }

func seconds(given *int64, otherwise time.Duration) time.Duration {
	if given == nil {
		return otherwise
	}
	return time.Duration(*given) * time.Second
}

// Take reports whether that step shall fail, and counts it.
func (f *Faults) Take(action, resourceType, name string) bool {
	for i := range f.Fail {
		fail := &f.Fail[i]
		if fail.Times > 0 && fail.Action == action && fail.Type == resourceType && (fail.Name == "" || fail.Name == name) {
			fail.Times--
			return true
		}
	}
	return false
}

// ReadFaults gives the accidents to come in a directory; none when it has no such file.
func ReadFaults(dir string) (Faults, error) {
	var f Faults
	data, err := os.ReadFile(filepath.Join(dir, FaultsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil {
		return f, fmt.Errorf("read %s: %w", FaultsFile, err)
	}
	return f, nil
}

// WriteFaults sets the accidents to come in a directory.
func WriteFaults(dir string, f Faults) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", FaultsFile, err)
	}
	if err := os.WriteFile(filepath.Join(dir, FaultsFile), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", FaultsFile, err)
	}
	return nil
}
