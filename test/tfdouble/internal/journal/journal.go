// Package journal keeps a line of JSON for everything the stand-in providers
// apply, so that a test can ask what happened in which order.
package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// File is the journal's name within the directory of the stand-in providers.
const File = "journal.jsonl"

// Entry is one applied change. It never holds values, so no secrets.
type Entry struct {
	Time     time.Time `json:"time"`
	Provider string    `json:"provider"` // google or twilio
	Action   string    `json:"action"`   // create, update or delete
	Type     string    `json:"type"`     // the resource type
	ID       string    `json:"id"`       // its id in the state
}

// Journal appends entries to its file; it is safe for concurrent use.
type Journal struct {
	Dir string
	Now func() time.Time

	mu sync.Mutex
}

// Add appends one entry. Without a directory it does nothing.
func (j *Journal) Add(provider, action, resourceType, id string) error {
	if j == nil || j.Dir == "" {
		return nil
	}
	line, err := json.Marshal(Entry{Time: j.Now().UTC(), Provider: provider, Action: action, Type: resourceType, ID: id})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	file, err := os.OpenFile(filepath.Join(j.Dir, File), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the journal: %w", err)
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		file.Close()
		return fmt.Errorf("write the journal: %w", err)
	}
	return file.Close()
}

// Read gives the entries in the directory's journal, oldest first.
func Read(dir string) ([]Entry, error) {
	file, err := os.Open(filepath.Join(dir, File))
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	defer file.Close()
	var entries []Entry
	for decoder := json.NewDecoder(file); decoder.More(); {
		var e Entry
		if err := decoder.Decode(&e); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}
