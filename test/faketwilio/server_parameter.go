package faketwilio

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// sidParameters are the prefixes of parameters that name another resource, in a form or a query [spec].
var sidParameters = map[string]string{
	"ChatServiceSid": "IS", "ContentSid": "HX", "DefaultActivitySid": "WA", "DefaultChannelCreatorRoleSid": "RL",
	"DefaultChannelRoleSid": "RL", "DefaultChatServiceSid": "IS", "DefaultMessagingServiceSid": "MG", "DefaultServiceRoleSid": "RL",
	"Integration.FlowSid": "FW", "Integration.WorkflowSid": "WW", "Integration.WorkspaceSid": "WS", "InteractionContextSid": "HQ",
	"MediaSid": "ME", "MessagingServiceSid": "MG", "RoleSid": "RL", "SinkSid": "DG", "TaskQueueSid": "WQ",
	"TimeoutActivitySid": "WA", "WorkflowSid": "WW",
}

// sidParameter is what the specification's patterns accept.
var sidParameter = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

// checkSIDs refuses a parameter that should be a SID of some kind and is not. An empty one takes a value away.
func checkSIDs(values url.Values) error {
	for name, prefix := range sidParameters {
		for _, sid := range values[name] {
			if sid != "" && (!sidParameter.MatchString(sid) || sid[:2] != prefix) {
				return invalid("%s %q is not a SID of the form %s and 32 hexadecimal digits", name, sid, prefix)
			}
		}
	}
	return nil
}

// oneOf refuses values of a list's filter that are none of those that the specification has.
func (c *call) oneOf(name string, given []string, known ...string) error {
	for _, value := range given {
		if !slices.Contains(known, value) {
			return invalid("%s %q is none of %v", name, value, known)
		}
	}
	return nil
}

// int reads a form parameter that is a number within bounds, if it was sent.
func (c *call) int(name string, low, high int, into *int) error {
	text, sent := c.get(name)
	if !sent || text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return invalid("%s must be between %d and %d", name, low, high)
	}
	*into = n
	return nil
}

// time reads a form parameter that is a time, if it was sent.
func (c *call) time(name string, into *time.Time) error {
	text, sent := c.get(name)
	if !sent || text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return invalid("%s is not an ISO 8601 time", name)
	}
	*into = at
	return nil
}
