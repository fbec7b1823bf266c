package faketwilio

// chatServiceSettings are the parameters of a Chat service that the fake keeps as they are and does not act upon.
var chatServiceSettings = []string{
	"DefaultServiceRoleSid", "DefaultChannelRoleSid", "DefaultChannelCreatorRoleSid",
	"PreWebhookUrl", "PostWebhookUrl", "WebhookMethod",
}

func chatRoutes(r router) {
	r.handle(productChat, "POST", "/v2/Services", (*Server).createChatService)
	r.handle(productChat, "GET", "/v2/Services", (*Server).listChatServices)
	r.handle(productChat, "GET", "/v2/Services/{Sid}", (*Server).fetchChatService)
	r.handle(productChat, "POST", "/v2/Services/{Sid}", (*Server).updateChatService)
	r.handle(productChat, "DELETE", "/v2/Services/{Sid}", (*Server).deleteMessagingService)
	chatChannelRoutes(r)
	chatMessageRoutes(r)
}

func (s *Server) createChatService(c *call) (reply, error) {
	name, err := c.need("FriendlyName")
	if err != nil {
		return reply{}, err
	}
	return created(s.addMessagingService(name, c.now).chatBody(c, s.options.AccountSID)), nil
}

func (s *Server) fetchChatService(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	return ok(service.chatBody(c, s.options.AccountSID)), nil
}

func (s *Server) updateChatService(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	service.friendlyName = c.value("FriendlyName", service.friendlyName)
	for _, name := range chatServiceSettings {
		if value, sent := c.get(name); sent {
			service.webhooks[name] = value
		}
	}
	service.updated = c.now
	return ok(service.chatBody(c, s.options.AccountSID)), nil
}

// deleteMessagingService deletes a service and its channels, through either API.
func (s *Server) deleteMessagingService(c *call) (reply, error) {
	service, err := s.messagingService(c, c.v("Sid"))
	if err != nil {
		return reply{}, err
	}
	s.removeMessagingService(service)
	return noContent(), nil
}

func (s *Server) listChatServices(c *call) (reply, error) {
	return listOf(c, "services", 100, &s.messaging.services, false, nil, func(service *messagingService) any {
		return service.chatBody(c, s.options.AccountSID)
	})
}

type chatServiceBody struct {
	SID                          string            `json:"sid"`
	AccountSID                   string            `json:"account_sid"`
	FriendlyName                 string            `json:"friendly_name"`
	DateCreated                  string            `json:"date_created"`
	DateUpdated                  string            `json:"date_updated"`
	DefaultServiceRoleSID        *string           `json:"default_service_role_sid"`
	DefaultChannelRoleSID        *string           `json:"default_channel_role_sid"`
	DefaultChannelCreatorRoleSID *string           `json:"default_channel_creator_role_sid"`
	ReadStatusEnabled            bool              `json:"read_status_enabled"`
	ReachabilityEnabled          bool              `json:"reachability_enabled"`
	TypingIndicatorTimeout       int               `json:"typing_indicator_timeout"`
	ConsumptionReportInterval    int               `json:"consumption_report_interval"`
	Limits                       map[string]int    `json:"limits"`
	PreWebhookURL                *string           `json:"pre_webhook_url"`
	PostWebhookURL               *string           `json:"post_webhook_url"`
	WebhookMethod                *string           `json:"webhook_method"`
	WebhookFilters               []string          `json:"webhook_filters"`
	PreWebhookRetryCount         int               `json:"pre_webhook_retry_count"`
	PostWebhookRetryCount        int               `json:"post_webhook_retry_count"`
	Notifications                map[string]any    `json:"notifications"`
	Media                        map[string]any    `json:"media"`
	URL                          string            `json:"url"`
	Links                        map[string]string `json:"links"`
}

func (v *messagingService) chatBody(c *call, account string) any {
	url := c.url("/v2/Services/", v.sid)
	return chatServiceBody{
		SID: v.sid, AccountSID: account, FriendlyName: v.friendlyName, DateCreated: iso(v.created), DateUpdated: iso(v.updated),
		DefaultServiceRoleSID:        orNull(v.webhooks["DefaultServiceRoleSid"]),
		DefaultChannelRoleSID:        orNull(v.webhooks["DefaultChannelRoleSid"]),
		DefaultChannelCreatorRoleSID: orNull(v.webhooks["DefaultChannelCreatorRoleSid"]),
		ReadStatusEnabled:            true, TypingIndicatorTimeout: 5, ConsumptionReportInterval: 10,
		Limits:         map[string]int{"channel_members": 100, "user_channels": 250},
		PreWebhookURL:  orNull(v.webhooks["PreWebhookUrl"]),
		PostWebhookURL: orNull(v.webhooks["PostWebhookUrl"]), WebhookMethod: orNull(v.webhooks["WebhookMethod"]),
		Notifications: map[string]any{}, Media: map[string]any{"size_limit_mb": 150, "compatibility_message": ""},
		URL:   url,
		Links: map[string]string{"channels": url + "/Channels", "users": url + "/Users", "roles": url + "/Roles", "bindings": url + "/Bindings"},
	}
}
