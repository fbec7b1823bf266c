package ledger_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

func TestControl(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		answer string
		want   ledger.Control
		err    string
	}{
		"none":         {"without a control document nothing is paused", refusal(404, 20404), ledger.Control{}, ""},
		"paused":       {"the operator's words are kept", "200 " + document("flexsweep-control", `{"paused":true,"reason":"audit","by":"ops","since":"2026-03-01T12:00:00Z"}`), ledger.Control{Paused: true, Reason: "audit", By: "ops", Since: now, Revision: "7"}, ""},
		"accepted":     {"under these rules only", "200 " + document("flexsweep-control", `{"paused":false,"accept":{"rules":"a1","by":"ops","since":"2026-03-01T12:00:00Z"}}`), ledger.Control{Accept: &ledger.Accept{Rules: "a1", By: "ops", Since: now}, Revision: "7"}, ""},
		"unpaused":     {"a document that says no", "200 " + document("flexsweep-control", `{"paused":false}`), ledger.Control{Revision: "7"}, ""},
		"empty":        {"a document that says nothing", "200 " + document("flexsweep-control", `{}`), ledger.Control{Revision: "7"}, ""},
		"down":         {"nobody knows, so nothing may be retired", refusal(500, 20500), ledger.Control{}, "fetch control document: HTTP 500"},
		"unreadable":   {"nobody knows what was meant", "200 " + document("flexsweep-control", `{"paused":"yes"}`), ledger.Control{}, "read control document"},
		"misspelt":     {"it must not be taken for no pause", "200 " + document("flexsweep-control", `{"pause":true}`), ledger.Control{}, `read control document: json: unknown field "pause"`},
		"one misspelt": {"nobody knows what was meant", "200 " + document("flexsweep-control", `{"accept":{"rule":"a1"}}`), ledger.Control{Accept: &ledger.Accept{}}, `read control document: json: unknown field "rule"`},
		"no data":      {"nobody knows what it said", `200 {"sid":"` + et + `","revision":"7"}`, ledger.Control{}, "read control document"},
		"no revision":  {"it could not be replaced safely", `200 {"sid":"` + et + `","data":{}}`, ledger.Control{}, "read control document: it has no revision"},
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

func TestSetControl(t *testing.T) {
	t.Parallel()
	const data = `{"paused":true,"by":"ops","accept":{"rules":"a1","by":"ops","since":"2026-03-01T12:00:00Z"}}`
	made := request{"POST " + docs, "", url.Values{"UniqueName": {"flexsweep-control"}, "Data": {data}}}
	replaced := request{"POST " + docs + "/flexsweep-control", "7", url.Values{"Data": {data}}}
	for name, row := range map[string]struct {
		reason   string
		revision string
		answer   string
		want     request
		conflict bool
		err      string
	}{
		"the first time":  {"the document is made", "", `201 {"revision":"0"}`, made, false, ""},
		"again":           {"only under the revision that was read", "7", `200 {"revision":"8"}`, replaced, false, ""},
		"two operators":   {"the second one is told", "7", refusal(412, 54103), replaced, true, "code 54103"},
		"two at the same": {"the second one is told", "", refusal(409, 54301), made, true, "code 54301"},
		"removed":         {"nobody has seen why", "7", refusal(404, 54100), replaced, true, "code 54100"},
		"down":            {"an outage is no conflict", "7", refusal(500, 20500), replaced, false, "write control document: HTTP 500"},
		"down, new":       {"an outage is no conflict", "", refusal(500, 20500), made, false, "write control document: HTTP 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answer)
			control := ledger.Control{Paused: true, By: "ops", Accept: &ledger.Accept{Rules: "a1", By: "ops", Since: now}, Revision: row.revision}
			err := l.SetControl(t.Context(), control)
			contains(t, row.reason, err, row.err)
			if errors.Is(err, ledger.ErrConflict) != row.conflict {
				t.Errorf("%s: %v", row.reason, err)
			}
			if d := cmp.Diff([]request{row.want}, s.requests); d != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, d)
			}
		})
	}
}

// What was read is what is replaced.
func TestControlIsReplacedAsRead(t *testing.T) {
	t.Parallel()
	l, s := newLedger("200 "+document("flexsweep-control", `{"paused":true}`), `200 {"revision":"8"}`)
	control, err := l.Control(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	control.Paused = false
	if err := l.SetControl(t.Context(), control); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(request{"POST " + docs + "/flexsweep-control", "7", url.Values{"Data": {`{"paused":false}`}}}, s.requests[1]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
