package faketwilio

import (
	"encoding/json"
	"net/http"
)

// document is a Sync Document (ET): one JSON value with a revision.
type document struct {
	syncValue
	seq                      uint64
	sid, uniqueName, service string
}

func documentRoutes(r router) {
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Documents", (*Server).createDocument)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Documents", (*Server).listDocuments)
	r.handle(productSync, "GET", "/v1/Services/{ServiceSid}/Documents/{Sid}", (*Server).fetchDocument)
	r.handle(productSync, "POST", "/v1/Services/{ServiceSid}/Documents/{Sid}", (*Server).updateDocument)
	r.handle(productSync, "DELETE", "/v1/Services/{ServiceSid}/Documents/{Sid}", (*Server).deleteDocument)
}

// document finds a document by SID or unique name, and buries it if it has expired.
func (s *Server) document(c *call) (*syncService, *document, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return nil, nil, err
	}
	d, found := service.documents.byKey[c.v("Sid")]
	if !found || service.buried(s, c, d) {
		return nil, nil, s.notFound(codeDocument, c)
	}
	return service, d, nil
}

// buried removes a document that has expired, and tells whether it did.
func (v *syncService) buried(s *Server, c *call, d *document) bool {
	if !d.expired(c.now, s.options.ExpiryLag) {
		return false
	}
	v.documents.remove(d)
	return true
}

func (s *Server) createDocument(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	name, err := c.readUniqueName()
	if err != nil {
		return reply{}, err
	}
	data, err := c.readData()
	if err != nil {
		return reply{}, err
	}
	expires, _, err := c.readTTL()
	if err != nil {
		return reply{}, err
	}
	if d, taken := service.documents.byKey[name]; taken && !service.buried(s, c, d) {
		return reply{}, fail(http.StatusConflict, codeUniqueNameExists, "Unique name already exists")
	}
	if err := s.allowSyncCreation(service.sid, c.now); err != nil {
		return reply{}, err
	}
	if data == nil {
		data = json.RawMessage("{}")
	}
	d := &document{sid: s.sid("ET"), uniqueName: name, service: service.sid}
	d.syncValue = syncValue{data: data, created: c.now, updated: c.now, expires: expires}
	service.documents.add(d)
	return created(d.body(c, s.options.AccountSID)).with("ETag", s.etag(d.revisionText())), nil
}

func (s *Server) fetchDocument(c *call) (reply, error) {
	_, d, err := s.document(c)
	if err != nil {
		return reply{}, err
	}
	return ok(d.body(c, s.options.AccountSID)).with("ETag", s.etag(d.revisionText())), nil
}

// updateDocument replaces the data, the expiry or both. A unique name cannot be changed: the parameter does not exist here.
func (s *Server) updateDocument(c *call) (reply, error) {
	_, d, err := s.document(c)
	if err != nil {
		return reply{}, err
	}
	data, err := c.readData()
	if err != nil {
		return reply{}, err
	}
	expires, ttl, err := c.readTTL()
	if err != nil {
		return reply{}, err
	}
	if data == nil && !ttl {
		return reply{}, fail(http.StatusBadRequest, codeNoParameters, "No parameters specified")
	}
	if err := s.matches(c, d.revisionText(), codeDocumentRevision); err != nil {
		return reply{}, err
	}
	if err := s.allowSyncWrite(d.sid, c.v("Sid"), max(len(data), len(d.data)), c.now); err != nil {
		return reply{}, err
	}
	if data != nil {
		d.data = data
	}
	if ttl && !(expires.IsZero() && s.options.Unverified.KeepExpiry) {
		d.expires = expires
	}
	d.revision++
	d.updated = c.now
	return ok(d.body(c, s.options.AccountSID)).with("ETag", s.etag(d.revisionText())), nil
}

// deleteDocument ignores If-Match: Twilio has no conditional delete of a document.
func (s *Server) deleteDocument(c *call) (reply, error) {
	service, d, err := s.document(c)
	if err != nil {
		return reply{}, err
	}
	service.documents.remove(d)
	return noContent(), nil
}

func (s *Server) listDocuments(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("ServiceSid"))
	if err != nil {
		return reply{}, err
	}
	current := func(d *document) bool { return !d.expired(c.now, s.options.ExpiryLag) }
	return listOf(c, "documents", 100, &service.documents.list, false, current, func(d *document) any {
		return d.body(c, s.options.AccountSID)
	})
}

type documentBody struct {
	SID         string            `json:"sid"`
	UniqueName  *string           `json:"unique_name"`
	AccountSID  string            `json:"account_sid"`
	ServiceSID  string            `json:"service_sid"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
	Revision    string            `json:"revision"`
	Data        json.RawMessage   `json:"data"`
	DateExpires *string           `json:"date_expires"`
	DateCreated string            `json:"date_created"`
	DateUpdated string            `json:"date_updated"`
	CreatedBy   string            `json:"created_by"`
}

func (d *document) body(c *call, account string) any {
	url := c.url("/v1/Services/", d.service, "/Documents/", d.sid)
	return documentBody{
		SID: d.sid, UniqueName: orNull(d.uniqueName), AccountSID: account, ServiceSID: d.service, URL: url,
		Links:    map[string]string{"permissions": url + "/Permissions"},
		Revision: d.revisionText(), Data: d.data, DateExpires: isoOrNull(d.expires),
		DateCreated: iso(d.created), DateUpdated: iso(d.updated), CreatedBy: "system",
	}
}
