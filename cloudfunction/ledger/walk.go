package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// PageSize is the most that Sync gives in one page.
const PageSize = 100

// Place is where a walk goes on: the address of Twilio's next page, verbatim, since its
// token is opaque. "" is the front of the ledger, and behind its end.
type Place string

// ErrPlace: the place cannot be gone on from. It is not of this ledger, or Twilio does not
// know its token any more. Whoever meets it begins at the front.
var ErrPlace = errors.New("the ledger cannot be read on from this place")

// Page is one page of a walk.
type Page struct {
	Entries []Entry
	Faulty  []Faulty // documents with a record's name that cannot be read as one
	Next    Place    // "" behind the last page
}

// Faulty is a document that the walk could not read as a record.
type Faulty struct {
	Document string // its SID
	Err      error
}

// ReadPage reads the page at a place: one request for 100 documents. Documents that have expired
// at now but are not collected yet are left out. The ledger changes while it is read, so a record
// may be missed or be seen twice; the next walk finds it. [ErrPlace] as above.
func (l *Ledger) ReadPage(ctx context.Context, place Place, now time.Time) (Page, error) {
	address := l.collection() + "?PageSize=" + strconv.Itoa(PageSize)
	if place != "" {
		if !l.owns(place) {
			return Page{}, fmt.Errorf("list records: %w", ErrPlace)
		}
		address = string(place)
	}
	var answer struct {
		Documents []document `json:"documents"`
		Meta      struct {
			Next string `json:"next_page_url"`
		} `json:"meta"`
	}
	err := l.client.Get(ctx, "list records", address, &answer)
	if status := twilio.Status(err); place != "" && (status == http.StatusBadRequest || status == http.StatusNotFound) {
		return Page{}, fmt.Errorf("%w: %w", ErrPlace, err)
	}
	if err != nil {
		return Page{}, err
	}
	page := l.page(answer.Documents, now)
	page.Next = Place(answer.Meta.Next)
	return page, nil
}

// owns reports whether the place is one of this ledger: the credentials go where it points.
func (l *Ledger) owns(place Place) bool {
	at, err := url.Parse(string(place))
	if err != nil || at.Scheme != "https" || at.User != nil || at.Port() != "" {
		return false
	}
	host := at.Hostname()
	return strings.HasPrefix(host, "sync.") && strings.HasSuffix(host, ".twilio.com") && at.Path == "/v1/Services/"+l.service+"/Documents"
}

// Walk calls visit with each page of records, from the front to the end. It ends with the
// first error, of its own or of visit.
func (l *Ledger) Walk(ctx context.Context, now time.Time, visit func(Page) error) error {
	for place := Place(""); ; {
		page, err := l.ReadPage(ctx, place, now)
		if err != nil {
			return err
		}
		if err := visit(page); err != nil || page.Next == "" {
			return err
		}
		place = page.Next
	}
}

func (l *Ledger) page(docs []document, now time.Time) Page {
	var page Page
	for _, doc := range docs {
		if !strings.HasPrefix(doc.UniqueName, l.prefix+"CH") {
			continue // not ours, or the control document
		}
		if expires := moment(doc.Expires); !expires.IsZero() && !now.Before(expires) {
			continue
		}
		entry, err := l.decode(doc)
		if err != nil {
			page.Faulty = append(page.Faulty, Faulty{Document: doc.SID, Err: err})
			continue
		}
		page.Entries = append(page.Entries, entry)
	}
	return page
}
