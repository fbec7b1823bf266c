package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	sync "github.com/twilio/twilio-go/rest/sync/v1"

	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

// historyName is the name of the history document behind the prefix.
const historyName = "history"

// remembered is how many sweeps the history keeps: at 200 bytes each far below the
// 10 KiB from which Sync slows writes down.
const remembered = 30

// Past is one sweep in the history, in short.
type Past struct {
	Run           string    `json:"run"`
	Started       time.Time `json:"started"`
	Seconds       float64   `json:"seconds"`
	Outcome       string    `json:"outcome"`
	Walked        int       `json:"walked"`
	Due           int       `json:"due"`
	Retired       int       `json:"retired"`
	Undone        int       `json:"undone,omitempty"`
	Failed        int       `json:"failed,omitempty"`
	Irrecoverable int       `json:"irrecoverable,omitempty"`
	Calls         int64     `json:"calls"`
}

// history is the data of the history document.
type history struct {
	Sweeps []Past `json:"sweeps"` // the latest last
}

// History returns the latest sweeps, the last one last: one request.
func (l *Ledger) History(ctx context.Context) ([]Past, error) {
	past, _, err := l.history(ctx)
	return past.Sweeps, err
}

// Remember adds a sweep to the history: two requests. [ErrConflict] if another sweep was
// added at the same moment.
func (l *Ledger) Remember(ctx context.Context, p Past) error {
	past, revision, err := l.history(ctx)
	if err != nil {
		return err
	}
	past.Sweeps = append(past.Sweeps, p)
	past.Sweeps = past.Sweeps[max(0, len(past.Sweeps)-remembered):]
	return l.put(ctx, historyName, revision, past)
}

func (l *Ledger) history(ctx context.Context) (past history, revision string, err error) {
	revision, err = l.get(ctx, historyName, &past)
	return past, revision, err
}

// get reads one of the documents that are no records. Revision "" means that there is none.
func (l *Ledger) get(ctx context.Context, name string, data any) (revision string, err error) {
	doc, err := l.client.Sync(ctx).FetchDocument(l.service, l.prefix+name)
	if err != nil {
		if err = twilio.Wrap("fetch "+name+" document", err); twilio.IsGone(err) {
			return "", nil
		}
		return "", err
	}
	raw, err := json.Marshal(doc.Data)
	if err == nil {
		err = json.Unmarshal(raw, data)
	}
	if err != nil {
		return "", fmt.Errorf("read %s document: %w", name, err)
	}
	if doc.Revision == nil {
		return "", fmt.Errorf("read %s document: it has no revision", name)
	}
	return *doc.Revision, nil
}

// put writes one of the documents that are no records, if it still has the revision.
func (l *Ledger) put(ctx context.Context, name, revision string, data any) error {
	var err error
	if revision == "" {
		_, err = l.client.Sync(ctx).CreateDocument(l.service, new(sync.CreateDocumentParams).SetUniqueName(l.prefix+name).SetData(data))
	} else {
		_, err = l.client.Sync(ctx).UpdateDocument(l.service, l.prefix+name, new(sync.UpdateDocumentParams).SetData(data).SetIfMatch(revision))
	}
	err = twilio.Wrap("write "+name+" document", err)
	if twilio.IsChanged(err) || twilio.IsTaken(err) {
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}
