package ledger_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

func TestSave(t *testing.T) {
	t.Parallel()
	const (
		saved    = `200 {"sid":"` + et + `","revision":"8","date_updated":"2026-03-01T12:00:00Z"}`
		expiring = `200 {"sid":"` + et + `","revision":"8","date_updated":"2026-03-01T12:00:00Z","date_expires":"2026-03-02T12:00:00Z"}`
	)
	day := now.Add(24 * time.Hour)
	for name, row := range map[string]struct {
		reason  string
		answer  string
		ttl     ledger.TTL
		sent    []string // Ttl
		expires time.Time
		is      error // nothing is wrong if nil and no text
		err     string
	}{
		"kept TTL":          {"what is not sent stays", saved, ledger.KeepTTL, nil, time.Time{}, nil, ""},
		"kept, expiring":    {"the caller is told", expiring, ledger.KeepTTL, nil, day, nil, ""},
		"no TTL":            {"zero means for ever", saved, ledger.NoTTL, []string{"0"}, time.Time{}, nil, ""},
		"no TTL, expiring":  {"it was written, but it will not last", expiring, ledger.NoTTL, []string{"0"}, time.Time{}, ledger.ErrExpires, "update record of " + ch + ": the document still expires"},
		"a TTL":             {"in whole seconds", expiring, ledger.ExpireIn(720*time.Hour + 900*time.Millisecond), []string{"2592000"}, day, nil, ""},
		"a TTL of nothing":  {"zero would mean for ever", expiring, ledger.ExpireIn(0), []string{"1"}, day, nil, ""},
		"a negative TTL":    {"it would mean something else", expiring, ledger.ExpireIn(-1), []string{"1"}, day, nil, ""},
		"changed":           {"an event came in between", refusal(412, 54103), ledger.KeepTTL, nil, time.Time{}, ledger.ErrConflict, "code 54103"},
		"changed, too":      {"whichever code the body says", refusal(412, 20412), ledger.KeepTTL, nil, time.Time{}, ledger.ErrConflict, "code 20412"},
		"changed for ever":  {"it was not written, so nothing is known of its end", refusal(412, 54103), ledger.NoTTL, []string{"0"}, time.Time{}, ledger.ErrConflict, "code 54103"},
		"gone":              {"it expired in between: read again, and create", refusal(404, 54100), ledger.KeepTTL, nil, time.Time{}, ledger.ErrConflict, "code 54100"},
		"down":              {"an outage is no conflict", refusal(500, 20500), ledger.KeepTTL, nil, time.Time{}, nil, "update record: HTTP 500"},
		"too large":         {"a refusal is no conflict", refusal(413, 54006), ledger.KeepTTL, nil, time.Time{}, nil, "update record: HTTP 413, code 54006"},
		"no revision":       {"it could not be changed safely", `200 {"sid":"` + et + `"}`, ledger.KeepTTL, nil, time.Time{}, nil, "the answer has no revision"},
		"no revision, ever": {"nothing is known of it", `200 {"sid":"` + et + `"}`, ledger.NoTTL, []string{"0"}, time.Time{}, nil, "the answer has no revision"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.Save(t.Context(), ledger.Entry{Record: record, Document: et, Revision: "7"}, row.ttl)
			contains(t, row.reason, err, row.err)
			for _, kind := range []error{ledger.ErrConflict, ledger.ErrExpires, ledger.ErrNotFound} {
				if errors.Is(err, kind) != errors.Is(row.is, kind) {
					t.Errorf("%s: %v", row.reason, err)
				}
			}
			var want ledger.Entry
			if row.err == "" {
				want = ledger.Entry{Record: record, Document: et, Revision: "8", Updated: now, Expires: row.expires}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			form := url.Values{"Data": {recordJSON}}
			if row.sent != nil {
				form["Ttl"] = row.sent
			}
			if d := cmp.Diff([]request{{"POST " + docs + "/" + et, "7", form}}, s.requests); d != "" {
				t.Errorf("one request, under the revision (-want +got):\n%s", d)
			}
		})
	}
}

// Revisions of a new document begin anew, so a document is addressed by its own SID as soon
// as that is known: its successor of the same name must not be written by its revision.
func TestSaveAddresses(t *testing.T) {
	t.Parallel()
	const answer = `200 {"sid":"` + et + `","revision":"8"}`
	for name, row := range map[string]struct {
		reason   string
		document string
		want     string
	}{
		"by its SID":  {"it was read or written before", et, docs + "/" + et},
		"by its name": {"whoever remembers nothing but a revision", "", docs + "/flexsweep-" + ch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(answer)
			if _, err := l.Save(t.Context(), ledger.Entry{Record: record, Document: row.document, Revision: "7"}, ledger.KeepTTL); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]string{"POST " + row.want}, lines(s.requests)); d != "" || s.requests[0].IfMatch != "7" {
				t.Errorf("%s: If-Match %q (-want +got):\n%s", row.reason, s.requests[0].IfMatch, d)
			}
		})
	}
}

// What was read, and what was created, is written to the very document.
func TestTheDocumentIsRemembered(t *testing.T) {
	t.Parallel()
	const saved = `200 {"sid":"` + et + `","revision":"8"}`
	l, s := newLedger("200 "+document(name, recordJSON), saved, `201 {"sid":"`+et+`","revision":"0"}`, saved)
	loaded, err := l.Load(t.Context(), ch)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Save(t.Context(), loaded, ledger.KeepTTL); err != nil {
		t.Fatal(err)
	}
	created, err := l.Create(t.Context(), record)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Save(t.Context(), created, ledger.KeepTTL); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET " + docs + "/" + name, "POST " + docs + "/" + et, "POST " + docs, "POST " + docs + "/" + et}
	if d := cmp.Diff(want, lines(s.requests)); d != "" {
		t.Errorf("the requests (-want +got):\n%s", d)
	}
	if s.requests[1].IfMatch != "7" || s.requests[3].IfMatch != "0" {
		t.Errorf("under the revisions %q and %q", s.requests[1].IfMatch, s.requests[3].IfMatch)
	}
}
