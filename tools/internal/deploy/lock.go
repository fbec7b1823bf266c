package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Owner is who works on an environment.
type Owner struct {
	Command string    `json:"command"` // as it was typed
	By      string    `json:"by"`
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Since   time.Time `json:"since"`
}

// ErrBusy says that another command works on the environment.
var ErrBusy = errors.New("another command works on it")

// Lock keeps two commands on this machine from working on one environment at once.
// Terraform's own lock keeps machines apart, and begins later.
type Lock struct{ file *os.File }

// TakeLock takes the lock at path or fails with ErrBusy, and who has it. The system
// gives up a lock with its process, however that ends, so a dead owner's is free.
func TakeLock(path string, o Owner) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, fmt.Errorf("take the lock: %w", err)
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			defer f.Close()
			return nil, busy(path, err)
		}
		if !stands(f, path) { // its owner removed it in between
			f.Close()
			continue
		}
		return write(f, o)
	}
}

func write(f *os.File, o Owner) (*Lock, error) {
	text, err := json.Marshal(o)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	return &Lock{file: f}, nil
}

// busy says who has the lock.
func busy(path string, cause error) error {
	if !errors.Is(cause, syscall.EWOULDBLOCK) {
		return fmt.Errorf("take the lock %s: %w", path, cause)
	}
	var o Owner
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &o) != nil {
		return ErrBusy // it has the lock, and has not said yet who it is
	}
	return fmt.Errorf("%w: %q of %s on %s, since %s (pid %d)", ErrBusy, o.Command, o.By, o.Host, o.Since.Local().Format(time.DateTime), o.PID)
}

// stands reports whether f is still the file at path.
func stands(f *os.File, path string) bool {
	ours, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

// Release gives the lock back, and removes its file first: who opens it in between
// sees that it no longer stands.
func (l *Lock) Release() {
	os.Remove(l.file.Name())
	l.file.Close()
}
