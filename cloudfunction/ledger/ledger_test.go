package ledger_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

const recordJSON = `{"version":1,"sid":"` + ch + `","backend":"chat","tasks":{"WT1":{"phase":"open","time":"2026-03-01T12:00:00Z"}},"status":"tracking"}`

var record = channel.Record{
	Version: 1, SID: ch, Backend: channel.Chat, Status: channel.Tracking,
	Tasks: map[string]channel.Task{"WT1": {Phase: channel.Open, Time: time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)}},
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
		"found":             {"the record and its revision", "200 " + document(name, recordJSON), ledger.Entry{Record: record, Revision: "7"}, false, ""},
		"found, expiring":   {"with the time that it expires", `200 {"revision":"a0","data":` + recordJSON + `,"date_expires":"2026-04-01T00:00:00Z"}`, ledger.Entry{Record: record, Revision: "a0", Expires: time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC)}, false, ""},
		"unknown":           {"no record is not a fault", refusal(404, 20404), ledger.Entry{}, true, "no record"},
		"down":              {"an outage must not look like no record", refusal(500, 20500), ledger.Entry{}, false, "fetch record: HTTP 500, code 20500"},
		"no data":           {"not a document of ours", `200 {"revision":"7"}`, ledger.Entry{}, false, "no data or no revision"},
		"no revision":       {"it could not be changed safely", `200 {"data":` + recordJSON + `}`, ledger.Entry{}, false, "no data or no revision"},
		"of a newer schema": {"it must not be overwritten by an older flexsweep", "200 " + document(name, `{"version":2,"sid":"`+ch+`"}`), ledger.Entry{}, false, "schema version 2, this flexsweep knows 1 to 1"},
		"without a version": {"someone else wrote it", "200 " + document(name, `{"sid":"`+ch+`"}`), ledger.Entry{}, false, "schema version 0"},
		"of no channel":     {"someone else wrote it", "200 " + document(name, `{"version":1,"sid":"WT1"}`), ledger.Entry{}, false, "names no channel"},
		"an array":          {"someone else wrote it", "200 " + document(name, `[]`), ledger.Entry{}, false, "read record"},
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
		"created":     {"with the first revision", `201 {"revision":"0","data":{}}`, ledger.Entry{Record: record, Revision: "0"}, false, ""},
		"taken":       {"another instance, or this call's own first attempt", refusal(409, 54301), ledger.Entry{}, true, "code 54301"},
		"down":        {"an outage is no conflict", refusal(503, 20503), ledger.Entry{}, false, "create record: HTTP 503"},
		"no revision": {"it could not be changed safely", `201 {}`, ledger.Entry{}, false, "the answer has no revision"},
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

func TestSave(t *testing.T) {
	t.Parallel()
	saved := `200 {"revision":"8"}`
	for name, row := range map[string]struct {
		reason   string
		answer   string
		ttl      ledger.TTL
		sent     []string // Ttl
		conflict bool
		err      string
	}{
		"kept TTL":     {"what is not sent stays", saved, ledger.KeepTTL, nil, false, ""},
		"no TTL":       {"zero means for ever", saved, ledger.NoTTL, []string{"0"}, false, ""},
		"a TTL":        {"in whole seconds", saved, ledger.ExpireIn(720*time.Hour + 900*time.Millisecond), []string{"2592000"}, false, ""},
		"changed":      {"an event came in between", refusal(412, 54103), ledger.KeepTTL, nil, true, "code 54103"},
		"changed, too": {"whichever code the body says", refusal(412, 20412), ledger.KeepTTL, nil, true, "code 20412"},
		"gone":         {"it expired in between: read again, and create", refusal(404, 54100), ledger.KeepTTL, nil, true, "code 54100"},
		"down":         {"an outage is no conflict", refusal(500, 20500), ledger.KeepTTL, nil, false, "update record: HTTP 500"},
		"too large":    {"a refusal is no conflict", refusal(413, 54006), ledger.KeepTTL, nil, false, "update record: HTTP 413, code 54006"},
		"no revision":  {"it could not be changed safely", `200 {}`, ledger.KeepTTL, nil, false, "the answer has no revision"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.Save(t.Context(), ledger.Entry{Record: record, Revision: "7"}, row.ttl)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrConflict) != row.conflict {
				t.Errorf("%s: %v", row.reason, err)
			}
			var want ledger.Entry
			if row.err == "" {
				want = ledger.Entry{Record: record, Revision: "8"}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			form := url.Values{"Data": {recordJSON}}
			if row.sent != nil {
				form["Ttl"] = row.sent
			}
			if d := cmp.Diff([]request{{"POST " + docs + "/flexsweep-" + ch, "7", form}}, s.requests); d != "" {
				t.Errorf("one request, under the revision (-want +got):\n%s", d)
			}
		})
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		reason string
		answer string
		want   ledger.Control
		err    string
	}{
		"none":       {"without a control document nothing is paused", refusal(404, 20404), ledger.Control{}, ""},
		"paused":     {"the operator's words are kept", "200 " + document("flexsweep-control", `{"paused":true,"reason":"audit","by":"ops","since":"2026-03-01T00:00:00Z"}`), ledger.Control{Paused: true, Reason: "audit", By: "ops", Since: since}, ""},
		"unpaused":   {"a document that says no", "200 " + document("flexsweep-control", `{"paused":false}`), ledger.Control{}, ""},
		"down":       {"nobody knows, so nothing may be retired", refusal(500, 20500), ledger.Control{}, "fetch control document: HTTP 500"},
		"unreadable": {"nobody knows what was meant", "200 " + document("flexsweep-control", `{"paused":"yes"}`), ledger.Control{}, "read control document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.Control(t.Context())
			contains(t, row.reason, err, row.err)
			if d := cmp.Diff(row.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if d := cmp.Diff([]string{"GET " + docs + "/flexsweep-control"}, lines(s.requests)); d != "" {
				t.Errorf("one request (-want +got):\n%s", d)
			}
		})
	}
}

// FuzzRecord: whatever stands in a document, it is refused or is a record that every part
// of the protocol can work on and write back without loss.
func FuzzRecord(f *testing.F) {
	for _, seed := range []string{
		recordJSON, `{"version":2}`, `null`, `{"version":1,"sid":"CH","tasks":null,"claim":{},"retirement":{},"hold":{},"failure":{}}`,
		`{"version":1,"sid":"` + ch + `","tasks":{"WT1":{"phase":"?","time":"0001-01-01T00:00:00Z"}},"status":"retiring","retirement":{"previous":{"long_lived":null,"status":{"a":[1e999]}}}}`,
	} {
		f.Add([]byte(seed))
	}
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	policy := channel.Policy{Retention: time.Hour, Chat: channel.Deactivate, Conversations: channel.Close}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ledger.DecodeRecord(raw)
		if err != nil {
			return
		}
		claimed := channel.Claimed(channel.Trim(r, now), "run", policy.DispositionOf(r), now)
		for _, next := range []channel.Record{
			r, claimed, channel.Settled(claimed, channel.Outcome{Result: channel.Already}, now), channel.Failed(r, channel.Failure{}), channel.Released(r), channel.Restored(r),
			channel.Apply(r, channel.Event{ChannelSID: r.SID, TaskSID: "WT2", Phase: channel.Ended, Time: now}),
		} {
			if d := channel.Decide(next, policy, now); d.Action == "" || d.Text == "" {
				t.Errorf("no verdict on %+v", next)
			}
			written, err := json.Marshal(next)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			back, err := ledger.DecodeRecord(written)
			if err != nil {
				t.Fatalf("what was written cannot be read: %v", err)
			}
			again, err := json.Marshal(back)
			if d := cmp.Diff(string(written), string(again)); err != nil || d != "" {
				t.Errorf("a round trip lost something (-written +read), %v:\n%s", err, d)
			}
		}
	})
}
