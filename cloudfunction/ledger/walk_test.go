package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

var now = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// page is one page of documents; next is the URL of the next one, or "".
func page(next string, documents ...string) string {
	meta := `{"key":"documents","next_page_url":null}`
	if next != "" {
		meta = fmt.Sprintf(`{"key":"documents","next_page_url":%q}`, next)
	}
	return `200 {"documents":[` + strings.Join(documents, ",") + `],"meta":` + meta + `}`
}

func numbered(n int) string {
	sid := fmt.Sprintf("CH%032x", n)
	return document("flexsweep-"+sid, fmt.Sprintf(`{"version":2,"sid":%q,"backend":"chat","tasks":{},"status":"tracking"}`, sid))
}

// walk returns the numbers of the records seen, page by page, and the faulty documents.
func walk(t *testing.T, l *ledger.Ledger) (pages [][]string, faulty []string, err error) {
	t.Helper()
	err = l.Walk(t.Context(), now, func(p ledger.Page) error {
		var seen []string
		for _, e := range p.Entries {
			seen = append(seen, strings.TrimLeft(e.Record.SID, "CH0"))
		}
		for _, f := range p.Faulty {
			faulty = append(faulty, f.Document)
		}
		pages = append(pages, seen)
		return nil
	})
	return pages, faulty, err
}

func TestWalkFollowsTheGivenURL(t *testing.T) {
	t.Parallel()
	// Order and escapes are Twilio's business: a rebuilt URL would differ.
	second := docs + "?PageToken=DT%2Bx%3D%3D~1&Page=1&PageSize=100&z"
	third := "https://sync.us1.twilio.com/v1/Services/" + service + "/Documents?a=%20b"
	l, s := newLedger(page(second, numbered(1), numbered(2)), page(third), page("", numbered(3)))
	pages, faulty, err := walk(t, l)
	if d := cmp.Diff([][]string{{"1", "2"}, nil, {"3"}}, pages); d != "" || faulty != nil || err != nil {
		t.Errorf("%v, faulty %v (-want +got):\n%s", err, faulty, d)
	}
	if d := cmp.Diff([]string{"GET " + docs + "?PageSize=100", "GET " + second, "GET " + third}, lines(s.requests)); d != "" {
		t.Errorf("the requests (-want +got):\n%s", d)
	}
}

func TestWalkLeavesOut(t *testing.T) {
	t.Parallel()
	expiring := func(at string) string {
		return strings.Replace(numbered(1), `"date_expires":null`, `"date_expires":"`+at+`"`, 1)
	}
	for name, row := range map[string]struct {
		reason   string
		document string
		seen     bool
		faulty   bool
	}{
		"a record":              {"it is one", numbered(1), true, false},
		"the control document":  {"it is ours, but no record", document("flexsweep-control", `{"paused":true}`), false, false},
		"another's document":    {"the service may be shared", document("other", `{}`), false, false},
		"another prefix":        {"two environments may share a service", document("flexsweep-dev-"+ch, `{}`), false, false},
		"a document of no name": {"nothing says that it is ours", `{"sid":"` + et + `","unique_name":null,"revision":"1","data":{}}`, false, false},
		"expired":               {"Sync collects late", expiring("2026-03-01T11:59:59Z"), false, false},
		"expiring now":          {"the moment itself is over", expiring("2026-03-01T12:00:00Z"), false, false},
		"expiring soon":         {"it still counts", expiring("2026-03-01T12:00:01Z"), true, false},
		"unreadable":            {"it has a record's name, so somebody must look at it", document("flexsweep-"+ch, `"x"`), false, true},
		"of a newer schema":     {"nothing may be done about it", document("flexsweep-"+ch, `{"version":9,"sid":"`+ch+`"}`), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLedger(page("", row.document, numbered(2)))
			pages, faulty, err := walk(t, l)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"2"}
			if row.seen {
				want = []string{"1", "2"}
			}
			if d := cmp.Diff([][]string{want}, pages); d != "" || (len(faulty) == 1) != row.faulty {
				t.Errorf("%s: faulty %v (-want +got):\n%s", row.reason, faulty, d)
			}
		})
	}
}

func TestWalkEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason   string
		answers  []string
		visit    error
		requests int
		err      string
	}{
		"first page":   {"nothing is known", []string{refusal(500, 20500)}, nil, 1, "list records: HTTP 500, code 20500"},
		"second page":  {"the rest is not known", []string{page(docs+"?Page=1", numbered(1)), refusal(429, 20429)}, nil, 2, "list records: HTTP 429, code 20429"},
		"a torn page":  {"half a page is none", []string{page(docs+"?Page=1", numbered(1)), `200 {"documents":[`}, nil, 2, "list records: read the answer"},
		"the visitor":  {"it has seen enough", []string{page(docs+"?Page=1", numbered(1))}, errors.New("enough"), 1, "enough"},
		"no next page": {"the end", []string{page("", numbered(1))}, nil, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(row.answers...)
			err := l.Walk(t.Context(), now, func(ledger.Page) error { return row.visit })
			contains(t, row.reason, err, row.err)
			if len(s.requests) != row.requests {
				t.Errorf("%s: %d requests, want %d", row.reason, len(s.requests), row.requests)
			}
		})
	}
}
