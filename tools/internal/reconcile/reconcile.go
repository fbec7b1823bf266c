// Package reconcile compares the ledger with what Twilio has: tasks whose events never
// came, as after an outage longer than the four hours for which Twilio sends an event
// again, and channels that somebody else has retired or deleted.
//
// What it mends it mends in the ledger alone: no channel is touched. A task is told to
// the record as its event would have told it, so a late event changes nothing for the
// worse; and every save is under the revision that was read.
package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
	"github.com/flexsweep/flexsweep/tools/internal/inventory"
	"github.com/flexsweep/flexsweep/tools/internal/operate"
)

// Kind is in what the ledger and Twilio differ.
type Kind string

const (
	MissedTask Kind = "missed-task"       // a task is open, and the ledger does not know it, or not on this channel
	MissedEnd  Kind = "missed-end"        // the ledger has a task open that has ended
	Gone       Kind = "gone"              // Twilio does not know the channel any more
	Elsewhere  Kind = "retired-elsewhere" // somebody else has deactivated or closed it
	Unreadable Kind = "unreadable"        // a document that is no record, or a task that cannot be understood
)

// kinds lists them in the order in which they are mended: a channel that is gone may
// also have a task whose end was missed.
var kinds = []Kind{MissedTask, MissedEnd, Gone, Elsewhere, Unreadable}

// DefaultGrace is how old news must be to count as missed: an event takes seconds.
const DefaultGrace = 5 * time.Minute

// Options of a reconciliation.
type Options struct {
	Fix   bool
	Grace time.Duration // news that is younger may still be on its way
	Tell  func(Progress)
}

// Progress is how far it has come.
type Progress struct {
	Doing string
	Done  int
	Of    int // 0: nobody knows
}

// Finding is one difference.
type Finding struct {
	Channel string `json:"channel"` // or the document's name, or the task's SID, of what is unreadable
	Kind    Kind   `json:"kind"`
	Task    string `json:"task,omitempty"`
	Text    string `json:"text"`
	Mend    string `json:"mend,omitempty"` // what --fix does about it; "" if it can do nothing
	Fixed   bool   `json:"fixed"`
	Failure string `json:"failure,omitempty"`

	event  channel.Event  // of a task
	result channel.Result // of a channel that is retired
}

// Report is what came of a reconciliation.
type Report struct {
	Environment string       `json:"environment"`
	At          time.Time    `json:"at"`
	DryRun      bool         `json:"dryRun"`
	Records     int          `json:"records"`
	Compared    int          `json:"compared"` // records whose channel was asked for: those that are not retired
	Tasks       int          `json:"tasks"`    // that TaskRouter has on channels
	Counts      map[Kind]int `json:"counts"`
	Open        int          `json:"open"` // differences that stand
	Failed      int          `json:"failed"`
	Calls       int64        `json:"calls"`
	Findings    []Finding    `json:"findings"`
}

// job is one reconciliation at work.
type job struct {
	env     *operate.Environment
	options Options
	now     time.Time
	records map[string]ledger.Entry
	tasks   *inventory.Tasks

	mu       sync.Mutex
	findings []Finding
}

// Run compares and, with Fix, mends. An error means that the comparison is not complete;
// nothing was mended then. That single mendings fail is in the report alone.
func Run(ctx context.Context, env *operate.Environment, o Options) (*Report, error) {
	ctx, calls := twilio.WithMeter(ctx)
	j := &job{env: env, options: o, now: env.Now(), records: map[string]ledger.Entry{}}
	report := &Report{Environment: env.Name, At: j.now, DryRun: !o.Fix, Counts: map[Kind]int{}, Findings: []Finding{}}
	for _, step := range []func(context.Context, *Report) error{j.read, j.compareTasks, j.compareChannels, j.mendAll} {
		if err := step(ctx, report); err != nil {
			return nil, fmt.Errorf("reconcile %s: %w", env.Name, err)
		}
	}
	report.Calls = calls.Calls()
	for _, f := range j.findings {
		report.Counts[f.Kind]++
		if !f.Fixed {
			report.Open++
		}
		if f.Failure != "" {
			report.Failed++
		}
		report.Findings = append(report.Findings, f)
	}
	return report, nil
}

// read reads the ledger, and then the tasks: so a task that the ledger knows and
// TaskRouter does not has ended, and is not one that began in between.
func (j *job) read(ctx context.Context, report *Report) error {
	err := j.env.Ledger.Walk(ctx, j.now, func(page ledger.Page) error {
		for _, faulty := range page.Faulty {
			j.find(Finding{Channel: faulty.Document, Kind: Unreadable, Text: "the document is no record that this flexsweep reads: " + faulty.Err.Error()})
		}
		for _, entry := range page.Entries {
			j.records[entry.Record.SID] = entry
		}
		j.tell("reading the ledger", len(j.records), 0)
		return nil
	})
	if err != nil {
		return err
	}
	report.Records = len(j.records)
	if j.tasks, err = inventory.ReadTasks(ctx, j.env.Twilio, func(n int) { j.tell("reading the tasks", n, 0) }); err != nil {
		return err
	}
	for _, sid := range j.tasks.Unreadable {
		j.find(Finding{Channel: sid, Kind: Unreadable, Task: sid, Text: "the task's attributes are no JSON object, or name a channel that cannot be one; mend them in Twilio"})
	}
	for _, list := range j.tasks.Of {
		report.Tasks += len(list)
	}
	return nil
}

// compareChannels asks for the channel of every record that is not retired: a request
// each, as many at a time as a sweep makes.
func (j *job) compareChannels(ctx context.Context, report *Report) error {
	var live []channel.Record
	for _, entry := range j.records {
		// Of a channel that a sweep has touched the record says so itself, and the next one puts it right.
		if entry.Record.Status == channel.Tracking && !entry.Record.Touched() {
			live = append(live, entry.Record)
		}
	}
	report.Compared = len(live)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(j.env.Config.Concurrency)
	var done int
	for _, record := range live {
		group.Go(func() error {
			found, err := inventory.Fetch(ctx, j.env.Twilio, record, j.env.Config.ChatServices)
			if err != nil {
				return fmt.Errorf("compare %s: %w", record.SID, err)
			}
			j.mu.Lock()
			defer j.mu.Unlock()
			done++
			j.tell("comparing channels", done, len(live))
			j.compareChannel(record, found)
			return nil
		})
	}
	return group.Wait()
}

// compareChannel holds one channel against its record. The caller holds j.mu.
func (j *job) compareChannel(r channel.Record, found inventory.Channel) {
	f := Finding{Channel: r.SID, Mend: "note down that it is retired"}
	switch found.Life {
	case inventory.Gone:
		f.Kind, f.Text, f.result = Gone, "Twilio does not know it any more", channel.Gone
	case inventory.Retired:
		f.Kind, f.Text, f.result = Elsewhere, "somebody else has closed it", channel.Already
		if r.Backend == channel.Chat {
			f.Text = "somebody else has set long_lived=false and status=INACTIVE"
		}
	default:
		return
	}
	j.findings = append(j.findings, f)
}

func (j *job) find(f Finding) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.findings = append(j.findings, f)
}

func (j *job) tell(doing string, done, of int) {
	if j.options.Tell != nil {
		j.options.Tell(Progress{doing, done, of})
	}
}

// sort puts the findings into the order in which they are mended and told.
func (j *job) sort() {
	slices.SortFunc(j.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Task, b.Task))
	})
}
