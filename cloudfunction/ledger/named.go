package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// get reads one of the documents that are no records, strictly: a field that is misspelt must
// not be taken for one that is not set. Revision "" means that there is no such document.
func (l *Ledger) get(ctx context.Context, name string, data any) (revision string, err error) {
	var doc document
	if err := l.client.Get(ctx, "fetch "+name+" document", l.address(l.prefix+name), &doc); err != nil {
		if twilio.IsGone(err) {
			return "", nil
		}
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(doc.Data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(data); err != nil {
		return "", fmt.Errorf("read %s document: %w", name, err)
	}
	if doc.Revision == "" {
		return "", fmt.Errorf("read %s document: it has no revision", name)
	}
	return doc.Revision, nil
}

// put writes one of the documents that are no records, if it still has the revision; "" for
// one that must not be there yet. [ErrConflict] if it has another.
func (l *Ledger) put(ctx context.Context, name, revision string, data any) error {
	var err error
	if revision == "" {
		_, err = l.client.Sync(ctx).CreateDocument(l.service, new(sync.CreateDocumentParams).SetUniqueName(l.prefix+name).SetData(data))
	} else {
		_, err = l.client.Sync(ctx).UpdateDocument(l.service, l.prefix+name, new(sync.UpdateDocumentParams).SetData(data).SetIfMatch(revision))
	}
	err = twilio.Wrap("write "+name+" document", err)
	if twilio.IsChanged(err) || twilio.IsTaken(err) || twilio.IsGone(err) {
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}
