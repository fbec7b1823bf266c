package faketwilio

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMapItemsInOrder(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	maps := "sync.twilio.com/v1/Services/" + s.NewSyncService("x") + "/Maps"
	c.post(maps, "UniqueName", "m").want(t, 201, 0, "created")
	items := maps + "/m/Items"
	for _, key := range []string{"d", "a", "c", "e", "b"} {
		c.post(items, "Key", key, "Data", `{"k":"`+key+`"}`).want(t, 201, 0, "created")
	}
	tests := []struct {
		name, reason, query string
		want                []string
	}{
		{"all", "ascending by key, whatever the order of creation", "?PageSize=2", []string{"a", "b", "c", "d", "e"}},
		{"descending", "Order=desc", "?PageSize=2&Order=desc", []string{"e", "d", "c", "b", "a"}},
		{"from", "From is inclusive", "?PageSize=2&From=c", []string{"c", "d", "e"}},
		{"after", "unless Bounds says exclusive", "?PageSize=2&From=c&Bounds=exclusive", []string{"d", "e"}},
		{"from down", "From in descending order", "?PageSize=2&From=c&Order=desc", []string{"c", "b", "a"}},
		{"after down", "exclusive in descending order", "?PageSize=2&From=c&Order=desc&Bounds=exclusive", []string{"b", "a"}},
		{"from a gap", "From need not exist", "?PageSize=2&From=bb", []string{"c", "d", "e"}},
		{"down from a gap", "From need not exist", "?PageSize=2&From=bb&Order=desc", []string{"b", "a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inner := &client{t, s}
			got, _ := inner.walk(items+test.query, "items", "key")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.reason, diff)
			}
		})
	}
}

func TestMapItemRules(t *testing.T) {
	t.Parallel()
	c, s := newClient(t, Options{})
	maps := "sync.twilio.com/v1/Services/" + s.NewSyncService("x") + "/Maps"
	c.post(maps, "UniqueName", "m", "CollectionTtl", "7200")
	items := maps + "/m/Items"
	c.post(items, "Data", "{}").want(t, 400, 20001, "Key is required")
	c.post(items, "Key", "a").want(t, 400, 20001, "Data is required")
	c.post(items, "Key", "a/b c", "Data", "1", "ItemTtl", "60", "Ttl", "600").want(t, 201, 0, "any key will do")
	c.post(items, "Key", "a/b c", "Data", "2").want(t, 409, 54208, "the key is taken")
	item := items + "/a%2Fb%20c"
	if got := c.get(item); got.text("date_expires") != "2026-01-05T08:01:00Z" || got.text("key") != "a/b c" {
		t.Errorf("ItemTtl comes before its alias Ttl: %s", got.raw)
	}
	c.post(item, "CollectionTtl", "60").want(t, 400, 54010, "CollectionTtl alone is no update")
	c.do("POST", item, []string{"Data", "3"}, "If-Match: 4").want(t, 412, 54205, "another revision")
	c.do("POST", item, []string{"Data", "3"}, "If-Match: 0").want(t, 200, 0, "this revision")
	c.do("DELETE", item, nil, "If-Match: 0").want(t, 412, 54205, "an item's delete is conditional")
	c.do("DELETE", item, nil, "If-Match: 1").want(t, 204, 0, "this revision")
	c.get(item).want(t, 404, 54201, "gone")
	c.post(items, "Key", "b", "Data", "1", "Ttl", "60")
	s.Clock().Advance(time.Minute)
	c.get(items+"/b").want(t, 404, 54201, "expired")
	c.post(maps+"/m").want(t, 400, 54010, "an update of a map needs a life")
	s.Clock().Advance(2 * time.Hour)
	c.get(maps+"/m").want(t, 404, 54200, "a map expires as a whole")
	if sids, _ := c.walk(maps, "maps", "sid"); slices.Contains(sids, "m") || len(sids) != 0 {
		t.Errorf("maps %v, want none", sids)
	}
}
