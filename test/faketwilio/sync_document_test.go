package faketwilio

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ledger makes a Sync service and returns the address of its documents.
func ledger(t *testing.T, options Options) (*client, *Server, string) {
	t.Helper()
	c, s := newClient(t, options)
	return c, s, "sync.twilio.com/v1/Services/" + s.NewSyncService("ledger") + "/Documents"
}

func TestCreateDocument(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		form         []string
		status, code int
	}{
		{"nothing", "no parameter is required", nil, 201, 0},
		{"named", "an ordinary document", []string{"UniqueName", "a", "Data", `{"x":1}`, "Ttl", "60"}, 201, 0},
		{"empty name", "a name has 1 to 256 characters", []string{"UniqueName", ""}, 400, 54302},
		{"name of 256", "the longest name", []string{"UniqueName", strings.Repeat("n", 256)}, 201, 0},
		{"name of 257", "one too many", []string{"UniqueName", strings.Repeat("n", 257)}, 400, 54302},
		{"SID as a name", "a bare SID is no unique name", []string{"UniqueName", "CH" + strings.Repeat("a", 32)}, 400, 54302},
		{"SID with a prefix", "with a prefix it is", []string{"UniqueName", "p-CH" + strings.Repeat("a", 32)}, 201, 0},
		{"largest data", "16 KiB of JSON", []string{"Data", `"` + strings.Repeat("x", 16<<10-2) + `"`}, 201, 0},
		{"too much data", "one byte more", []string{"Data", `"` + strings.Repeat("x", 16<<10-1) + `"`}, 413, 54006},
		{"no JSON", "data are JSON", []string{"Data", "{"}, 400, 20001},
		{"longest life", "a year", []string{"Ttl", "31536000"}, 201, 0},
		{"too long a life", "a year and a second", []string{"Ttl", "31536001"}, 400, 54011},
		{"negative life", "below zero", []string{"Ttl", "-1"}, 400, 54011},
		{"no number", "text", []string{"Ttl", "soon"}, 400, 54011},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, documents := ledger(t, Options{})
			c.post(documents, test.form...).want(t, test.status, test.code, test.reason)
		})
	}
}

func TestDocumentBody(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	got := c.post(documents, "UniqueName", "a", "Data", `{"n":12345678901234567890,"html":"<&>"}`, "Ttl", "3600")
	service := strings.Split(documents, "/")[3]
	sid := got.text("sid")
	url := "https://" + documents + "/" + sid
	want := fmt.Sprintf(`{"sid":%q,"unique_name":"a","account_sid":%q,"service_sid":%q,"url":%q,"links":{"permissions":%q},`+
		`"revision":"0","data":{"n":12345678901234567890,"html":"<&>"},"date_expires":"2026-01-05T09:00:00Z",`+
		`"date_created":"2026-01-05T08:00:00Z","date_updated":"2026-01-05T08:00:00Z","created_by":"system"}`,
		sid, s.Credentials().AccountSID, service, url, url+"/Permissions")
	if diff := cmp.Diff(want, got.raw); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if etag := got.header.Get("ETag"); etag != `"0"` {
		t.Errorf("ETag = %s, want the first revision in quotation marks", etag)
	}
	byName, bySID := c.get(documents+"/a"), c.get(documents+"/"+sid)
	if byName.raw != got.raw || bySID.raw != got.raw {
		t.Errorf("a document is the same by SID and by name:\n%s\n%s\n%s", got.raw, byName.raw, bySID.raw)
	}
}

func TestDuplicateName(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	c.post(documents, "UniqueName", "a", "Ttl", "60").want(t, 201, 0, "new")
	c.post(documents, "UniqueName", "a").want(t, 409, 54301, "the name is taken")
	s.Clock().Advance(time.Minute)
	c.post(documents, "UniqueName", "a").want(t, 201, 0, "the holder has expired")
	c.delete(documents+"/a").want(t, 204, 0, "deleted")
	c.post(documents, "UniqueName", "a").want(t, 201, 0, "a deleted document frees its name")
}

func TestUpdateDocument(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason string
		form         []string
		ifMatch      string
		status, code int
	}{
		{"last write wins", "without If-Match there is no check", []string{"Data", "{}"}, "", 200, 0},
		{"right revision", "bare, as the SDKs send it", []string{"Data", "{}"}, "1", 200, 0},
		{"right ETag", "quoted, as HTTP has it", []string{"Data", "{}"}, `"1"`, 200, 0},
		{"weak ETag", "a proxy may have weakened it", []string{"Data", "{}"}, `W/"1"`, 200, 0},
		{"any", "a star matches", []string{"Data", "{}"}, "*", 200, 0},
		{"old revision", "somebody else wrote", []string{"Data", "{}"}, "0", 412, 54103},
		{"no revision", "an empty header is invalid", []string{"Data", "{}"}, `""`, 400, 54003},
		{"two revisions", "a list is invalid", []string{"Data", "{}"}, "1, 2", 400, 54003},
		{"nothing", "an update needs Data or Ttl", nil, "", 400, 54010},
		{"a name", "a document cannot be renamed", []string{"UniqueName", "b"}, "", 400, 54010},
		{"life only", "Ttl alone is an update", []string{"Ttl", "60"}, "1", 200, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, documents := ledger(t, Options{})
			c.post(documents, "UniqueName", "a")
			c.post(documents+"/a", "Data", `{"v":1}`)
			var headers []string
			if test.ifMatch != "" {
				headers = []string{"If-Match: " + test.ifMatch}
			}
			got := c.do("POST", documents+"/a", test.form, headers...)
			got.want(t, test.status, test.code, test.reason)
			want := "1"
			if test.status == 200 {
				want = "2"
			}
			if revision := c.get(documents + "/a").text("revision"); revision != want {
				t.Errorf("revision %s afterwards, want %s: %s", revision, want, test.reason)
			}
		})
	}
}

func TestDeleteDocumentIsUnconditional(t *testing.T) {
	t.Parallel()
	c, _, documents := ledger(t, Options{})
	c.post(documents, "UniqueName", "a")
	c.do("DELETE", documents+"/a", nil, "If-Match: 99").want(t, 204, 0, "Twilio has no conditional delete of a document")
	c.delete(documents+"/a").want(t, 404, 54100, "gone")
}

func TestDocumentExpiry(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{ExpiryLag: 10 * time.Second})
	c.post(documents, "UniqueName", "a", "Ttl", "60")
	s.Clock().Advance(30 * time.Second)
	got := c.post(documents+"/a", "Data", `{"v":1}`)
	if expires := got.text("date_expires"); expires != "2026-01-05T08:01:00Z" {
		t.Errorf("expires %s after an update of the data, want the same time: a life does not advance by itself", expires)
	}
	s.Clock().Advance(39 * time.Second)
	c.get(documents+"/a").want(t, 200, 0, "expired objects are collected late")
	s.Clock().Advance(time.Second)
	c.get(documents+"/a").want(t, 404, 54100, "collected")
	if names, _ := c.walk(documents, "documents", "unique_name"); len(names) != 0 {
		t.Errorf("listed %v, want nothing", names)
	}
	c.post(documents, "UniqueName", "b", "Ttl", "60")
	c.post(documents+"/b", "Ttl", "0")
	s.Clock().Advance(time.Hour)
	c.get(documents+"/b").want(t, 200, 0, "a life of 0 is for ever")
}

func TestDocumentPages(t *testing.T) {
	t.Parallel()
	c, _, documents := ledger(t, Options{})
	var want []string
	for i := range 25 {
		want = append(want, fmt.Sprintf("d%02d", i))
		c.post(documents, "UniqueName", want[i])
	}
	got, pages := c.walk(documents+"?PageSize=10", "documents", "unique_name")
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("walked in %d pages, want 3 (-want +got):\n%s", pages, diff)
	}

	first := c.get(documents + "?PageSize=10")
	second := c.get(strings.TrimPrefix(first.text("meta.next_page_url"), "https://"))
	back := c.get(strings.TrimPrefix(second.text("meta.previous_page_url"), "https://"))
	if names := back.rows("documents"); len(names) != 10 || names[0]["unique_name"] != "d00" {
		t.Errorf("the page before the second is the first, got %v", names)
	}

	// The place of a page holds while documents come and go: what was there all along is seen exactly once.
	c.delete(documents + "/d09")
	c.delete(documents + "/d15")
	c.post(documents, "UniqueName", "late")
	rest, _ := c.walk(first.text("meta.next_page_url"), "documents", "unique_name")
	want = append(slices.DeleteFunc(want[10:], func(name string) bool { return name == "d15" }), "late")
	if diff := cmp.Diff(want, rest); diff != "" {
		t.Errorf("rest of a list that changes while it is walked (-want +got):\n%s", diff)
	}
}

func TestPageParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, reason, query string
		status              int
	}{
		{"largest", "Sync has pages of up to 100", "PageSize=100", 200},
		{"too large", "101 is refused", "PageSize=101", 400},
		{"none", "0 is refused", "PageSize=0", 400},
		{"text", "no number", "PageSize=x", 400},
		{"own page", "a page number without a token leads to the first page", "Page=7", 200},
		{"foreign token", "tokens are opaque", "PageToken=x", 400},
		{"damaged token", "tokens are opaque", "PageToken=PN!!", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _, documents := ledger(t, Options{})
			c.get(documents+"?"+test.query).want(t, test.status, 0, test.reason)
		})
	}
}

func TestSyncServices(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t, Options{})
	services := "sync.twilio.com/v1/Services"
	made := c.post(services, "FriendlyName", "one", "AclEnabled", "true", "ReachabilityDebouncingWindow", "7000")
	made.want(t, 201, 0, "created")
	one := services + "/" + made.text("sid")
	c.post(one, "FriendlyName", "two").want(t, 200, 0, "updated")
	got := c.get(one)
	if got.text("friendly_name") != "two" || got.body["acl_enabled"] != true || got.body["reachability_debouncing_window"] != 7000.0 {
		t.Errorf("an update keeps what it does not name: %s", got.raw)
	}
	c.post(one, "AclEnabled", "perhaps").want(t, 400, 20001, "not a boolean")
	if got := c.get(services + "/default"); got.text("sid") != made.text("sid") {
		t.Errorf("default is the first service, got %s", got.raw)
	}
	c.get(services+"/ISnone/Documents").want(t, 404, 54050, "no such service")
	c.delete(one).want(t, 204, 0, "deleted")
	c.get(one).want(t, 404, 54050, "gone")
}

func TestUnverifiedSync(t *testing.T) {
	t.Parallel()
	c, _, documents := ledger(t, Options{Unverified: Unverified{GenericNotFound: true, GenericPrecondition: true, BareETag: true}})
	got := c.post(documents, "UniqueName", "a")
	if got.header.Get("ETag") != "0" {
		t.Errorf("ETag = %s, want it bare", got.header.Get("ETag"))
	}
	c.get(documents+"/b").want(t, 404, 20404, "the generic code")
	c.do("POST", documents+"/a", []string{"Data", "{}"}, "If-Match: 5").want(t, 412, 20412, "the generic code")
}

func TestSyncLimits(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{Limits: Limits{SyncWrites: true, SyncCreations: true}})
	large := `"` + strings.Repeat("x", 10<<10) + `"`
	c.post(documents, "UniqueName", "small")
	c.post(documents, "UniqueName", "large", "Data", large)
	writes := func(name, data string) (accepted int) {
		for range 1000 {
			if got := c.post(documents+"/"+name, "Data", data); got.status != 200 {
				got.want(t, 429, 54009, "over the limit")
				break
			}
			accepted++
		}
		return accepted
	}
	if n := writes("small", "{}"); n != 200 {
		t.Errorf("%d writes at once, want 20 a second over a window of 10 s", n)
	}
	if n := writes("large", large); n != 20 {
		t.Errorf("%d large writes at once, want 2 a second over a window of 10 s", n)
	}
	s.Clock().Advance(time.Second)
	if n := writes("small", "{}"); n != 20 {
		t.Errorf("%d writes a second later, want 20", n)
	}
	created := 0
	for c.post(documents).status == 201 {
		created++
	}
	if created != 200 {
		t.Errorf("%d creations, want 200: the 2 from before have been earned back in a second", created)
	}
}

func TestConcurrentWriters(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	c.post(documents, "UniqueName", "counter")
	const writers, writes = 8, 25
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for done := 0; done < writes; {
				revision := c.get(documents + "/counter").text("revision")
				got := c.do("POST", documents+"/counter", []string{"Data", "{}"}, "If-Match: "+revision)
				if got.status == 200 {
					done++
				}
			}
		})
	}
	group.Wait()
	got, _ := s.Document(strings.Split(documents, "/")[3], "counter")
	if want := strconv.FormatInt(writers*writes, 16); got.Revision != want {
		t.Errorf("revision %s after %d conditional writes, want %s: two writers won with one revision", got.Revision, writers*writes, want)
	}
}
