package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

func TestSetControl(t *testing.T) {
	t.Parallel()
	const data = `{"paused":true,"by":"ops"}`
	control := ledger.Control{Paused: true, By: "ops"}
	found := "200 " + document("flexsweep-control", `{"paused":false}`)
	for name, row := range map[string]struct {
		reason   string
		answers  []string
		want     request // the second one
		conflict bool
		err      string
	}{
		"the first time":  {"the document is made", []string{refusal(404, 20404), `201 {"revision":"0"}`}, request{"POST " + docs, "", url.Values{"UniqueName": {"flexsweep-control"}, "Data": {data}}}, false, ""},
		"again":           {"only under the revision that was read", []string{found, `200 {"revision":"8"}`}, request{"POST " + docs + "/flexsweep-control", "7", url.Values{"Data": {data}}}, false, ""},
		"two operators":   {"the second one is told", []string{found, refusal(412, 54103)}, request{"POST " + docs + "/flexsweep-control", "7", url.Values{"Data": {data}}}, true, "code 54103"},
		"two at the same": {"the second one is told", []string{refusal(404, 20404), refusal(409, 54301)}, request{"POST " + docs, "", url.Values{"UniqueName": {"flexsweep-control"}, "Data": {data}}}, true, "code 54301"},
		"down":            {"an outage is no conflict", []string{found, refusal(500, 20500)}, request{"POST " + docs + "/flexsweep-control", "7", url.Values{"Data": {data}}}, false, "write control document: HTTP 500"},
		"not readable":    {"what cannot be read is not overwritten", []string{refusal(500, 20500)}, request{}, false, "fetch control document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answers...)
			err := l.SetControl(t.Context(), control)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrConflict) != row.conflict {
				t.Errorf("%s: %v", row.reason, err)
			}
			want := []request{{Line: "GET " + docs + "/flexsweep-control"}, row.want}[:len(row.answers)]
			if d := cmp.Diff(want, s.requests); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	l, _ := newLedger("200 "+document("flexsweep-history", `{"sweeps":[{"run":"a"},{"run":"b","retired":3}]}`), refusal(404, 20404), refusal(500, 20500))
	got, err := l.History(t.Context())
	if d := cmp.Diff([]ledger.Past{{Run: "a"}, {Run: "b", Retired: 3}}, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if got, err := l.History(t.Context()); len(got) != 0 || err != nil {
		t.Errorf("before the first sweep: %v, %v", got, err)
	}
	_, err = l.History(t.Context())
	contains(t, "an outage is not an empty history", err, "fetch history document: HTTP 500")
}

// The history keeps the latest runs and forgets the oldest, so that it stays small.
func TestRememberForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var sweeps []ledger.Past
	for n := range 30 {
		sweeps = append(sweeps, ledger.Past{Run: fmt.Sprintf("20260301T120000Z-%06x", n), Outcome: "completed", Seconds: 1234.567890123, Walked: 1e9, Due: 1e9, Retired: 1e9, Restored: 1e9, Failed: 1e9, Irrecoverable: 1e9, Calls: 1e12})
	}
	before, _ := json.Marshal(map[string]any{"sweeps": sweeps})
	l, s := newLedger("200 "+document("flexsweep-history", string(before)), `200 {"revision":"8"}`)
	if err := l.Remember(t.Context(), ledger.Past{Run: "newest"}); err != nil {
		t.Fatal(err)
	}
	written := s.requests[1].Form.Get("Data")
	var after struct{ Sweeps []ledger.Past }
	if err := json.Unmarshal([]byte(written), &after); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(append(sweeps[1:], ledger.Past{Run: "newest"}), after.Sweeps); d != "" || s.requests[1].IfMatch != "7" {
		t.Errorf("under revision %q (-want +got):\n%s", s.requests[1].IfMatch, d)
	}
	if len(written) > 10<<10 {
		t.Errorf("%d bytes: Sync slows writes down from 10 KiB", len(written))
	}
}
