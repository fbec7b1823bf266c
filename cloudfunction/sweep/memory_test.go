package sweep_test

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// memory is a ledger in memory that behaves as Sync does: it serves pages by their places,
// and writes only under the revision that was read.
type memory struct {
	mu       sync.Mutex
	entries  map[string]ledger.Entry
	order    []string // of the walk: SIDs; a SID may stand twice
	pageSize int
	control  ledger.Control
	history  ledger.History
	faulty   []ledger.Faulty // stands in every page
	saves    []string        // "status ttl"
	written  []channel.Record
	// before is called before each operation and may change the ledger or fail it. The
	// operations are: control, history, set history, page (with its place), load, and save
	// with the status of the record.
	before hook
}

// hook is called before an operation of the ledger, about a channel or a place.
type hook func(m *memory, operation, about string) error

func newMemory(records ...channel.Record) *memory {
	m := &memory{entries: map[string]ledger.Entry{}, pageSize: 2}
	for _, r := range records {
		m.put(r)
		m.order = append(m.order, r.SID)
	}
	return m
}

// put writes a record as another writer does, past all conditions.
func (m *memory) put(r channel.Record) ledger.Entry {
	e := m.entries[r.SID]
	revision, _ := strconv.Atoi(e.Revision)
	e.Record, e.Document, e.Revision = r, "ET"+r.SID[2:], strconv.Itoa(revision+1)
	e.Updated = cmp.Or(e.Updated, noon.Add(-time.Minute))
	m.entries[r.SID] = e
	return e
}

// updated sets when every record was last written.
func (m *memory) updated(at time.Time) {
	for sid, e := range m.entries {
		e.Updated = at
		m.entries[sid] = e
	}
}

// record returns the n-th channel's record as it stands.
func (m *memory) record(n int) channel.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries[sid(n)].Record
}

func (m *memory) begin(operation, about string) error {
	if m.before == nil {
		return nil
	}
	return m.before(m, operation, about)
}

func (m *memory) Control(context.Context) (ledger.Control, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.begin("control", "")
	return m.control, err
}

func (m *memory) History(context.Context) (ledger.History, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.begin("history", "")
	return m.history, err
}

func (m *memory) SetHistory(_ context.Context, h ledger.History) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("set history", ""); err != nil {
		return err
	}
	m.history = h
	return nil
}

// place is where the page begins that has the n-th record of the walk, from 0.
func place(n int) ledger.Place { return ledger.Place(fmt.Sprintf("place %d", n)) }

func (m *memory) ReadPage(ctx context.Context, at ledger.Place, _ time.Time) (ledger.Page, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("page", string(at)); err != nil {
		return ledger.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return ledger.Page{}, err
	}
	first := 0
	if at != "" {
		if _, err := fmt.Sscanf(string(at), "place %d", &first); err != nil {
			return ledger.Page{}, fmt.Errorf("list records: %w", ledger.ErrPlace)
		}
	}
	last := min(first+m.pageSize, len(m.order))
	page := ledger.Page{Faulty: m.faulty}
	for _, sid := range m.order[first:last] {
		page.Entries = append(page.Entries, m.entries[sid])
	}
	if last < len(m.order) {
		page.Next = place(last)
	}
	return page, nil
}

func (m *memory) Load(_ context.Context, sid string) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := m.begin("load", sid)
	return m.entries[sid], err
}

func (m *memory) Save(_ context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("save "+string(e.Record.Status), e.Record.SID); err != nil {
		return ledger.Entry{}, err
	}
	known := m.entries[e.Record.SID]
	if known.Revision != e.Revision || known.Document != e.Document {
		return ledger.Entry{}, fmt.Errorf("save: %w", ledger.ErrConflict)
	}
	m.saves = append(m.saves, string(e.Record.Status)+" "+ttlText(ttl))
	m.written = append(m.written, e.Record)
	return m.put(e.Record), nil
}

// ttlText says what a save did to the time to live.
func ttlText(ttl ledger.TTL) string {
	if ttl == ledger.KeepTTL {
		return "kept"
	}
	return strconv.Itoa(int(time.Duration(ttl).Seconds()))
}

// on changes the ledger before the n-th operation of that name, as another writer does
// that comes in between.
func on(operation string, n int, change func(channel.Record) channel.Record) hook {
	return from(operation, n, n, change)
}

// from does so before the first-th to the last-th operation.
func from(operation string, first, last int, change func(channel.Record) channel.Record) hook {
	seen := 0
	return func(m *memory, op, _ string) error {
		if op == operation {
			if seen++; first <= seen && seen <= last {
				m.put(change(m.entries[sid(1)].Record))
			}
		}
		return nil
	}
}

// failing fails every operation of that name.
func failing(operation string) hook { return failingFrom(operation, 1) }

// failingFrom fails the n-th operation of that name and those after it.
func failingFrom(operation string, n int) hook {
	seen := 0
	return func(_ *memory, op, _ string) error {
		if op == operation {
			if seen++; seen >= n {
				return errDown
			}
		}
		return nil
	}
}

// both calls one hook and then the other.
func both(a, b hook) hook {
	return func(m *memory, op, about string) error { return cmp.Or(a(m, op, about), b(m, op, about)) }
}

// The stub is what the tests of passes rely on, so it is seen to refuse.
func TestMemoryRefuses(t *testing.T) {
	t.Parallel()
	m := newMemory(ended(1, time.Hour), ended(2, time.Hour), ended(3, time.Hour))
	first, err := m.ReadPage(t.Context(), "", noon)
	if err != nil || len(first.Entries) != 2 || first.Next != place(2) {
		t.Errorf("the first page is %+v, %v", first, err)
	}
	last, err := m.ReadPage(t.Context(), first.Next, noon)
	if err != nil || len(last.Entries) != 1 || last.Next != "" {
		t.Errorf("the last page is %+v, %v", last, err)
	}
	stale := first.Entries[0]
	m.put(stale.Record)
	if _, err := m.Save(t.Context(), stale, ledger.KeepTTL); err == nil {
		t.Error("a stale revision was saved")
	}
}
