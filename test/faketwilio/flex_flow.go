package faketwilio

import (
	"slices"
	"strconv"
	"time"
)

// flexFlow is a legacy Flex Flow (FO): how messages to an address become tasks. The fake keeps it and does not act on it.
type flexFlow struct {
	seq                                               uint64
	sid, friendlyName, service, kind, contact, target string
	enabled, longLived, janitor                       bool
	integration                                       map[string]any
	created, updated                                  time.Time
}

var (
	flexFlowTypes        = []string{"web", "sms", "facebook", "whatsapp", "line", "custom"} // [spec]
	flexIntegrationTypes = []string{"studio", "external", "task"}                           // [spec]
)

func flexFlowRoutes(r router) {
	r.handle(productFlex, "POST", "/v1/FlexFlows", (*Server).createFlexFlow)
	r.handle(productFlex, "GET", "/v1/FlexFlows", (*Server).listFlexFlows)
	r.handle(productFlex, "GET", "/v1/FlexFlows/{Sid}", (*Server).fetchFlexFlow)
	r.handle(productFlex, "POST", "/v1/FlexFlows/{Sid}", (*Server).updateFlexFlow)
	r.handle(productFlex, "DELETE", "/v1/FlexFlows/{Sid}", (*Server).deleteFlexFlow)
}

func (s *Server) flexFlow(c *call) (*flexFlow, error) {
	if flow, found := s.flex.flowBySID[c.v("Sid")]; found {
		return flow, nil
	}
	return nil, s.notFound(codeNotFound, c)
}

func (s *Server) createFlexFlow(c *call) (reply, error) {
	for _, name := range []string{"FriendlyName", "ChatServiceSid", "ChannelType"} {
		if _, err := c.need(name); err != nil {
			return reply{}, err
		}
	}
	flow := &flexFlow{created: c.now, enabled: true, target: "task", integration: map[string]any{}}
	if err := flow.change(c); err != nil {
		return reply{}, err
	}
	flow.sid = s.sid("FO")
	flow.seq = s.flex.flows.add(flow)
	s.flex.flowBySID[flow.sid] = flow
	return created(flow.body(c, s.options.AccountSID)), nil
}

func (s *Server) fetchFlexFlow(c *call) (reply, error) {
	flow, err := s.flexFlow(c)
	if err != nil {
		return reply{}, err
	}
	return ok(flow.body(c, s.options.AccountSID)), nil
}

func (s *Server) updateFlexFlow(c *call) (reply, error) {
	flow, err := s.flexFlow(c)
	if err != nil {
		return reply{}, err
	}
	if err := flow.change(c); err != nil {
		return reply{}, err
	}
	return ok(flow.body(c, s.options.AccountSID)), nil
}

func (s *Server) deleteFlexFlow(c *call) (reply, error) {
	flow, err := s.flexFlow(c)
	if err != nil {
		return reply{}, err
	}
	s.flex.flows.remove(flow.seq)
	delete(s.flex.flowBySID, flow.sid)
	return noContent(), nil
}

func (s *Server) listFlexFlows(c *call) (reply, error) {
	name := c.query.Get("FriendlyName")
	wanted := func(flow *flexFlow) bool { return name == "" || flow.friendlyName == name }
	return listOf(c, "flex_flows", 1000, &s.flex.flows, false, wanted, func(flow *flexFlow) any {
		return flow.body(c, s.options.AccountSID)
	})
}

// flexIntegration names the form parameters of an integration and their JSON fields.
var flexIntegration = map[string]string{
	"Integration.FlowSid": "flow_sid", "Integration.Url": "url", "Integration.WorkspaceSid": "workspace_sid",
	"Integration.WorkflowSid": "workflow_sid", "Integration.Channel": "channel", "Integration.Timeout": "timeout",
	"Integration.Priority": "priority", "Integration.CreationOnMessage": "creation_on_message",
	"Integration.RetryCount": "retry_count",
}

// change applies a form, all or nothing.
func (f *flexFlow) change(c *call) error {
	next := *f
	next.friendlyName = c.value("FriendlyName", f.friendlyName)
	next.service = c.value("ChatServiceSid", f.service)
	next.contact = c.value("ContactIdentity", f.contact)
	next.kind, next.target = c.value("ChannelType", f.kind), c.value("IntegrationType", f.target)
	if !slices.Contains(flexFlowTypes, next.kind) {
		return invalid("ChannelType must be one of %v", flexFlowTypes)
	}
	if !slices.Contains(flexIntegrationTypes, next.target) {
		return invalid("IntegrationType must be one of %v", flexIntegrationTypes)
	}
	for name, flag := range map[string]*bool{
		"Enabled": &next.enabled, "LongLived": &next.longLived, "JanitorEnabled": &next.janitor,
	} {
		if err := c.bool(name, flag); err != nil {
			return err
		}
	}
	next.integration = map[string]any{}
	for field, value := range f.integration {
		next.integration[field] = value
	}
	for name, field := range flexIntegration {
		if text, sent := c.get(name); sent {
			next.integration[field] = plainValue(text)
		}
	}
	next.updated = c.now
	*f = next
	return nil
}

// plainValue is a form value as JSON would have it: a number, a boolean or a string.
func plainValue(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

type flexFlowBody struct {
	AccountSID      string         `json:"account_sid"`
	DateCreated     string         `json:"date_created"`
	DateUpdated     string         `json:"date_updated"`
	SID             string         `json:"sid"`
	FriendlyName    string         `json:"friendly_name"`
	ChatServiceSID  string         `json:"chat_service_sid"`
	ChannelType     string         `json:"channel_type"`
	ContactIdentity *string        `json:"contact_identity"`
	Enabled         bool           `json:"enabled"`
	IntegrationType string         `json:"integration_type"`
	Integration     map[string]any `json:"integration"`
	LongLived       bool           `json:"long_lived"`
	JanitorEnabled  bool           `json:"janitor_enabled"`
	URL             string         `json:"url"`
}

func (f *flexFlow) body(c *call, account string) any {
	return flexFlowBody{
		AccountSID: account, DateCreated: iso(f.created), DateUpdated: iso(f.updated), SID: f.sid, FriendlyName: f.friendlyName,
		ChatServiceSID: f.service, ChannelType: f.kind, ContactIdentity: orNull(f.contact), Enabled: f.enabled,
		IntegrationType: f.target, Integration: f.integration, LongLived: f.longLived, JanitorEnabled: f.janitor,
		URL: c.url("/v1/FlexFlows/", f.sid),
	}
}
