// Package ledger keeps one record per channel in Twilio Sync documents.
//
// A document is only ever changed under the revision that was read (If-Match), so a
// write that would overwrite somebody else's is refused with [ErrConflict] and the
// caller reads again. Documents have no conditional delete: what is no longer needed is
// saved with a time to live and goes by itself.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
)

// Entry is a record and the revision of the document that it was read from.
type Entry struct {
	Record   channel.Record
	Revision string
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
	doc, err := l.client.Sync(ctx).FetchDocument(l.service, l.prefix+channelSID)
	if err != nil {
		if err = twilio.Wrap("fetch record", err); twilio.IsGone(err) {
			return Entry{}, ErrNotFound
		}
		return Entry{}, err
	}
	return decode(doc)
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
type TTL func(*sync.UpdateDocumentParams)

var (
	// KeepTTL leaves the time to live as it is.
	KeepTTL TTL = func(*sync.UpdateDocumentParams) {}
	// NoTTL lets the document live for ever.
	NoTTL TTL = func(p *sync.UpdateDocumentParams) { p.SetTtl(0) }
)

// ExpireIn lets the document go after d, rounded to seconds; at most a year.
func ExpireIn(d time.Duration) TTL {
	return func(p *sync.UpdateDocumentParams) { p.SetTtl(int(d.Seconds())) }
}

// Save writes e.Record if the document still has e.Revision: one request.
// [ErrConflict] if it has another or is gone.
func (l *Ledger) Save(ctx context.Context, e Entry, ttl TTL) (Entry, error) {
	params := new(sync.UpdateDocumentParams).SetData(e.Record).SetIfMatch(e.Revision)
	ttl(params)
	doc, err := l.client.Sync(ctx).UpdateDocument(l.service, l.prefix+e.Record.SID, params)
	return saved(e.Record, doc, twilio.Wrap("update record", err))
}

func saved(r channel.Record, doc *sync.SyncV1Document, err error) (Entry, error) {
	switch {
	case twilio.IsChanged(err), twilio.IsTaken(err), twilio.IsGone(err):
		return Entry{}, fmt.Errorf("%w: %w", ErrConflict, err)
	case err != nil:
		return Entry{}, err
	case doc.Revision == nil:
		return Entry{}, fmt.Errorf("write record of %s: the answer has no revision", r.SID)
	}
	return Entry{Record: r, Revision: *doc.Revision, Expires: expiry(doc)}, nil
}

// decode reads the record in a document. It refuses what a newer flexsweep or someone
// else wrote: that must not be overwritten.
func decode(doc *sync.SyncV1Document) (Entry, error) {
	if doc.Data == nil || doc.Revision == nil {
		return Entry{}, errors.New("read record: the document has no data or no revision")
	}
	raw, err := json.Marshal(*doc.Data)
	if err != nil {
		return Entry{}, fmt.Errorf("read record: %w", err)
	}
	r, err := DecodeRecord(raw)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Record: r, Revision: *doc.Revision, Expires: expiry(doc)}, nil
}

// DecodeRecord reads a record from the data of its document. An error means that it was
// written by a newer flexsweep, or not by flexsweep at all.
func DecodeRecord(raw []byte) (channel.Record, error) {
	var r channel.Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return channel.Record{}, fmt.Errorf("read record: %w", err)
	}
	if r.Version < 1 || r.Version > channel.Version {
		return channel.Record{}, fmt.Errorf("read record: it has schema version %d, this flexsweep knows 1 to %d", r.Version, channel.Version)
	}
	if !strings.HasPrefix(r.SID, "CH") {
		return channel.Record{}, errors.New("read record: it names no channel")
	}
	return r, nil
}

func expiry(doc *sync.SyncV1Document) time.Time {
	if doc.DateExpires == nil {
		return time.Time{}
	}
	return *doc.DateExpires
}
