package sweep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	twiliosync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func sid(n int) string { return fmt.Sprintf("CH%032x", n) }

// ended returns the record of the n-th channel, whose task ended so long before noon.
func ended(n int, ago time.Duration) channel.Record {
	return channel.Apply(channel.Record{}, channel.Event{ChannelSID: sid(n), Backend: channel.Chat, TaskSID: "WT1", Phase: channel.Ended, Outcome: "completed", Time: noon.Add(-ago)})
}

// opened returns the record after another task opened on its channel.
func opened(r channel.Record) channel.Record {
	return channel.Apply(r, channel.Event{ChannelSID: r.SID, TaskSID: "WT2", Phase: channel.Open, Time: noon})
}

func conversation(r channel.Record) channel.Record { r.Backend = channel.Conversations; return r }

// memory is a ledger in memory that behaves as Sync does.
type memory struct {
	mu      sync.Mutex
	entries map[string]ledger.Entry
	order   []string // of the walk: SIDs, in pages of 2; a SID may stand twice
	control ledger.Control
	faulty  []ledger.Faulty
	saves   []string // "CH… status ttl"
	// before is called before each operation and may change the ledger or fail it.
	before func(m *memory, operation, sid string) error
}

func newMemory(records ...channel.Record) *memory {
	m := &memory{entries: map[string]ledger.Entry{}}
	for _, r := range records {
		m.put(r)
		m.order = append(m.order, r.SID)
	}
	return m
}

// put writes a record as another writer does, past all conditions.
func (m *memory) put(r channel.Record) ledger.Entry {
	revision, _ := strconv.Atoi(m.entries[r.SID].Revision)
	m.entries[r.SID] = ledger.Entry{Record: r, Revision: strconv.Itoa(revision + 1)}
	return m.entries[r.SID]
}

func (m *memory) begin(operation, sid string) error {
	if m.before == nil {
		return nil
	}
	return m.before(m, operation, sid)
}

func (m *memory) Control(context.Context) (ledger.Control, error) {
	err := m.begin("control", "")
	return m.control, err
}

func (m *memory) Walk(_ context.Context, _ time.Time, visit func(ledger.Page) error) error {
	for sids := range slices.Chunk(m.order, 2) {
		if err := m.begin("page", ""); err != nil {
			return err
		}
		page := ledger.Page{Faulty: m.faulty}
		for _, sid := range sids {
			page.Entries = append(page.Entries, m.entries[sid])
		}
		if err := visit(page); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Load(_ context.Context, sid string) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries[sid], m.begin("load", sid)
}

func (m *memory) Save(_ context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.begin("save "+string(e.Record.Status), e.Record.SID); err != nil {
		return ledger.Entry{}, err
	}
	if m.entries[e.Record.SID].Revision != e.Revision {
		return ledger.Entry{}, fmt.Errorf("save: %w", ledger.ErrConflict)
	}
	m.note(e.Record.Status, ttl)
	return m.put(e.Record), nil
}

// note remembers what a save did to the time to live.
func (m *memory) note(status channel.Status, ttl ledger.TTL) {
	var params twiliosync.UpdateDocumentParams
	ttl(&params)
	text := "kept"
	if params.Ttl != nil {
		text = strconv.Itoa(*params.Ttl)
	}
	m.saves = append(m.saves, string(status)+" "+text)
}

// answer is what a retirer says each time.
type answer struct {
	outcome     channel.Outcome
	restoration retire.Restoration
	err         error
}

// retirer notes what is asked of it.
type retirer struct {
	answer
	mu    sync.Mutex
	asked []string
}

func (r *retirer) ask(what string, record channel.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what+" "+strings.TrimLeft(record.SID, "CH0"))
}

func (r *retirer) Retire(_ context.Context, record channel.Record) (channel.Outcome, error) {
	r.ask("retire", record)
	return r.outcome, r.err
}

func (r *retirer) Restore(_ context.Context, record channel.Record) (retire.Restoration, error) {
	r.ask("restore", record)
	return r.restoration, r.err
}

var config = sweep.Config{
	Policy:         channel.Policy{Retention: time.Hour, Chat: channel.Deactivate, Conversations: channel.Close},
	MaxRetirements: 100, MaxDueShare: 1, MinRecords: 0, Concurrency: 1, TombstoneTTL: 24 * time.Hour,
}

// run sweeps once with the frozen clock and returns the report and the log.
func run(t *testing.T, c sweep.Config, m *memory, r *retirer, request sweep.Request) (*sweep.Report, []map[string]any, error) {
	t.Helper()
	var log bytes.Buffer
	s := sweep.New(c, m, r, func() time.Time { return noon }, func(time.Time) string { return "run" })
	report, err := s.Run(t.Context(), request, slog.New(slog.NewJSONHandler(&log, nil)))
	var lines []map[string]any
	for line := range strings.Lines(log.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("a line of the log is not JSON: %q", line)
		}
		lines = append(lines, fields)
	}
	return report, lines, err
}

var errDown = errors.New("Twilio is down")
