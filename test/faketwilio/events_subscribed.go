package faketwilio

func subscribedEventRoutes(r router) {
	path := "/v1/Subscriptions/{SubscriptionSid}/SubscribedEvents"
	r.handle(productEvents, "POST", path, (*Server).createSubscribedEvent)
	r.handle(productEvents, "GET", path, (*Server).listSubscribedEvents)
	r.handle(productEvents, "GET", path+"/{Type}", (*Server).fetchSubscribedEvent)
	r.handle(productEvents, "POST", path+"/{Type}", (*Server).updateSubscribedEvent)
	r.handle(productEvents, "DELETE", path+"/{Type}", (*Server).deleteSubscribedEvent)
}

func (s *Server) subscribedEvent(c *call) (*subscription, *subscribedType, error) {
	v, err := s.subscription(c, "SubscriptionSid")
	if err != nil {
		return nil, nil, err
	}
	t, found := v.byType[c.v("Type")]
	if !found {
		return nil, nil, s.notFound(codeNotFound, c)
	}
	return v, t, nil
}

// createSubscribedEvent adds a type: 201, or 200 if it is subscribed already [spec].
func (s *Server) createSubscribedEvent(c *call) (reply, error) {
	v, err := s.subscription(c, "SubscriptionSid")
	if err != nil {
		return reply{}, err
	}
	name, err := c.need("Type")
	if err != nil {
		return reply{}, err
	}
	if !validEventType(name) {
		return reply{}, invalid("Type %q is not an event type", name)
	}
	version := defaultSchemaVersion
	if err := c.int("SchemaVersion", 1, latestSchema(name), &version); err != nil {
		return reply{}, err
	}
	_, known := v.byType[name]
	t := s.subscribe(v, subscribedType{name: name, version: version})
	if known {
		return ok(t.body(c, v, s.options.AccountSID)), nil
	}
	return created(t.body(c, v, s.options.AccountSID)), nil
}

func (s *Server) fetchSubscribedEvent(c *call) (reply, error) {
	v, t, err := s.subscribedEvent(c)
	if err != nil {
		return reply{}, err
	}
	return ok(t.body(c, v, s.options.AccountSID)), nil
}

func (s *Server) updateSubscribedEvent(c *call) (reply, error) {
	v, t, err := s.subscribedEvent(c)
	if err != nil {
		return reply{}, err
	}
	if err := c.int("SchemaVersion", 1, latestSchema(t.name), &t.version); err != nil {
		return reply{}, err
	}
	return ok(t.body(c, v, s.options.AccountSID)), nil
}

func (s *Server) deleteSubscribedEvent(c *call) (reply, error) {
	v, t, err := s.subscribedEvent(c)
	if err != nil {
		return reply{}, err
	}
	s.unsubscribe(v, t)
	return noContent(), nil
}

// listSubscribedEvents lists under the key "types" [spec].
func (s *Server) listSubscribedEvents(c *call) (reply, error) {
	v, err := s.subscription(c, "SubscriptionSid")
	if err != nil {
		return reply{}, err
	}
	return listOf(c, "types", 1000, &v.types, false, nil, func(t *subscribedType) any {
		return t.body(c, v, s.options.AccountSID)
	})
}

type subscribedEventBody struct {
	AccountSID      string `json:"account_sid"`
	Type            string `json:"type"`
	SchemaVersion   int    `json:"schema_version"`
	SubscriptionSID string `json:"subscription_sid"`
	URL             string `json:"url"`
}

func (t *subscribedType) body(c *call, v *subscription, account string) any {
	return subscribedEventBody{
		AccountSID: account, Type: t.name, SchemaVersion: t.version, SubscriptionSID: v.sid,
		URL: c.url("/v1/Subscriptions/", v.sid, "/SubscribedEvents/", t.name),
	}
}
