package faketwilio

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// mapItem is one item of a Sync Map. It has no SID: its key is its name.
type mapItem struct {
	syncValue
	key string
}

func itemRoutes(r router) {
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Maps/{MapSid}/Items", (*Server).createItem)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Maps/{MapSid}/Items", (*Server).listItems)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Maps/{MapSid}/Items/{Key}", (*Server).fetchItem)
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Maps/{MapSid}/Items/{Key}", (*Server).updateItem)
	r.handle(productSync, "DELETE", "/v1/Services/{ServiceSid}/Maps/{MapSid}/Items/{Key}", (*Server).deleteItem)
}

// item finds an item, and buries it if it has expired.
func (s *Server) item(c *call) (*syncMap, *mapItem, error) {
	_, m, err := s.syncMap(c, c.v("MapSid"))
	if err != nil {
		return nil, nil, err
	}
	item, found := m.items[c.v("Key")]
	if !found {
		return nil, nil, s.notFound(codeMapItem, c)
	}
	if item.expired(c.now, s.options.ExpiryLag) {
		m.remove(item.key)
		return nil, nil, s.notFound(codeMapItem, c)
	}
	return m, item, nil
}

// itemChange is what a create or an update asks for.
type itemChange struct {
	data              json.RawMessage
	expires           time.Time
	collectionExpires time.Time
	hasTTL, hasOwnTTL bool // of the item, of the map
}

func (c *call) readItem() (change itemChange, err error) {
	if change.data, err = c.readData("Data"); err != nil {
		return change, err
	}
	name := "ItemTtl"
	if _, sent := c.get(name); !sent {
		name = "Ttl" // an alias, ignored if both are there [spec]
	}
	if change.expires, change.hasTTL, err = c.readTTL(name); err != nil {
		return change, err
	}
	change.collectionExpires, change.hasOwnTTL, err = c.readTTL("CollectionTtl")
	return change, err
}

func (s *Server) createItem(c *call) (reply, error) {
	_, m, err := s.syncMap(c, c.v("MapSid"))
	if err != nil {
		return reply{}, err
	}
	key, err := c.need("Key")
	if err != nil {
		return reply{}, err
	}
	if len(key) > 320 {
		return reply{}, invalid("Key must be at most 320 characters")
	}
	change, err := c.readItem()
	if err != nil {
		return reply{}, err
	}
	if change.data == nil {
		return reply{}, invalid("Missing required parameter Data in the post body")
	}
	if old, taken := m.items[key]; taken && !old.expired(c.now, s.options.ExpiryLag) {
		return reply{}, fail(http.StatusConflict, codeMapItemExists, "An item with the given key already exists")
	}
	if err := s.allowSyncWrite(m.sid, len(change.data), c.now); err != nil { // the limit counts for the whole map
		return reply{}, err
	}
	item := &mapItem{key: key, syncValue: syncValue{data: change.data, created: c.now, updated: c.now, expires: change.expires}}
	m.put(item)
	m.touched(change, c.now)
	return created(item.body(c, m, s.options.AccountSID)).with("ETag", s.etag(item.revisionText())), nil
}

// touched notes in the map that an item changed.
func (m *syncMap) touched(change itemChange, now time.Time) {
	m.revision++
	m.updated = now
	if change.hasOwnTTL {
		m.expires = change.collectionExpires
	}
}

func (s *Server) fetchItem(c *call) (reply, error) {
	m, item, err := s.item(c)
	if err != nil {
		return reply{}, err
	}
	return ok(item.body(c, m, s.options.AccountSID)).with("ETag", s.etag(item.revisionText())), nil
}

func (s *Server) updateItem(c *call) (reply, error) {
	m, item, err := s.item(c)
	if err != nil {
		return reply{}, err
	}
	change, err := c.readItem()
	if err != nil {
		return reply{}, err
	}
	if change.data == nil && !change.hasTTL { // CollectionTtl alone is not enough [spec]
		return reply{}, fail(http.StatusBadRequest, codeNoParameters, "No parameters specified")
	}
	if err := s.matches(c, item.revisionText(), codeMapItemRevision); err != nil {
		return reply{}, err
	}
	if err := s.allowSyncWrite(m.sid, max(len(change.data), len(item.data)), c.now); err != nil {
		return reply{}, err
	}
	if change.data != nil {
		item.data = change.data
	}
	if change.hasTTL {
		item.expires = change.expires
	}
	item.revision++
	item.updated = c.now
	m.touched(change, c.now)
	return ok(item.body(c, m, s.options.AccountSID)).with("ETag", s.etag(item.revisionText())), nil
}

func (s *Server) deleteItem(c *call) (reply, error) {
	m, item, err := s.item(c)
	if err != nil {
		return reply{}, err
	}
	if err := s.matches(c, item.revisionText(), codeMapItemRevision); err != nil {
		return reply{}, err
	}
	m.remove(item.key)
	m.touched(itemChange{}, c.now)
	return noContent(), nil
}

// listItems lists by key. From and Bounds say where the list begins, Order in which direction it goes.
func (s *Server) listItems(c *call) (reply, error) {
	_, m, err := s.syncMap(c, c.v("MapSid"))
	if err != nil {
		return reply{}, err
	}
	p, err := c.readPage(100)
	if err != nil {
		return reply{}, err
	}
	start, inclusive := c.query.Get("From"), c.query.Get("Bounds") != "exclusive"
	if p.place != "" {
		key, err := hex.DecodeString(p.place)
		if err != nil {
			return reply{}, errPageToken()
		}
		start, inclusive = string(key), false
	}
	descending := (c.query.Get("Order") == "desc") != p.back
	rows := m.scan(start, inclusive, descending, p.size+1, func(item *mapItem) bool {
		return !item.expired(c.now, s.options.ExpiryLag)
	})
	more := len(rows) > p.size
	rows = rows[:min(len(rows), p.size)]
	if p.back {
		slices.Reverse(rows)
	}
	list, first, last := make([]any, 0, len(rows)), "", ""
	for i, item := range rows {
		if last = hex.EncodeToString([]byte(item.key)); i == 0 {
			first = last
		}
		list = append(list, item.body(c, m, s.options.AccountSID))
	}
	return ok(map[string]any{"items": list, "meta": c.meta("items", p, first, last, more)}), nil
}

// scan returns up to n items from the key start on, in one direction. An empty start means the end from which the scan comes.
func (m *syncMap) scan(start string, inclusive, descending bool, n int, keep func(*mapItem) bool) []*mapItem {
	i, found := slices.BinarySearch(m.keys, start)
	step := 1
	switch {
	case descending && start == "":
		i, step = len(m.keys)-1, -1
	case descending && found && inclusive:
		step = -1
	case descending:
		i, step = i-1, -1
	case found && !inclusive:
		i++
	}
	var rows []*mapItem
	for ; i >= 0 && i < len(m.keys) && len(rows) < n; i += step {
		if item := m.items[m.keys[i]]; keep(item) {
			rows = append(rows, item)
		}
	}
	return rows
}

type itemBody struct {
	Key         string          `json:"key"`
	AccountSID  string          `json:"account_sid"`
	ServiceSID  string          `json:"service_sid"`
	MapSID      string          `json:"map_sid"`
	URL         string          `json:"url"`
	Revision    string          `json:"revision"`
	Data        json.RawMessage `json:"data"`
	DateExpires *string         `json:"date_expires"`
	DateCreated string          `json:"date_created"`
	DateUpdated string          `json:"date_updated"`
	CreatedBy   string          `json:"created_by"`
}

func (i *mapItem) body(c *call, m *syncMap, account string) any {
	return itemBody{
		Key: i.key, AccountSID: account, ServiceSID: m.service, MapSID: m.sid,
		URL:      c.url("/v1/Services/", m.service, "/Maps/", m.sid, "/Items/", url.PathEscape(i.key)),
		Revision: i.revisionText(), Data: i.data, DateExpires: isoOrNull(i.expires),
		DateCreated: iso(i.created), DateUpdated: iso(i.updated), CreatedBy: "system",
	}
}
