package world

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
)

// Log collects what the functions write.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns everything that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Last returns the newest line with that message.
func (l *Log) Last(t *testing.T, message string) map[string]any {
	t.Helper()
	var found map[string]any
	for line := range strings.Lines(l.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("log line is not JSON: %v: %s", err, line)
		}
		if fields["message"] == message {
			found = fields
		}
	}
	if found == nil {
		t.Fatalf("no log line says %q", message)
	}
	return found
}
