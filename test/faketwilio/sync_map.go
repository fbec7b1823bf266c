package faketwilio

import (
	"net/http"
	"slices"
)

// syncMap is a Sync Map (MP): items under keys, in the order of the keys.
type syncMap struct {
	syncValue
	seq                      uint64
	sid, uniqueName, service string
	items                    map[string]*mapItem
	keys                     []string // sorted
}

func mapRoutes(r router) {
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Maps", (*Server).createMap)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Maps", (*Server).listMaps)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Maps/{Sid}", (*Server).fetchMap)
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Maps/{Sid}", (*Server).updateMap)
	r.handle(productSync, "DELETE", "/v1/Services/{ServiceSid}/Maps/{Sid}", (*Server).deleteMap)
	itemRoutes(r)
}

// syncMap finds a map by SID or unique name, and buries it if it has expired.
func (s *Server) syncMap(c *call, name string) (*syncService, *syncMap, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return nil, nil, err
	}
	m, found := service.maps.byKey[name]
	if !found {
		return nil, nil, s.notFound(codeMap, c)
	}
	if m.expired(c.now, s.options.ExpiryLag) {
		service.maps.remove(m.seq, m.sid, m.uniqueName)
		return nil, nil, s.notFound(codeMap, c)
	}
	return service, m, nil
}

// readCollectionTTL reads the map's own time to live; Ttl is an alias that is ignored if both are there [spec].
func (c *call) readCollectionTTL() (syncValue, bool, error) {
	name := "CollectionTtl"
	if _, sent := c.get(name); !sent {
		name = "Ttl"
	}
	expires, sent, err := c.readTTL(name)
	return syncValue{created: c.now, updated: c.now, expires: expires}, sent, err
}

func (s *Server) createMap(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	name, err := c.readUniqueName()
	if err != nil {
		return reply{}, err
	}
	value, _, err := c.readCollectionTTL()
	if err != nil {
		return reply{}, err
	}
	if m, taken := service.maps.byKey[name]; taken && !m.expired(c.now, s.options.ExpiryLag) {
		return reply{}, fail(http.StatusConflict, codeUniqueNameExists, "Unique name already exists")
	}
	if err := s.allowSyncCreation(service.sid, c.now); err != nil {
		return reply{}, err
	}
	m := &syncMap{syncValue: value, sid: s.sid("MP"), uniqueName: name, service: service.sid, items: map[string]*mapItem{}}
	m.seq = service.maps.add(m, m.sid, name)
	return created(m.body(c, s.options.AccountSID)).with("ETag", s.etag(m.revisionText())), nil
}

func (s *Server) fetchMap(c *call) (reply, error) {
	_, m, err := s.syncMap(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	return ok(m.body(c, s.options.AccountSID)).with("ETag", s.etag(m.revisionText())), nil
}

func (s *Server) updateMap(c *call) (reply, error) {
	_, m, err := s.syncMap(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	value, sent, err := c.readCollectionTTL()
	if err != nil {
		return reply{}, err
	}
	if !sent {
		return reply{}, fail(http.StatusBadRequest, codeNoParameters, "No parameters specified")
	}
	m.expires, m.updated = value.expires, c.now
	m.revision++
	return ok(m.body(c, s.options.AccountSID)).with("ETag", s.etag(m.revisionText())), nil
}

func (s *Server) deleteMap(c *call) (reply, error) {
	service, m, err := s.syncMap(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	service.maps.remove(m.seq, m.sid, m.uniqueName)
	return noContent(), nil
}

func (s *Server) listMaps(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	current := func(m *syncMap) bool { return !m.expired(c.now, s.options.ExpiryLag) }
	return listOf(c, "maps", 100, &service.maps.list, false, current, func(m *syncMap) any {
		return m.body(c, s.options.AccountSID)
	})
}

// put adds or replaces an item; remove takes it out. Both keep the keys sorted.
func (m *syncMap) put(item *mapItem) {
	if i, found := slices.BinarySearch(m.keys, item.key); !found {
		m.keys = slices.Insert(m.keys, i, item.key)
	}
	m.items[item.key] = item
}

func (m *syncMap) remove(key string) {
	if i, found := slices.BinarySearch(m.keys, key); found {
		m.keys = slices.Delete(m.keys, i, i+1)
		delete(m.items, key)
	}
}

type mapBody struct {
	SID         string            `json:"sid"`
	UniqueName  *string           `json:"unique_name"`
	AccountSID  string            `json:"account_sid"`
	ServiceSID  string            `json:"service_sid"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
	Revision    string            `json:"revision"`
	DateExpires *string           `json:"date_expires"`
	DateCreated string            `json:"date_created"`
	DateUpdated string            `json:"date_updated"`
	CreatedBy   string            `json:"created_by"`
}

func (m *syncMap) body(c *call, account string) any {
	url := c.url("/v1/Services/", m.service, "/Maps/", m.sid)
	return mapBody{
		SID: m.sid, UniqueName: orNull(m.uniqueName), AccountSID: account, ServiceSID: m.service, URL: url,
		Links:    map[string]string{"items": url + "/Items", "permissions": url + "/Permissions"},
		Revision: m.revisionText(), DateExpires: isoOrNull(m.expires),
		DateCreated: iso(m.created), DateUpdated: iso(m.updated), CreatedBy: "system",
	}
}
