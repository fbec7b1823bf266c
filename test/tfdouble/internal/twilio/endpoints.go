package twilio

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/flexsweep/flexsweep/test/tfdouble/internal/plan"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/schema"
	"github.com/flexsweep/flexsweep/test/tfdouble/internal/value"
)

// endpoint says where the objects of a resource type live. {name} stands for
// an attribute of the resource.
type endpoint struct {
	product    string // the host is product.twilio.com
	collection string
	item       string
	id         string
	update     []string // the arguments sent on update; nil: all
}

// endpoints are those of the real provider's API clients. A subscription's
// update still sends SinkSid, which the API has ignored since July 2025.
var endpoints = map[string]endpoint{
	"twilio_sync_services_v1": {
		product: "sync", collection: "/v1/Services", item: "/v1/Services/{sid}", id: "{sid}"},
	"twilio_events_sinks_v1": {
		product: "events", collection: "/v1/Sinks", item: "/v1/Sinks/{sid}", id: "{sid}",
		update: []string{"description"}},
	"twilio_events_subscriptions_v1": {
		product: "events", collection: "/v1/Subscriptions", item: "/v1/Subscriptions/{sid}", id: "{sid}",
		update: []string{"description", "sink_sid"}},
	"twilio_events_subscriptions_subscribed_events_v1": {
		product: "events", collection: "/v1/Subscriptions/{subscription_sid}/SubscribedEvents",
		item: "/v1/Subscriptions/{subscription_sid}/SubscribedEvents/{type}", id: "{subscription_sid}/{type}",
		update: []string{"schema_version"}},
	"twilio_flex_flex_flows_v1": {
		product: "flex-api", collection: "/v1/FlexFlows", item: "/v1/FlexFlows/{sid}", id: "{sid}"},
}

var reference = regexp.MustCompile(`\{(\w+)\}`)

// references lists the names in a template.
func references(template string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(template, -1) {
		names = append(names, m[1])
	}
	return names
}

func fill(template string, object plan.Object) string {
	return reference.ReplaceAllStringFunc(template, func(m string) string {
		return value.Text(object[m[1:len(m)-1]])
	})
}

// createArguments are all that can be configured and are not in the path.
func (e endpoint) createArguments(r schema.Resource) []string {
	var names []string
	for _, a := range r.Block.Attributes {
		inPath := slices.Contains(references(e.collection), a.Name)
		if (a.Required || a.Optional) && a.Name != "id" && !inPath {
			names = append(names, a.Name)
		}
	}
	return names
}

func (e endpoint) updateArguments(r schema.Resource) []string {
	if e.update != nil {
		return e.update
	}
	return e.createArguments(r)
}

// form encodes arguments as the real provider does: booleans always, whether
// configured or not; empty strings and zero numbers never.
func (e endpoint) form(r schema.Resource, planned plan.Object, arguments []string) (url.Values, error) {
	form := url.Values{}
	for _, name := range arguments {
		a, has := r.Block.Attribute(name)
		if !has {
			return nil, fmt.Errorf("encode %s: it has no argument %q", r.Name, name)
		}
		if err := encode(form, a, planned[name]); err != nil {
			return nil, err
		}
	}
	return form, nil
}

func encode(form url.Values, a schema.Attribute, v any) error {
	parameter := parameterName(a.Name)
	if list, ok := v.([]any); ok {
		for _, element := range list {
			text, err := canonical(a.Name, value.Text(element))
			if err != nil {
				return err
			}
			form.Add(parameter, text)
		}
		return nil
	}
	text := value.Text(v)
	switch {
	case a.Name == "sink_configuration":
		var err error
		if text, err = canonical(a.Name, text); err != nil {
			return err
		}
	case isBool(a) && text == "":
		text = "false"
	case text == "", text == "0":
		return nil
	}
	form.Set(parameter, text)
	return nil
}

// canonical re-writes a JSON object with sorted keys and no spaces.
func canonical(argument, text string) (string, error) {
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		return "", fmt.Errorf("Status: 500 - Error 45001: json Unmarshal for interface field '%s' failed from '%s'", argument, text)
	}
	canonical, err := json.Marshal(object)
	return string(canonical), err
}

// parameterName turns integration_flow_sid into Integration.FlowSid and
// sink_sid into SinkSid: Flex groups the integration's parameters by a dot.
func parameterName(attribute string) string {
	prefix, rest := "", attribute
	if group, found := strings.CutPrefix(attribute, "integration_"); found {
		prefix, rest = "Integration.", group
	}
	words := strings.Split(rest, "_")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return prefix + strings.Join(words, "")
}
