package eventstream_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// memory is a ledger in memory that behaves as Sync does: a save under another revision
// than the present one, and a create of what exists, are refused.
type memory struct {
	mu      sync.Mutex
	entries map[string]ledger.Entry
	calls   []string                          // "load CH…", in order
	ttls    []ledger.TTL                      // of the saves
	made    int                               // documents
	fault   func(operation, sid string) error // nil: none
	// stubborn: a document keeps its time to live, whatever a save says.
	stubborn bool
}

func newMemory(records ...channel.Record) *memory {
	m := &memory{entries: map[string]ledger.Entry{}}
	for _, r := range records {
		m.put(r)
	}
	return m
}

// put writes a record as another writer does, past all conditions.
func (m *memory) put(r channel.Record) ledger.Entry {
	entry, found := m.entries[r.SID]
	if !found {
		m.made++
		entry.Document, entry.Revision = sid("ET", m.made), "0"
	}
	revision, _ := strconv.Atoi(entry.Revision)
	entry.Record, entry.Revision = r, strconv.Itoa(revision+1)
	m.entries[r.SID] = entry
	return entry
}

// collect takes the document of a channel away, as Sync does when its time is up.
func (m *memory) collect(sid string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, sid)
}

func (m *memory) begin(operation, sid string) error {
	m.calls = append(m.calls, operation)
	if m.fault != nil {
		return m.fault(operation, sid)
	}
	return nil
}

func (m *memory) Load(_ context.Context, sid string) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("load", sid); err != nil {
		return ledger.Entry{}, err
	}
	entry, found := m.entries[sid]
	if !found {
		return ledger.Entry{}, fmt.Errorf("load: %w", ledger.ErrNotFound)
	}
	return entry, nil
}

func (m *memory) Create(_ context.Context, r channel.Record) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("create", r.SID); err != nil {
		return ledger.Entry{}, err
	}
	if _, found := m.entries[r.SID]; found {
		return ledger.Entry{}, fmt.Errorf("create: %w", ledger.ErrConflict)
	}
	return m.put(r), nil
}

func (m *memory) Save(_ context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("save", e.Record.SID); err != nil {
		return ledger.Entry{}, err
	}
	current, found := m.entries[e.Record.SID]
	if !found || current.Document != e.Document || current.Revision != e.Revision {
		return ledger.Entry{}, fmt.Errorf("save: %w", ledger.ErrConflict)
	}
	m.ttls = append(m.ttls, ttl)
	entry := m.put(e.Record)
	switch {
	case ttl == ledger.NoTTL && m.stubborn:
		return ledger.Entry{}, fmt.Errorf("save: %w", ledger.ErrExpires)
	case ttl == ledger.NoTTL:
		entry.Expires = time.Time{}
		m.entries[e.Record.SID] = entry
	}
	return entry, nil
}

// took returns the calls since the last time, and forgets them.
func (m *memory) took() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := m.calls
	m.calls = nil
	return calls
}

func (m *memory) records() map[string]channel.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := map[string]channel.Record{}
	for sid, entry := range m.entries {
		all[sid] = entry.Record
	}
	return all
}
