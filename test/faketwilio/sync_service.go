package faketwilio

import (
	"strconv"
	"time"
)

// syncState is the product Sync.
type syncState struct {
	services collection[*syncService]
	bySID    map[string]*syncService
}

// syncService is a Sync Service (IS): a name space of documents.
type syncService struct {
	seq                                     uint64
	sid, friendlyName, webhookURL           string
	created, updated                        time.Time
	reachability, acl, debouncing, fromREST bool
	debouncingWindow                        int

	documents syncObjects
}

func newSyncState() syncState { return syncState{bySID: map[string]*syncService{}} }

func syncRoutes(r router) {
	r.handle(productSync, "POST", "/v1/Services", (*Server).createSyncService)
	r.handle(productSync, "GET", "/v1/Services", (*Server).listSyncServices)
	r.handle(productSync, "GET", "/v1/Services/{Sid}", (*Server).fetchSyncService)
	r.handle(productSync, "POST", "/v1/Services/{Sid}", (*Server).updateSyncService)
	r.handle(productSync, "DELETE", "/v1/Services/{Sid}", (*Server).deleteSyncService)
	documentRoutes(r)
}

// addSyncService makes a service. The caller holds s.mu.
func (s *Server) addSyncService(name string, now time.Time) *syncService {
	service := &syncService{
		sid: s.sid("IS"), friendlyName: name, created: now, updated: now, debouncingWindow: 5000,
		documents: newSyncObjects(),
	}
	service.seq = s.sync.services.add(service)
	s.sync.bySID[service.sid] = service
	return service
}

// syncService finds a service by SID. "default" is the first one, made when it is first asked for.
func (s *Server) syncService(c *call, sid string) (*syncService, error) {
	if sid == "default" {
		if first := s.sync.services.take(0, false, 1, nil); len(first) == 1 {
			return first[0].value, nil
		}
		return s.addSyncService("Default Service", c.now), nil
	}
	if service, ok := s.sync.bySID[sid]; ok {
		return service, nil
	}
	return nil, s.notFound(codeSyncService, c)
}

func (s *Server) createSyncService(c *call) (reply, error) {
	service := s.addSyncService("", c.now)
	if err := service.change(c); err != nil {
		s.removeSyncService(service)
		return reply{}, err
	}
	return created(service.body(c, s.options.AccountSID)), nil
}

func (s *Server) fetchSyncService(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	return ok(service.body(c, s.options.AccountSID)), nil
}

func (s *Server) updateSyncService(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	if err := service.change(c); err != nil {
		return reply{}, err
	}
	return ok(service.body(c, s.options.AccountSID)), nil
}

func (s *Server) deleteSyncService(c *call) (reply, error) {
	service, err := s.syncService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	s.removeSyncService(service)
	return noContent(), nil
}

func (s *Server) removeSyncService(service *syncService) {
	s.sync.services.remove(service.seq)
	delete(s.sync.bySID, service.sid)
}

func (s *Server) listSyncServices(c *call) (reply, error) {
	return listOf(c, "services", 100, &s.sync.services, false, nil, func(service *syncService) any {
		return service.body(c, s.options.AccountSID)
	})
}

// change applies the parameters of a create or an update, all or none.
func (v *syncService) change(c *call) error {
	next := *v
	next.friendlyName = c.value("FriendlyName", v.friendlyName)
	next.webhookURL = c.value("WebhookUrl", v.webhookURL)
	for name, flag := range map[string]*bool{
		"ReachabilityWebhooksEnabled": &next.reachability, "AclEnabled": &next.acl,
		"ReachabilityDebouncingEnabled": &next.debouncing, "WebhooksFromRestEnabled": &next.fromREST,
	} {
		if err := c.bool(name, flag); err != nil {
			return err
		}
	}
	if text, sent := c.get("ReachabilityDebouncingWindow"); sent {
		window, err := strconv.Atoi(text)
		if err != nil || window < 1000 || window > 30000 {
			return invalid("ReachabilityDebouncingWindow must be between 1000 and 30000")
		}
		next.debouncingWindow = window
	}
	next.updated = c.now
	*v = next
	return nil
}

// bool reads a form parameter that is true or false, if it was sent.
func (c *call) bool(name string, into *bool) error {
	text, sent := c.get(name)
	if !sent {
		return nil
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return invalid("%s must be true or false", name)
	}
	*into = value
	return nil
}

type syncServiceBody struct {
	SID                   string            `json:"sid"`
	UniqueName            *string           `json:"unique_name"`
	AccountSID            string            `json:"account_sid"`
	FriendlyName          string            `json:"friendly_name"`
	DateCreated           string            `json:"date_created"`
	DateUpdated           string            `json:"date_updated"`
	URL                   string            `json:"url"`
	WebhookURL            *string           `json:"webhook_url"`
	WebhooksFromREST      bool              `json:"webhooks_from_rest_enabled"`
	ReachabilityWebhooks  bool              `json:"reachability_webhooks_enabled"`
	ACL                   bool              `json:"acl_enabled"`
	ReachabilityDebounce  bool              `json:"reachability_debouncing_enabled"`
	ReachabilityDebounceW int               `json:"reachability_debouncing_window"`
	Links                 map[string]string `json:"links"`
}

func (v *syncService) body(c *call, account string) any {
	url := c.url("/v1/Services/", v.sid)
	return syncServiceBody{
		SID: v.sid, AccountSID: account, FriendlyName: v.friendlyName, URL: url, WebhookURL: orNull(v.webhookURL),
		DateCreated: iso(v.created), DateUpdated: iso(v.updated),
		WebhooksFromREST: v.fromREST, ReachabilityWebhooks: v.reachability, ACL: v.acl,
		ReachabilityDebounce: v.debouncing, ReachabilityDebounceW: v.debouncingWindow,
		Links: map[string]string{
			"documents": url + "/Documents", "lists": url + "/Lists", "maps": url + "/Maps", "streams": url + "/Streams",
		},
	}
}
