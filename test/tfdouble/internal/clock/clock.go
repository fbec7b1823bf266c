// Package clock is the stand-ins' own time: what takes minutes in the clouds takes none here, and still comes
// after what had to be waited for.
package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// File is the name, within the directory of the stand-ins, of what has been slept so far, as Go writes durations.
const File = "slept"

// Clock gives a machine's time and what has been slept on top of it; it is safe for concurrent use.
type Clock struct {
	Dir     string           // where it remembers
	Machine func() time.Time // the time underneath

	mu sync.Mutex
}

// Now gives the time. What cannot be read counts as nothing slept.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	slept, _ := c.slept()
	return c.Machine().Add(slept)
}

// Sleep lets d pass at once.
func (c *Clock) Sleep(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	slept, err := c.slept()
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.path(), []byte((slept+d).String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("remember what was slept: %w", err)
	}
	return nil
}

func (c *Clock) path() string { return filepath.Join(c.Dir, File) }

func (c *Clock) slept() (time.Duration, error) {
	text, err := os.ReadFile(c.path())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read what was slept: %w", err)
	}
	slept, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("read what was slept: %w", err)
	}
	return slept, nil
}
