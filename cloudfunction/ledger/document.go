package ledger

import (
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
)

// document is a Sync document as Twilio sends it. Its data stays raw text: a number that
// Go cannot hold must cost that one document, not the page that it stands in.
type document struct {
	SID        string          `json:"sid"`
	UniqueName string          `json:"unique_name"`
	Revision   string          `json:"revision"`
	Data       json.RawMessage `json:"data"`
	Updated    *time.Time      `json:"date_updated"`
	Expires    *time.Time      `json:"date_expires"`
}

// address is where the document of a name is.
func (l *Ledger) address(name string) string {
	return l.collection() + "/" + url.PathEscape(name)
}

func (l *Ledger) collection() string {
	return "https://sync.twilio.com/v1/Services/" + l.service + "/Documents"
}

// decode reads the record in a document. It refuses what a newer flexsweep or someone
// else wrote: that must not be overwritten. And it refuses a record under another channel's
// name: what is decided on it would be done to a channel that it is not about.
func (l *Ledger) decode(doc document) (Entry, error) {
	if doc.Data == nil || doc.Revision == "" || !channel.IsSID(doc.SID, "ET") {
		return Entry{}, errors.New("read record: the document has no data, no revision or no SID")
	}
	r, err := channel.Decode(doc.Data)
	if err != nil {
		return Entry{}, err
	}
	if doc.UniqueName != l.prefix+r.SID {
		return Entry{}, errors.New("read record: it is of another channel than its document's name says")
	}
	return Entry{Record: r, Document: doc.SID, Revision: doc.Revision, Updated: moment(doc.Updated), Expires: moment(doc.Expires)}, nil
}
