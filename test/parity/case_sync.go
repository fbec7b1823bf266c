package main

import (
	"net/http"
	"strconv"
	"time"
)

const syncServices = "sync.twilio.com/v1/Services"

var syncCases = []parityCase{
	{name: "sync-service", about: "a Sync service's life; the code of one that is gone", play: playSyncService},
	{name: "sync-document", about: "create, taken names, If-Match hit, miss and nonsense, ETag, and the codes of what is refused", play: playDocument},
	{name: "sync-ttl", about: "a TTL that is set, kept by an update, cleared with 0", play: playTTL},
	{name: "sync-expiry", about: "whether a list shows what has expired", slow: true, play: playExpiry},
	{name: "sync-pages", about: "order of a list, page sizes 100 and 101, the form of pages' addresses", play: playPages},
	{name: "sync-page-token", about: "a page token that is used an hour later", slow: true, play: playPageToken},
}

// ledger makes a Sync service and returns where its documents are.
func (r *run) ledger() string {
	return syncServices + "/" + r.make("service", syncServices, "FriendlyName", r.name("ledger")) + "/Documents"
}

func playSyncService(r *run) {
	sid := r.make("create", syncServices, "FriendlyName", r.name("ledger"), "AclEnabled", "true")
	r.call("fetch", http.MethodGet, syncServices+"/"+sid, nil)
	r.call("list", http.MethodGet, syncServices+"?PageSize=100", nil)
	r.call("delete", http.MethodDelete, syncServices+"/"+sid, nil)
	gone := r.call("fetch gone", http.MethodGet, syncServices+"/"+sid, nil)
	r.must(gone.status == http.StatusNotFound, "a service that was deleted is answered 404")
	r.call("list of gone", http.MethodGet, syncServices+"/"+sid+"/Documents", nil)
}

func playDocument(r *run) {
	documents := r.ledger()
	name := r.name("document")
	made := r.call("create", http.MethodPost, documents, []string{"UniqueName", name, "Data", `{"text":"` + r.value("one") + `","list":[1,null]}`})
	sid := r.sid(made)
	taken := r.call("create again", http.MethodPost, documents, []string{"UniqueName", name})
	r.must(taken.status == http.StatusConflict && field(taken.body, "code") == 54301.0, "a name that is taken is answered 409/54301")
	r.call("fetch by name", http.MethodGet, documents+"/"+name, nil)
	r.call("fetch by SID", http.MethodGet, documents+"/"+sid, nil)
	revision, _ := field(made.body, "revision").(string)
	hit := r.call("update if match", http.MethodPost, documents+"/"+name, []string{"Data", `{"n":2}`}, "If-Match: "+revision)
	r.must(hit.status == http.StatusOK, "the revision of the answer fits If-Match")
	miss := r.call("update if stale", http.MethodPost, documents+"/"+name, []string{"Data", `{"n":3}`}, "If-Match: "+revision)
	r.must(miss.status == http.StatusPreconditionFailed, "another revision is answered 412")
	r.call("update if nonsense", http.MethodPost, documents+"/"+name, []string{"Data", `{"n":3}`}, `If-Match: "a", "b"`)
	r.call("update nothing", http.MethodPost, documents+"/"+name, nil)
	r.call("name like a SID", http.MethodPost, documents, []string{"UniqueName", "CH00000000000000000000000000000000"})
	r.call("no JSON", http.MethodPost, documents, []string{"Data", "{"})
	r.call("too large", http.MethodPost, documents, []string{"Data", strconv.Quote(long(16 << 10))})
	r.call("delete", http.MethodDelete, documents+"/"+sid, nil)
	r.call("fetch gone", http.MethodGet, documents+"/"+name, nil)
	r.call("delete again", http.MethodDelete, documents+"/"+name, nil)
	again := r.call("create after delete", http.MethodPost, documents, []string{"UniqueName", name})
	r.must(again.status == http.StatusCreated, "the name of a deleted document is free")
}

// long is a text of n letters.
func long(n int) string {
	letters := make([]byte, n)
	for i := range letters {
		letters[i] = 'x'
	}
	return string(letters)
}

func playTTL(r *run) {
	documents := r.ledger()
	document := documents + "/" + r.name("document")
	r.call("create", http.MethodPost, documents, []string{"UniqueName", r.name("document"), "Ttl", "3600"})
	kept := r.call("update data", http.MethodPost, document, []string{"Data", "1"})
	r.must(field(kept.body, "date_expires") != nil, "an update leaves the expiry as it was")
	cleared := r.call("clear", http.MethodPost, document, []string{"Ttl", "0"})
	r.must(field(cleared.body, "date_expires") == nil, "TTL 0 ends a document's expiry")
	r.call("set again", http.MethodPost, document, []string{"Ttl", "7200", "Data", "2"})
	r.call("a year", http.MethodPost, document, []string{"Ttl", "31536000"})
	r.call("more than a year", http.MethodPost, document, []string{"Ttl", "31536001"})
	r.call("negative", http.MethodPost, document, []string{"Ttl", "-1"})
}

func playExpiry(r *run) {
	documents := r.ledger()
	r.call("create", http.MethodPost, documents, []string{"UniqueName", r.name("short"), "Ttl", "60"})
	r.call("create another", http.MethodPost, documents, []string{"UniqueName", r.name("long")})
	r.wait(time.Hour)
	r.call("list", http.MethodGet, documents, nil)
	r.call("fetch", http.MethodGet, documents+"/"+r.name("short"), nil)
}

func playPages(r *run) {
	documents := r.ledger()
	for _, label := range []string{"c", "a", "b"} { // neither alphabetic nor the reverse
		r.call("create "+label, http.MethodPost, documents, []string{"UniqueName", r.name(label)})
	}
	r.call("all", http.MethodGet, documents, nil)
	first := r.call("first page", http.MethodGet, documents+"?PageSize=1", nil)
	second := r.follow("second page", first, "next_page_url")
	r.follow("third page", second, "next_page_url")
	r.follow("back", second, "previous_page_url")
	r.call("page of 100", http.MethodGet, documents+"?PageSize=100", nil)
	r.call("page of 101", http.MethodGet, documents+"?PageSize=101", nil)
	r.call("no token", http.MethodGet, documents+"?PageSize=1&Page=1&PageToken=nonsense", nil)
}

// follow gets the page that another one names.
func (r *run) follow(step string, page answer, which string) answer {
	address, _ := field(field(page.body, "meta"), which).(string)
	if len(address) < len("https://") {
		r.must(false, step+": the page names no "+which)
		return page
	}
	return r.call(step, http.MethodGet, address[len("https://"):], nil)
}

func playPageToken(r *run) {
	documents := r.ledger()
	r.call("create a", http.MethodPost, documents, []string{"UniqueName", r.name("a")})
	r.call("create b", http.MethodPost, documents, []string{"UniqueName", r.name("b")})
	first := r.call("first page", http.MethodGet, documents+"?PageSize=1", nil)
	r.wait(time.Hour + time.Minute)
	r.follow("second page, an hour later", first, "next_page_url")
}
