package faketwilio

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// One document through its life, found by either of its names, and a second one of the same name after it.
func TestDocumentLife(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	made := c.post(documents, "UniqueName", "a", "Data", "1", "Ttl", "3600")
	if made.text("date_created") != made.text("date_updated") || made.text("revision") != "0" {
		t.Errorf("new: %s", made.raw)
	}
	s.Clock().Advance(time.Minute)
	changed := c.post(documents+"/"+made.text("sid"), "Data", "2")
	if changed.text("date_updated") != "2026-01-05T08:01:00Z" || changed.text("date_created") != "2026-01-05T08:00:00Z" ||
		changed.text("revision") != "1" || changed.text("date_expires") != "2026-01-05T09:00:00Z" {
		t.Errorf("changed, which does not move its end: %s", changed.raw)
	}
	if got := c.get(documents + "/a"); got.raw != changed.raw {
		t.Errorf("by name %s, by SID %s", got.raw, changed.raw)
	}
	if got := c.post(documents+"/a", "Ttl", "0"); got.body["date_expires"] != nil || got.text("revision") != "2" {
		t.Errorf("TTL 0 ends the end: %s", got.raw)
	}
	c.delete(documents+"/a").want(t, 204, 0, "deleted")
	if again := c.post(documents, "UniqueName", "a"); again.text("revision") != "0" || again.text("sid") == made.text("sid") {
		t.Errorf("a new document begins anew, whatever its name: %s", again.raw)
	}
}

func TestUnverifiedSyncLife(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{Unverified: Unverified{
		KeepExpiry: true, PageTokenLife: time.Hour, PageTokenStatus: http.StatusNotFound}})
	c.post(documents, "UniqueName", "a", "Ttl", "86400")
	c.post(documents, "UniqueName", "b")
	if got := c.post(documents+"/a", "Ttl", "0"); got.text("date_expires") != "2026-01-06T08:00:00Z" {
		t.Errorf("TTL 0 leaves the end as it was: %s", got.raw)
	}
	next := strings.TrimPrefix(c.get(documents+"?PageSize=1").text("meta.next_page_url"), "https://")
	if !strings.Contains(next, "&PageToken=PTeyJ") {
		t.Errorf("next page %s, want a token as seen in public logs", next)
	}
	s.Clock().Advance(time.Hour)
	c.get(next).want(t, 200, 0, "an hour is not over")
	s.Clock().Advance(time.Second)
	c.get(next).want(t, 404, 20001, "the token has had its time")
	c.get(strings.Replace(next, "PageToken=PT", "PageToken=PX", 1)).want(t, 400, 20001, "no token at all")
}

// Who asks learns the fake's time from any answer, also from a fault's.
func TestAnswersCarryTheTime(t *testing.T) {
	t.Parallel()
	c, s, documents := ledger(t, Options{})
	s.Clock().Advance(time.Hour)
	s.Faults().Add(Fault{Nth: 3, Status: 503})
	for _, path := range []string{documents, documents + "/none", documents} {
		if got := c.get(path); got.header.Get("Date") != "Mon, 05 Jan 2026 09:00:00 GMT" {
			t.Errorf("%d is dated %q", got.status, got.header.Get("Date"))
		}
	}
}
