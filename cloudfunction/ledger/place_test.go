package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
)

// The credentials go where a place points, and it is read from a document.
func TestReadPageTakesItsOwnPlacesOnly(t *testing.T) {
	t.Parallel()
	const path = "/v1/Services/" + service + "/Documents"
	for name, row := range map[string]struct {
		reason string
		place  ledger.Place
		taken  bool
	}{
		"the front":         {"where a pass begins", "", true},
		"its own":           {"Twilio gave it", docs + "?PageSize=100&Page=1&PageToken=DTx", true},
		"of a region":       {"TWILIO_REGION moves the host", "https://sync.us1.twilio.com" + path + "?Page=1", true},
		"of an edge":        {"so does TWILIO_EDGE", "https://sync.dublin.ie1.twilio.com" + path + "?Page=1", true},
		"another host":      {"it would be given the credentials", "https://sync.example.com" + path, false},
		"a host like ours":  {"anyone can have such a name", "https://sync.twilio.com.example.com" + path, false},
		"a host like ours2": {"anyone can have such a name", "https://sync.eviltwilio.com" + path, false},
		"another product":   {"its documents are others", "https://api.twilio.com" + path, false},
		"another service":   {"its records are another environment's", "https://sync.twilio.com/v1/Services/IS00000000000000000000000000000002/Documents", false},
		"another path":      {"that is no page of documents", docs + "/ET1", false},
		"a path around":     {"that is no page of documents", docs + "/../Documents", false},
		"not encrypted":     {"the credentials could be read", ledger.Place(strings.Replace(docs, "https", "http", 1)), false},
		"another port":      {"Twilio has none", "https://sync.twilio.com:8443" + path, false},
		"other credentials": {"they would be sent instead of ours", "https://a:b@sync.twilio.com" + path, false},
		"no URL":            {"nothing can be read there", "https://sync.twilio.com%zz" + path, false},
		"relative":          {"nothing can be read there", ledger.Place(path), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, s := newLedger(page("", numbered(1)))
			got, err := l.ReadPage(t.Context(), row.place, now)
			if !row.taken {
				if !errors.Is(err, ledger.ErrPlace) || len(s.requests) != 0 {
					t.Errorf("%s: %v, asked %v", row.reason, err, s.requests)
				}
				return
			}
			want := string(row.place)
			if want == "" {
				want = docs + "?PageSize=100"
			}
			if d := cmp.Diff([]string{"GET " + want}, lines(s.requests)); d != "" || err != nil || len(got.Entries) != 1 {
				t.Errorf("%s: %v, %+v (-want +got):\n%s", row.reason, err, got, d)
			}
		})
	}
}

// Twilio's tokens do not last for ever: whoever meets that begins at the front.
func TestReadPageAtAPlaceThatIsNoMore(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		place  ledger.Place
		status int
		gone   bool
	}{
		"a bad request":             {"the token is not known any more", docs + "?Page=1", 400, true},
		"not found":                 {"the token is not known any more", docs + "?Page=1", 404, true},
		"not allowed":               {"beginning anew would not help", docs + "?Page=1", 401, false},
		"too many":                  {"it is there, later", docs + "?Page=1", 429, false},
		"down":                      {"it is there, later", docs + "?Page=1", 500, false},
		"a bad request, the front":  {"there is nowhere to begin anew", "", 400, false},
		"the front is not found":    {"the service is not there", "", 404, false},
		"a conflict, whatever that": {"it says nothing of the place", docs + "?Page=1", 409, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLedger(refusal(row.status, 20001))
			_, err := l.ReadPage(t.Context(), row.place, now)
			contains(t, row.reason, err, "code 20001")
			if errors.Is(err, ledger.ErrPlace) != row.gone {
				t.Errorf("%s: %v", row.reason, err)
			}
		})
	}
}

func TestReadPageSaysWhereItGoesOn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		meta   string
		want   ledger.Place
	}{
		"an address": {"verbatim, since its token is opaque", `{"next_page_url":"` + docs + `?PageToken=DT%2Bx%3D%3D~1&z"}`, docs + "?PageToken=DT%2Bx%3D%3D~1&z"},
		"null":       {"the end", `{"next_page_url":null}`, ""},
		"empty":      {"the end", `{"next_page_url":""}`, ""},
		"nothing":    {"the end", `{}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLedger(`200 {"documents":[` + numbered(1) + `],"meta":` + row.meta + `}`)
			got, err := l.ReadPage(t.Context(), "", now)
			if err != nil || got.Next != row.want || len(got.Entries) != 1 {
				t.Errorf("%s: %v, %+v", row.reason, err, got)
			}
		})
	}
}

// Whatever stands in one document costs that one: a number that Go cannot hold, too.
func TestReadPageLosesOneDocumentOnly(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a number beyond float64": `{"version":2,"sid":"` + ch + `","backend":"chat","tasks":{},"status":"tracking","claim":{"run":"r","time":1e999}}`,
		"a number, unread":        `{"version":1e999}`,
		"nothing but a number":    `1e999`,
		"deeply nested":           strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"another channel's":       `{"version":2,"sid":"CH00000000000000000000000000000002","backend":"chat","tasks":{},"status":"tracking"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := newLedger(page("", numbered(2), document("flexsweep-"+ch, data), numbered(3)))
			got, err := l.ReadPage(t.Context(), "", now)
			if err != nil || len(got.Entries) != 2 || len(got.Faulty) != 1 {
				t.Fatalf("%v, %+v", err, got)
			}
			if f := got.Faulty[0]; f.Document != et || f.Err == nil || strings.Contains(f.Err.Error(), "999") {
				t.Errorf("the fault is said as %+v", f)
			}
		})
	}
}
