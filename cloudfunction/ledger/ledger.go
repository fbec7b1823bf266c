// Package ledger keeps one record per channel in Twilio Sync documents.
//
// A document is only ever changed under the revision that was read (If-Match), so a
// write that would overwrite somebody else's is refused with [ErrConflict] and the
// caller reads again. Documents have no conditional delete: what is no longer needed is
// saved with a time to live and goes by itself.
//
// Revisions of a new document begin anew, so a revision alone does not say which document
// it is of. A record that was read is therefore written to the very document, by its own SID.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

var (
	// ErrNotFound: there is no record of the channel.
	ErrNotFound = errors.New("no record of the channel")
	// ErrConflict: the record was changed, made or removed since it was read. Nothing was written.
	ErrConflict = errors.New("the record was changed by someone else")
	// ErrExpires: the record was written, but its document still has a time to live, so what
	// was written will not last.
	ErrExpires = errors.New("the document still expires")
)

// Entry is a record and the document that it was read from.
type Entry struct {
	Record   channel.Record
	Document string // its SID, ET…
	Revision string
	Updated  time.Time // when it was last written
	Expires  time.Time // zero: never
}

// Ledger reads and writes the records of one Sync service under one prefix.
type Ledger struct {
	client  *twilio.Client
	service string
	prefix  string
}

// New returns the ledger in the Sync service (IS…), whose documents are named
// prefix + channel SID. It makes no request.
func New(client *twilio.Client, service, prefix string) *Ledger {
	return &Ledger{client: client, service: service, prefix: prefix}
}

// Load reads the record of a channel (CH…): one request. [ErrNotFound] if there is none.
func (l *Ledger) Load(ctx context.Context, channelSID string) (Entry, error) {
	var doc document
	if err := l.client.Get(ctx, "fetch record", l.address(l.prefix+channelSID), &doc); err != nil {
		if twilio.IsGone(err) {
			return Entry{}, ErrNotFound
		}
		return Entry{}, err
	}
	return l.decode(doc)
}

// Create writes the first record of a channel: one request. [ErrConflict] if there is
// one already, which may be this very call, repeated after a lost answer.
func (l *Ledger) Create(ctx context.Context, r channel.Record) (Entry, error) {
	params := new(sync.CreateDocumentParams).SetUniqueName(l.prefix + r.SID).SetData(r)
	doc, err := l.client.Sync(ctx).CreateDocument(l.service, params)
	return saved(r, doc, twilio.Wrap("create record", err))
}

// TTL says what a save does to the time to live of the document. It does not advance
// by itself on an update (https://www.twilio.com/docs/sync/objects-ttl).
type TTL time.Duration

const (
	KeepTTL TTL = -1 // leaves the time to live as it is
	NoTTL   TTL = 0  // lets the document live for ever
)

// ExpireIn lets the document go after d, rounded to seconds; at most a year.
func ExpireIn(d time.Duration) TTL { return TTL(max(d, time.Second)) }

// Save writes e.Record if its document still has e.Revision: one request. [ErrConflict] if
// it has another or is gone. [ErrExpires] if it was to live for ever and Twilio's answer
// shows that it does not: it was written, but whoever must not lose it must not say so.
func (l *Ledger) Save(ctx context.Context, e Entry, ttl TTL) (Entry, error) {
	params := new(sync.UpdateDocumentParams).SetData(e.Record).SetIfMatch(e.Revision)
	if ttl != KeepTTL {
		params.SetTtl(int(time.Duration(ttl).Seconds()))
	}
	name := e.Document
	if name == "" {
		name = l.prefix + e.Record.SID
	}
	doc, err := l.client.Sync(ctx).UpdateDocument(l.service, name, params)
	entry, err := saved(e.Record, doc, twilio.Wrap("update record", err))
	if err == nil && ttl == NoTTL && !entry.Expires.IsZero() {
		return Entry{}, fmt.Errorf("update record of %s: %w", e.Record.SID, ErrExpires)
	}
	return entry, err
}

func saved(r channel.Record, doc *sync.SyncV1Document, err error) (Entry, error) {
	switch {
	case twilio.IsChanged(err), twilio.IsTaken(err), twilio.IsGone(err):
		return Entry{}, fmt.Errorf("%w: %w", ErrConflict, err)
	case err != nil:
		return Entry{}, err
	case doc.Revision == nil || doc.Sid == nil:
		return Entry{}, fmt.Errorf("write record of %s: the answer has no revision", r.SID)
	}
	return Entry{Record: r, Document: *doc.Sid, Revision: *doc.Revision, Updated: moment(doc.DateUpdated), Expires: moment(doc.DateExpires)}, nil
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
