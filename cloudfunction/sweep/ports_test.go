package sweep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

// The tables of this package are maps, so that the compiler refuses two rows of one
// name. Each row gives the reason for what it expects, which is printed when it fails.

var (
	noon    = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	discard = slog.New(slog.NewJSONHandler(io.Discard, nil))
	errDown = errors.New("Twilio is down")
)

var config = sweep.Config{
	Policy:         channel.Policy{Retention: time.Hour, Chat: channel.Deactivate, Conversations: channel.Close},
	MaxRetirements: 100, MaxUnexplained: 200, Concurrency: 1, TombstoneTTL: 24 * time.Hour,
}

func sid(n int) string { return fmt.Sprintf("CH%032x", n) }

// ended returns the record of the n-th channel, whose task was created on it and ended so
// long before noon.
func ended(n int, ago time.Duration) channel.Record {
	e := channel.Event{ChannelSID: sid(n), Backend: channel.Chat, TaskSID: "WT1", Created: true, Phase: channel.Open, Time: noon.Add(-ago - time.Hour)}
	r := channel.Apply(channel.Record{}, e)
	e.Created, e.Phase, e.Outcome, e.Time = false, channel.Ended, "completed", noon.Add(-ago)
	return channel.Apply(r, e)
}

// opened returns the record after another task opened on its channel, a minute before noon.
func opened(r channel.Record) channel.Record { return openedAt(r, "WT2", time.Minute) }

func openedAt(r channel.Record, task string, ago time.Duration) channel.Record {
	return channel.Apply(r, channel.Event{ChannelSID: r.SID, TaskSID: task, Created: true, Phase: channel.Open, Time: noon.Add(-ago)})
}

func conversation(r channel.Record) channel.Record {
	r.Backend, r.Named = channel.Conversations, channel.Named{Conversations: channel.Created}
	return r
}

// active is what a long-lived chat channel has.
func active() *channel.Found {
	longLived, status := "true", `"ACTIVE"`
	return &channel.Found{LongLived: &longLived, Status: &status}
}

// What others do to the record meanwhile.
func touched(r channel.Record) channel.Record { return r }

func takenOver(r channel.Record) channel.Record {
	return channel.Claimed(r, "other", channel.TargetOf(r, config.Policy, active()), noon)
}

func held(r channel.Record) channel.Record {
	r.Hold = &channel.Hold{By: "ops", Reason: "why"}
	return r
}

// What this run did itself, but the answer was lost.
func claimedByRun(r channel.Record) channel.Record {
	var found *channel.Found
	if r.Backend == channel.Chat {
		found = active()
	}
	return channel.Claimed(channel.Trim(r, noon), "run", channel.TargetOf(r, config.Policy, found), noon)
}

func settled(r channel.Record) channel.Record {
	return channel.Settled(r, channel.Done, "", noon)
}

// left returns the record as a run left it that died an hour ago.
func left(r channel.Record, d channel.Disposition) channel.Record {
	target := channel.Target{Backend: r.Backend, Disposition: d}
	if d == channel.Deactivate {
		target.Found = active()
	}
	return channel.Claimed(r, "dead", target, noon.Add(-time.Hour))
}

// closedUnder returns the record of a conversation that was closed an hour ago, under a task that
// was created before and is heard of only now.
func closedUnder(n int) channel.Record {
	r := channel.Settled(left(conversation(ended(n, 9*time.Hour)), channel.Close), channel.Done, "", noon.Add(-time.Hour))
	return openedAt(r, "WT2", 2*time.Hour)
}

// answer is what a retirer says each time.
type answer struct {
	result      channel.Result
	service     string
	restoration retire.Restoration
	err         error // of Retire and of Restore
	found       *channel.Found
	inspected   error // of Inspect
	services    error // of CheckServices
}

// allDone is the answer of a Twilio where all goes well.
var allDone = answer{result: channel.Done, restoration: retire.Restored, found: active()}

// retirer notes what is asked of it.
type retirer struct {
	answer
	each func(what string, r channel.Record) // called before each answer

	mu      sync.Mutex
	asked   []string // what it was to do: "retire 1"
	looked  []string // what it was to look at: "services chat", "inspect 1"
	records []channel.Record
}

func number(r channel.Record) string { return strings.TrimLeft(r.SID, "CH0") }

func (r *retirer) ask(what string, record channel.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what+" "+number(record))
	r.records = append(r.records, record)
	if r.each != nil {
		r.each(what, record)
	}
}

func (r *retirer) look(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.looked = append(r.looked, what)
}

func (r *retirer) CheckServices(_ context.Context, b channel.Backend) error {
	r.look("services " + string(b))
	return r.services
}

func (r *retirer) Inspect(_ context.Context, record channel.Record) (*channel.Found, error) {
	r.look("inspect " + number(record))
	return r.found, r.inspected
}

func (r *retirer) Retire(_ context.Context, record channel.Record) (channel.Result, string, error) {
	r.ask("retire", record)
	return r.result, r.service, r.err
}

func (r *retirer) Restore(_ context.Context, record channel.Record) (retire.Restoration, error) {
	r.ask("restore", record)
	return r.restoration, r.err
}

// tasks is a TaskRouter that notes what it is asked.
type tasks struct {
	unfinished func(channel.Record) ([]channel.Event, error)
	lookUp     func(r channel.Record, task string) (channel.Event, error)

	mu    sync.Mutex
	asked []string // "unfinished 1", "look up 1 WT2"
}

func (t *tasks) Unfinished(_ context.Context, r channel.Record) ([]channel.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, "unfinished "+number(r))
	if t.unfinished == nil {
		return nil, nil
	}
	return t.unfinished(r)
}

func (t *tasks) LookUp(_ context.Context, r channel.Record, task string) (channel.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = append(t.asked, "look up "+number(r)+" "+task)
	return t.lookUp(r, task)
}

// room is what one sweep has around it.
type room struct {
	config  sweep.Config
	memory  *memory
	retirer *retirer
	tasks   *tasks
	now     func() time.Time
}

// newRoom returns a room where all goes well, at noon.
func newRoom(m *memory) *room {
	return &room{config: config, memory: m, retirer: &retirer{answer: allDone}, tasks: &tasks{}, now: func() time.Time { return noon }}
}

func (r *room) sweeper() *sweep.Sweeper {
	return sweep.New(r.config, sweep.Ports{
		Records: r.memory, Memory: r.memory, Retirer: r.retirer, Tasks: r.tasks, Now: r.now,
		NewRun: func(time.Time) string { return "run" },
	})
}

// run sweeps once and returns the report and the lines of the log.
func (r *room) run(t *testing.T, request sweep.Request) (*sweep.Report, []map[string]any, error) {
	t.Helper()
	return r.runIn(t.Context(), t, request)
}

func (r *room) runIn(ctx context.Context, t *testing.T, request sweep.Request) (*sweep.Report, []map[string]any, error) {
	t.Helper()
	var log bytes.Buffer
	report, err := r.sweeper().Run(ctx, request, slog.New(slog.NewJSONHandler(&log, nil)))
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

// mustRun is run where the ledger can be read.
func (r *room) mustRun(t *testing.T, request sweep.Request) *sweep.Report {
	t.Helper()
	report, _, err := r.run(t, request)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// said returns the lines of the log whose message has the text.
func said(lines []map[string]any, text string) (found []map[string]any) {
	for _, line := range lines {
		if strings.Contains(line["msg"].(string), text) {
			found = append(found, line)
		}
	}
	return found
}
