package ledger_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

const (
	wt         = "WT00000000000000000000000000000001"
	recordJSON = `{"version":2,"sid":"` + ch + `","backend":"chat","tasks":{"` + wt + `":{"phase":"open","time":"2026-03-01T12:00:00Z"}},"status":"tracking"}`
)

var record = channel.Record{
	Version: 2, SID: ch, Backend: channel.Chat, Status: channel.Tracking,
	Tasks: map[string]channel.Task{wt: {Phase: channel.Open, Time: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}},
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason   string
		answer   string
		want     ledger.Entry
		notFound bool
		err      string
	}{
		"found":             {"the record and its revision", "200 " + document(name, recordJSON), ledger.Entry{Record: record, Document: et, Revision: "7", Updated: now.Add(-time.Hour)}, false, ""},
		"found, expiring":   {"with the time that it expires", `200 {"sid":"` + et + `","unique_name":"` + name + `","revision":"a0","data":` + recordJSON + `,"date_expires":"2026-04-01T00:00:00Z"}`, ledger.Entry{Record: record, Document: et, Revision: "a0", Expires: time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)}, false, ""},
		"unknown":           {"no record is not a fault", refusal(404, 20404), ledger.Entry{}, true, "no record"},
		"down":              {"an outage must not look like no record", refusal(500, 20500), ledger.Entry{}, false, "fetch record: HTTP 500, code 20500"},
		"no data":           {"not a document of ours", `200 {"sid":"` + et + `","unique_name":"` + name + `","revision":"7"}`, ledger.Entry{}, false, "no data, no revision or no SID"},
		"null":              {"someone else wrote it", "200 " + document(name, `null`), ledger.Entry{}, false, "schema version 0"},
		"no revision":       {"it could not be changed safely", `200 {"sid":"` + et + `","unique_name":"` + name + `","data":` + recordJSON + `}`, ledger.Entry{}, false, "no data, no revision or no SID"},
		"no SID":            {"it could not be addressed safely", `200 {"unique_name":"` + name + `","revision":"7","data":` + recordJSON + `}`, ledger.Entry{}, false, "no data, no revision or no SID"},
		"no SID of its own": {"it ends up in the path of a request", `200 {"sid":"../x","unique_name":"` + name + `","revision":"7","data":` + recordJSON + `}`, ledger.Entry{}, false, "no data, no revision or no SID"},
		"of a newer schema": {"it must not be overwritten by an older flexsweep", "200 " + document(name, `{"version":3,"sid":"`+ch+`"}`), ledger.Entry{}, false, "schema version 3, this flexsweep knows 1 to 2"},
		"without a version": {"someone else wrote it", "200 " + document(name, `{"sid":"`+ch+`"}`), ledger.Entry{}, false, "schema version 0"},
		"of no channel":     {"someone else wrote it", "200 " + document(name, `{"version":2,"sid":"WT1"}`), ledger.Entry{}, false, "names no channel"},
		"of another":        {"what is decided would be done to another channel", "200 " + document("flexsweep-CH00000000000000000000000000000002", recordJSON), ledger.Entry{}, false, "it is of another channel than its document's name says"},
		"of another room":   {"two environments may share a service", "200 " + document("other-"+ch, recordJSON), ledger.Entry{}, false, "it is of another channel than its document's name says"},
		"an array":          {"someone else wrote it", "200 " + document(name, `[]`), ledger.Entry{}, false, "read record"},
		"no JSON":           {"an answer cut off is none", `200 {"sid":`, ledger.Entry{}, false, "fetch record: read the answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.Load(t.Context(), ch)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrNotFound) != row.notFound {
				t.Errorf("%s: %v", row.reason, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if d := cmp.Diff([]string{"GET " + docs + "/flexsweep-" + ch}, lines(s.requests)); d != "" {
				t.Errorf("one request (-want +got):\n%s", d)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason   string
		answer   string
		want     ledger.Entry
		conflict bool
		err      string
	}{
		"created":     {"with the first revision", `201 {"sid":"` + et + `","revision":"0","data":{},"date_updated":"2026-03-01T12:00:00Z"}`, ledger.Entry{Record: record, Document: et, Revision: "0", Updated: now}, false, ""},
		"taken":       {"another instance, or this call's own first attempt", refusal(409, 54301), ledger.Entry{}, true, "code 54301"},
		"down":        {"an outage is no conflict", refusal(503, 20503), ledger.Entry{}, false, "create record: HTTP 503"},
		"no revision": {"it could not be changed safely", `201 {"sid":"` + et + `"}`, ledger.Entry{}, false, "the answer has no revision"},
		"no SID":      {"it could not be addressed safely", `201 {"revision":"0"}`, ledger.Entry{}, false, "the answer has no revision"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.Create(t.Context(), record)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrConflict) != row.conflict {
				t.Errorf("%s: %v", row.reason, err)
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			want := []request{{Line: "POST " + docs, Form: url.Values{"UniqueName": {"flexsweep-" + ch}, "Data": {recordJSON}}}}
			if d := cmp.Diff(want, s.requests); d != "" {
				t.Errorf("one request (-want +got):\n%s", d)
			}
		})
	}
}
