package conformance

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// Every parameter that the specification calls a SID is checked: code that sends something else must not pass for right.
func TestSIDParameters(t *testing.T) {
	t.Parallel()
	specs := specsOf(t, originals(t))
	fake := faketwilio.New(faketwilio.Options{Seed: 1})
	asked := 0
	for _, route := range fake.Routes() {
		method, product, path := split(t, route)
		op, known := specs.find(product, method, variable.ReplaceAllString(path, "x"))
		if !known {
			t.Errorf("the fake has %s, and Twilio has not", route)
			continue
		}
		for _, name := range sidParameters(op.spec) {
			asked++
			values := url.Values{name: {"nonsense"}}.Encode()
			address, body := "https://"+product+".twilio.com"+variable.ReplaceAllString(path, "x"), values
			if method == http.MethodGet {
				address, body = address+"?"+values, ""
			}
			request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.SetBasicAuth(fake.Credentials().APIKey, fake.Credentials().APISecret)
			response, err := fake.Transport().RoundTrip(request)
			if err != nil || response.StatusCode != http.StatusBadRequest {
				t.Errorf("%s takes %s=nonsense: %v, %v", route, name, response, err)
			}
		}
	}
	if asked < 20 {
		t.Errorf("%d parameters are SIDs, want all of them", asked)
	}
}

// sidParameters are the names of an operation's parameters, in query or form, that have the pattern of a SID.
func sidParameters(operation *openapi3.Operation) []string {
	isSID := func(schema *openapi3.SchemaRef) bool {
		return strings.HasSuffix(schema.Value.Pattern, "[0-9a-fA-F]{32}$")
	}
	var names []string
	for _, parameter := range operation.Parameters {
		if parameter.Value.In == openapi3.ParameterInQuery && isSID(parameter.Value.Schema) {
			names = append(names, parameter.Value.Name)
		}
	}
	if form := formOf(operation); form != nil {
		for name, property := range form.Properties {
			if isSID(property) {
				names = append(names, name)
			}
		}
	}
	return names
}
