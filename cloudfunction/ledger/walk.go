package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// pageSize is the most that Sync gives in one page.
const pageSize = 100

// Page is one page of a walk.
type Page struct {
	Entries []Entry
	Faulty  []Faulty // documents with a record's name that cannot be read as one
}

// Faulty is a document that the walk could not read as a record.
type Faulty struct {
	Document string // its unique name
	Err      error
}

// Walk calls visit with each page of records, one request a page of 100. Documents that
// have expired at now but are not collected yet are left out. Pages are read while the
// ledger changes, so a record may be missed or be seen twice; the next walk finds it.
// It ends with the first error, of its own or of visit.
func (l *Ledger) Walk(ctx context.Context, now time.Time, visit func(Page) error) error {
	res, err := l.client.Sync(ctx).PageDocument(l.service, new(sync.ListDocumentParams).SetPageSize(pageSize), "", "")
	for {
		if err != nil {
			return twilio.Wrap("list records", err)
		}
		if err := visit(l.page(res.Documents, now)); err != nil {
			return err
		}
		if res.Meta.NextPageUrl == nil {
			return nil
		}
		res, err = l.next(ctx, *res.Meta.NextPageUrl)
	}
}

// next follows the URL that Twilio gave, verbatim: its token is opaque.
func (l *Ledger) next(ctx context.Context, url string) (*sync.ListDocumentResponse, error) {
	res, err := l.client.Handler(ctx).Get(url, nil, map[string]any{}, "")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	var page sync.ListDocumentResponse
	if err := json.NewDecoder(res.Body).Decode(&page); err != nil {
		return nil, fmt.Errorf("read a page of records: %w", err)
	}
	return &page, nil
}

func (l *Ledger) page(docs []sync.SyncV1Document, now time.Time) Page {
	var page Page
	for i := range docs {
		doc := &docs[i]
		if doc.UniqueName == nil || !strings.HasPrefix(*doc.UniqueName, l.prefix+"CH") {
			continue // not ours, or the control document
		}
		if expires := expiry(doc); !expires.IsZero() && !now.Before(expires) {
			continue
		}
		entry, err := decode(doc)
		if err != nil {
			page.Faulty = append(page.Faulty, Faulty{Document: *doc.UniqueName, Err: err})
			continue
		}
		page.Entries = append(page.Entries, entry)
	}
	return page
}
