package faketwilio

// messageAPI is the messages of a channel, as one product shows them.
type messageAPI struct {
	author  string // the parameter that names who speaks
	channel func(s *Server, c *call) (*channel, error)
	body    func(m *message, c *call, ch *channel, account string) any
}

// routes adds the five calls on messages below a path.
func (api messageAPI) routes(r router, product, path string) {
	r.handle(product, "POST", path, api.create)
	r.handle(product, "GET", path, api.list)
	r.handle(product, "GET", path+"/{Sid}", api.one(func(*Server, *call, *channel, *message) error { return nil }))
	r.handle(product, "POST", path+"/{Sid}", api.one(api.change))
	r.handle(product, "DELETE", path+"/{Sid}", api.remove)
}

func (api messageAPI) create(s *Server, c *call) (reply, error) {
	ch, err := api.channel(s, c)
	if err != nil {
		return reply{}, err
	}
	m, err := s.addMessage(c, ch, api.author)
	if err != nil {
		return reply{}, err
	}
	return created(api.body(m, c, ch, s.options.AccountSID)), nil
}

func (api messageAPI) list(s *Server, c *call) (reply, error) {
	ch, err := api.channel(s, c)
	if err != nil {
		return reply{}, err
	}
	newestFirst, err := c.readOrder()
	if err != nil {
		return reply{}, err
	}
	return listOf(c, "messages", 100, &ch.messages, newestFirst, nil, func(m *message) any {
		return api.body(m, c, ch, s.options.AccountSID)
	})
}

// find finds the message that the path names.
func (api messageAPI) find(s *Server, c *call) (*channel, *message, error) {
	ch, err := api.channel(s, c)
	if err != nil {
		return nil, nil, err
	}
	m, found := ch.messageBySID[c.v("Sid")]
	if !found {
		return nil, nil, s.notFound(codeNotFound, c)
	}
	return ch, m, nil
}

// one finds a message, does something to it and shows it.
func (api messageAPI) one(do func(*Server, *call, *channel, *message) error) endpoint {
	return func(s *Server, c *call) (reply, error) {
		ch, m, err := api.find(s, c)
		if err != nil {
			return reply{}, err
		}
		if err := do(s, c, ch, m); err != nil {
			return reply{}, err
		}
		return ok(api.body(m, c, ch, s.options.AccountSID)), nil
	}
}

func (api messageAPI) change(s *Server, c *call, ch *channel, m *message) error {
	return s.changeMessage(c, ch, m, api.author)
}

func (api messageAPI) remove(s *Server, c *call) (reply, error) {
	ch, m, err := api.find(s, c)
	if err != nil {
		return reply{}, err
	}
	if ch.state == stateClosed {
		return reply{}, s.closedError()
	}
	ch.messages.remove(m.seq)
	delete(ch.messageBySID, m.sid)
	return noContent(), nil
}

// addMessage makes a message from a form. author is the parameter that names who speaks.
func (s *Server) addMessage(c *call, ch *channel, author string) (*message, error) {
	attributes, err := c.readAttributes("{}", 4<<10, codeInvalidParameter)
	if err != nil {
		return nil, err
	}
	createdAt, updatedAt := c.now, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return nil, err
	}
	m, err := s.say(ch, c.value(author, "system"), c.value("Body", ""), attributes, c.now)
	if err != nil {
		return nil, err
	}
	m.created, m.updated = createdAt, updatedAt
	return m, nil
}

// changeMessage applies the form of a message update.
func (s *Server) changeMessage(c *call, ch *channel, m *message, author string) error {
	if ch.state == stateClosed {
		return s.closedError()
	}
	attributes, err := c.readAttributes(m.attributes, 4<<10, codeInvalidParameter)
	if err != nil {
		return err
	}
	createdAt, updatedAt := m.created, c.now
	if err := c.readDates(&createdAt, &updatedAt); err != nil {
		return err
	}
	if body, sent := c.get("Body"); sent {
		m.edited = m.edited || body != m.body
		m.body = body
	}
	m.author, m.updatedBy = c.value(author, m.author), c.value("LastUpdatedBy", "system")
	m.attributes, m.created, m.updated = attributes, createdAt, updatedAt
	return nil
}

// readOrder reads the Order of a list of messages: asc (oldest first), unless the query says desc.
func (c *call) readOrder() (newestFirst bool, err error) {
	switch c.query.Get("Order") {
	case "", "asc":
		return false, nil
	case "desc":
		return true, nil
	}
	return false, invalid("Order must be asc or desc")
}
