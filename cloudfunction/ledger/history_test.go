package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	stored := func(data string) string { return "200 " + document("flexsweep-history", data) }
	for name, row := range map[string]struct {
		reason string
		answer string
		want   ledger.History
		err    string
	}{
		"sweeps":         {"an operator wants to see them", stored(`{"sweeps":[{"run":"a"},{"run":"b","retired":3}]}`), ledger.History{Sweeps: []ledger.Summary{{Run: "a"}, {Run: "b", Retired: 3}}}, ""},
		"a pass":         {"the next sweep goes on there", stored(`{"pass":{"started":"2026-03-01T12:00:00Z","place":"p","pages":10,"lateness":[1,2]},"complete":{"started":"2026-03-01T12:00:00Z"},"refused":1}`), ledger.History{Pass: &ledger.Pass{Started: now, Place: "p", Pages: 10, Lateness: []int{1, 2}}, Complete: &ledger.Pass{Started: now}, Refused: 1}, ""},
		"unknown fields": {"a newer flexsweep has more to say, and is rolled back", stored(`{"refused":1,"since":"x","pass":{"pages":3,"colour":"red"}}`), ledger.History{Refused: 1, Pass: &ledger.Pass{Pages: 3}}, ""},
		"none":           {"no sweep was here yet", refusal(404, 20404), ledger.History{}, ""},
		"another type":   {"a place and a convenience: a new one begins", stored(`[1]`), ledger.History{}, ""},
		"half readable":  {"half of it would be a pass that never was", stored(`{"refused":1,"pass":{"started":"2026-03-01T12:00:00Z"},"complete":7}`), ledger.History{}, ""},
		"down":           {"an outage is not an empty history", refusal(500, 20500), ledger.History{}, "fetch history document: HTTP 500"},
		"no revision":    {"it could not be replaced safely", `200 {"sid":"` + et + `","data":{}}`, ledger.History{}, "read history document: it has no revision"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			got, err := l.History(t.Context())
			contains(t, row.reason, err, row.err)
			if d := cmp.Diff(row.want, got, cmpopts.IgnoreUnexported(ledger.History{})); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
			if d := cmp.Diff([]string{"GET " + docs + "/flexsweep-history"}, lines(s.requests)); d != "" {
				t.Errorf("one request (-want +got):\n%s", d)
			}
		})
	}
}

// A history is replaced as it was read, even one that could not be understood.
func TestSetHistory(t *testing.T) {
	t.Parallel()
	const data = `{"sweeps":[{"run":"a","started":"2026-03-01T12:00:00Z","seconds":0,"outcome":"completed","walked":0,"due":0,"retired":0,"calls":0}]}`
	made := request{"POST " + docs, "", url.Values{"UniqueName": {"flexsweep-history"}, "Data": {data}}}
	replaced := request{"POST " + docs + "/flexsweep-history", "7", url.Values{"Data": {data}}}
	for name, row := range map[string]struct {
		reason   string
		read     string
		answer   string
		want     request
		conflict bool
		err      string
	}{
		"the first":    {"the document is made", refusal(404, 20404), `201 {"revision":"0"}`, made, false, ""},
		"the next":     {"only under the revision that was read", "200 " + document("flexsweep-history", `{}`), `200 {"revision":"8"}`, replaced, false, ""},
		"not readable": {"it is replaced, and only itself", "200 " + document("flexsweep-history", `[]`), `200 {"revision":"8"}`, replaced, false, ""},
		"two sweeps":   {"the second one is told", "200 " + document("flexsweep-history", `{}`), refusal(412, 54103), replaced, true, "code 54103"},
		"two first":    {"the second one is told", refusal(404, 20404), refusal(409, 54301), made, true, "code 54301"},
		"down":         {"an outage is no conflict", "200 " + document("flexsweep-history", `{}`), refusal(503, 20503), replaced, false, "write history document: HTTP 503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.read, row.answer)
			h, err := l.History(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			h.Add(ledger.Summary{Run: "a", Started: now, Outcome: "completed"})
			err = l.SetHistory(t.Context(), h)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrConflict) != row.conflict {
				t.Errorf("%s: %v", row.reason, err)
			}
			if d := cmp.Diff(row.want, s.requests[1]); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// The history keeps the latest runs and forgets the oldest, so that it stays small.
func TestHistoryForgetsTheOldest(t *testing.T) {
	t.Parallel()
	pass := ledger.Pass{Started: now, Ended: now, Place: ledger.Place("https://sync.twilio.com/v1/Services/" + service + "/Documents?" + fmt.Sprintf("%0500d", 1)), Pages: 1e9, Partial: true, Unexplained: 1e9, Live: 1e9, Tombstones: 1e9, Due: 1e9, Retired: 1e9, OldestOpen: now}
	for range 32 { // up to 2^32 seconds
		pass.Lateness = append(pass.Lateness, 1e6)
	}
	h := ledger.History{Pass: &pass, Complete: &pass, Refused: 9}
	var all []ledger.Summary
	for n := range 31 {
		all = append(all, ledger.Summary{Run: fmt.Sprintf("20260301T120000Z-%06x", n), Started: now.Add(time.Nanosecond), Outcome: "completed", Seconds: 1234.567890123, Walked: 1e9, Due: 1e6, Retired: 1e6, Restored: 1e6, Failed: 1e6, Irrecoverable: 1e6, Calls: 1e9})
		h.Add(all[n])
	}
	if d := cmp.Diff(all[1:], h.Sweeps); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	written, err := json.Marshal(h)
	if err != nil || len(written) > 10<<10 {
		t.Errorf("%v, %d bytes: Sync slows writes down from 10 KiB", err, len(written))
	}
}
