package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

const (
	documents = "POST sync.twilio.com/v1/Services/{ServiceSid}/Documents"
	service   = "ISaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

// newDocument is an exchange that is right.
func newDocument() faketwilio.Exchange {
	return faketwilio.Exchange{
		Product: "sync", Host: "sync.ie1.twilio.com", Method: "POST", Path: "/v1/Services/" + service + "/Documents",
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		Form:   url.Values{"UniqueName": {"one"}, "Data": {`{"n":1}`}, "Ttl": {"600"}},
		Route:  documents, Outcome: "answered", Status: 201,
		ResponseHeader: map[string]string{"Content-Type": "application/json;charset=utf-8"},
		Response: `{"sid":"ETaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","unique_name":"one","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",` +
			`"service_sid":"` + service + `","url":"https://sync.twilio.com/v1/Services/` + service + `/Documents/ETaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",` +
			`"links":{"permissions":"https://sync.twilio.com/x"},"revision":"0","data":{"n":1},"date_expires":null,` +
			`"date_created":"2026-01-05T08:00:00Z","date_updated":"2026-01-05T08:00:00Z","created_by":"system"}`,
	}
}

// refusal makes an exchange one that Twilio refuses.
func refusal(e *faketwilio.Exchange, status int, body string) { e.Status, e.Response = status, body }

// replace changes the text of the answer.
func replace(before, after string) func(*faketwilio.Exchange) {
	return func(e *faketwilio.Exchange) { e.Response = strings.Replace(e.Response, before, after, 1) }
}

// A check that lets everything pass would pass, too: each row breaks the right exchange in one way.
func TestCheck(t *testing.T) {
	t.Parallel()
	specs := specsOf(t, originals(t))
	answer := func(field string) []Finding { return []Finding{{Route: documents, Part: "response", Field: field}} }
	asked := func(field string) []Finding { return []Finding{{Route: documents, Part: "request", Field: field}} }
	wrong := func(field string) []Finding { return []Finding{{Route: documents, Part: "error", Field: field}} }
	const conflict = `{"code":54301,"message":"Unique name already exists","more_info":"https://www.twilio.com/docs/errors/54301","status":409}`
	tests := []struct {
		name   string
		change func(*faketwilio.Exchange)
		want   []Finding // without Problem
		reason string
	}{
		{"nothing", func(*faketwilio.Exchange) {}, nil, "what is right passes"},
		{"field left out", replace(`"created_by":"system"`, `"revision":"0"`), answer("created_by"), "the files list what Twilio sends"},
		{"field made up", replace(`"sid"`, `"colour":"red","sid"`), answer(""), "Twilio sends nothing else"},
		{"SID of another kind", replace("ETaaaa", "MPaaaa"), answer("sid"), "SIDs have patterns"},
		{"number for text", replace(`"revision":"0"`, `"revision":0`), answer("revision"), "a revision is text"},
		{"other time", replace("2026-01-05T08:00:00Z", "Mon, 05 Jan 2026 08:00:00 +0000"), answer("date_created"), "times are ISO 8601"},
		{"relative address", replace("https://sync.twilio.com/v1", "/v1"), answer("url"), "Twilio's addresses are whole"},
		{"other success", func(e *faketwilio.Exchange) { e.Status = 200 }, answer("status"), "clients branch on 201"},
		{"no JSON", func(e *faketwilio.Exchange) { e.ResponseHeader["Content-Type"] = "text/html" }, answer("status"), "clients look at it"},
		{"unknown form parameter", func(e *faketwilio.Exchange) { e.Form.Set("TTL", "1") }, asked("TTL"), "a typing error is silent at Twilio"},
		{"unknown query parameter", func(e *faketwilio.Exchange) { e.Query = "Ttl=1" }, asked("Ttl"), "it belongs into the form"},
		{"parameter of another type", func(e *faketwilio.Exchange) { e.Form.Set("Ttl", "soon") }, asked(""), "it is a number"},
		{"data that is no JSON", func(e *faketwilio.Exchange) { e.Form.Set("Data", "{") }, asked("Data"), "it is text, but JSON"},
		{"JSON for a form", func(e *faketwilio.Exchange) {
			e.Form, e.Body = nil, `{"UniqueName":"one"}`
			e.Header.Set("Content-Type", "application/json")
		}, asked(""), "Twilio takes forms"},
		{"wrong request, refused", func(e *faketwilio.Exchange) {
			e.Form.Set("Ttl", "soon")
			refusal(e, 400, strings.NewReplacer("54301", "54011", "409", "400").Replace(conflict))
		}, nil, "a test may ask for an error"},
		{"wrong request, accepted in part", func(e *faketwilio.Exchange) {
			e.Form.Set("TTL", "1")
			refusal(e, 409, conflict)
		}, asked("TTL"), "a conflict says nothing about the parameters"},
		{"error", func(e *faketwilio.Exchange) { refusal(e, 409, conflict) }, nil, "Twilio's errors have four fields"},
		{"error of another status", func(e *faketwilio.Exchange) { refusal(e, 404, conflict) }, wrong("status"), "the body repeats it"},
		{"error with no code", func(e *faketwilio.Exchange) { refusal(e, 409, strings.Replace(conflict, "54301", "0", 1)) }, wrong("code"),
			"clients branch on it"},
		{"error that is a page", func(e *faketwilio.Exchange) { refusal(e, 500, "<html>") }, wrong("body"), "it is JSON"},
		{"error that a fault made", func(e *faketwilio.Exchange) { refusal(e, 500, "<html>"); e.Fault = "1" }, nil, "a gateway answers as it likes"},
		{"path that Twilio has not", func(e *faketwilio.Exchange) { e.Path = "/v1/Papers" }, []Finding{{
			Route: "POST sync/v1/Papers", Part: "request", Field: "path",
		}}, "a fake must not invent operations"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := newDocument()
			test.change(&e)
			got := specs.Check(t.Context(), e)
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(Finding{}, "Problem")); diff != "" {
				t.Errorf("%s (-want +got):\n%s%v", test.reason, diff, got)
			}
		})
	}
}

func TestUnexplained(t *testing.T) {
	t.Parallel()
	status := Finding{Route: "GET a", Part: "response", Field: "status", Problem: "x"}
	field := Finding{Route: "GET a", Part: "response", Field: "rows.[].sid", Problem: "y"}
	row := known{Route: "GET a", Part: "response", Field: "status"}
	other := known{Route: "GET b", Part: "response", Field: "status"}
	left, unused := unexplained([]Finding{status, field}, []known{row, other})
	if diff := cmp.Diff([]Finding{field}, left); diff != "" {
		t.Errorf("what no row explains (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]known{other}, unused); diff != "" {
		t.Errorf("rows that explain nothing (-want +got):\n%s", diff)
	}
}

// Every known deviation says why and from where it is known.
func TestKnownDeviationsAreFounded(t *testing.T) {
	t.Parallel()
	for _, row := range knownDeviations {
		if row.Why == "" || row.Source == "" {
			t.Errorf("the known deviation of %s, %s %q has no reason or no source", row.Route, row.Part, row.Field)
		}
	}
}
