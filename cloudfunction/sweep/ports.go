package sweep

import (
	"context"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/retire"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
)

// Records is what a sweep needs of the ledger's records.
type Records interface {
	// ReadPage reads the records at a place; [ledger.ErrPlace] if that is none any more.
	ReadPage(ctx context.Context, place ledger.Place, now time.Time) (ledger.Page, error)
	// Load reads the record of one channel; [ledger.ErrNotFound] if there is none.
	Load(ctx context.Context, channelSID string) (ledger.Entry, error)
	// Save writes a record under the revision that was read; [ledger.ErrConflict] if it has another.
	Save(ctx context.Context, e ledger.Entry, ttl ledger.TTL) (ledger.Entry, error)
}

// Memory is what sweeps leave for each other and for the operators.
type Memory interface {
	// Control says what operators have set; after an error nobody knows.
	Control(ctx context.Context) (ledger.Control, error)
	// History reads what earlier sweeps have left.
	History(ctx context.Context) (ledger.History, error)
	// SetHistory replaces what was read; [ledger.ErrConflict] if another sweep has, meanwhile.
	SetHistory(ctx context.Context, h ledger.History) error
}

// Retirer is what a sweep needs to change channels.
type Retirer interface {
	// CheckServices returns [retire.ErrService] if a chat service is not known.
	CheckServices(ctx context.Context, backend channel.Backend) error
	// Inspect returns what a deactivation would overwrite, nil if the channel is not known.
	Inspect(ctx context.Context, r channel.Record) (*channel.Found, error)
	// Retire does what the record's claim says, and says in which service.
	Retire(ctx context.Context, r channel.Record) (channel.Result, string, error)
	// Restore takes back what the record's claim says, as far as it was done and can be.
	Restore(ctx context.Context, r channel.Record) (retire.Restoration, error)
}

// Tasks is what a sweep asks TaskRouter.
type Tasks interface {
	// Unfinished returns the tasks that have not ended and name the record's channel or its
	// interaction channel; an error means that nobody knows.
	Unfinished(ctx context.Context, r channel.Record) ([]channel.Event, error)
	// LookUp returns what has become of one task of the record; [taskrouter.ErrUnfinished] if it
	// has not ended.
	LookUp(ctx context.Context, r channel.Record, task string) (channel.Event, error)
}

var (
	_ Records = (*ledger.Ledger)(nil)
	_ Memory  = (*ledger.Ledger)(nil)
	_ Retirer = (*retire.Retirer)(nil)
	_ Tasks   = (*taskrouter.Asker)(nil)
)
