package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// Finding is one way in which an exchange departs from Twilio's OpenAPI files.
type Finding struct {
	Route   string // such as "GET sync.twilio.com/v1/Services/{Sid}"
	Part    string // request, response or error
	Field   string // such as documents.[].revision, or status
	Problem string
	Example string // the exchange, in one line
}

// options make the check collect everything, and leave credentials to the fake.
var options = &openapi3filter.Options{
	MultiError: true, IncludeResponseStatus: true, SkipSettingDefaults: true, RejectWhenRequestBodyNotSpecified: true,
	AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{
		openapi3.DisableSchemaErrorDetails(),
		openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(absolute)),
		openapi3.WithStringFormatValidator(formatJSON, openapi3.NewCallbackValidator(isJSON)),
	},
}

// absolute accepts the addresses of Twilio's bodies, which are whole.
func absolute(text string) error {
	if address, err := url.Parse(text); err != nil || address.Scheme != "https" || address.Host == "" {
		return fmt.Errorf("%q is no absolute address", text)
	}
	return nil
}

func isJSON(text string) error {
	if !json.Valid([]byte(text)) {
		return fmt.Errorf("%q is no JSON", text)
	}
	return nil
}

// malformed are answers to requests that are wrong on purpose, which no specification can allow.
var malformed = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge}

// Check holds one exchange against the files. The findings' Example is left empty.
func (s Specs) Check(ctx context.Context, e faketwilio.Exchange) []Finding {
	op, known := s.find(e.Product, e.Method, e.Path)
	struck := e.Fault != "" || e.Outcome != "answered"
	refused := e.Status >= http.StatusBadRequest
	switch {
	case !known && (refused || struck):
		op.key = "unknown"
	case !known:
		return []Finding{{Route: e.Method + " " + e.Product + e.Path, Part: "request", Field: "path", Problem: "Twilio has no such operation"}}
	}
	var findings []Finding
	input, err := op.input(e)
	if err != nil {
		return []Finding{{Route: op.key, Part: "request", Problem: err.Error()}}
	}
	if known && !slices.Contains(malformed, e.Status) {
		findings = append(findings, op.findings("request", openapi3filter.ValidateRequest(ctx, input))...)
		findings = append(findings, op.strangers(e)...)
	}
	switch {
	case struck: // what stands there is not the API's answer
	case refused:
		findings = append(findings, checkError(op.key, e)...)
	default:
		answer := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: e.Status, Header: http.Header{}, Options: options,
			Body: io.NopCloser(strings.NewReader(e.Response)),
		}
		for name, value := range e.ResponseHeader {
			answer.Header.Set(name, value)
		}
		findings = append(findings, op.findings("response", openapi3filter.ValidateResponse(ctx, answer))...)
	}
	return findings
}

// input is the request as the validator wants it.
func (o operation) input(e faketwilio.Exchange) (*openapi3filter.RequestValidationInput, error) {
	body := e.Body
	if e.Form != nil {
		body = e.Form.Encode()
	}
	address := "https://" + e.Product + ".twilio.com" + e.Path + "?" + e.Query
	request, err := http.NewRequest(e.Method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, fmt.Errorf("rebuild request: %w", err)
	}
	request.Header = e.Header.Clone()
	return &openapi3filter.RequestValidationInput{
		Request: request, PathParams: o.values, QueryParams: request.URL.Query(), Options: options,
		Route: &routers.Route{
			Spec: o.doc, Path: o.path.pattern, PathItem: o.path.item, Method: e.Method, Operation: o.spec,
			Server: &openapi3.Server{URL: "https://" + e.Product + ".twilio.com"},
		},
	}, nil
}

// strangers are parameters that the operation does not have. A validator lets them pass; Twilio ignores them; but nobody sends
// what will be ignored on purpose.
func (o operation) strangers(e faketwilio.Exchange) (findings []Finding) {
	query, err := url.ParseQuery(e.Query)
	if err != nil {
		return []Finding{{Route: o.key, Part: "request", Field: "query", Problem: err.Error()}}
	}
	for name := range query {
		if o.spec.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			findings = append(findings, Finding{Route: o.key, Part: "request", Field: name, Problem: "no such query parameter"})
		}
	}
	form := formOf(o.spec)
	for name := range e.Form {
		if form == nil || form.Properties[name] == nil {
			findings = append(findings, Finding{Route: o.key, Part: "request", Field: name, Problem: "no such form parameter"})
		}
	}
	return findings
}

var indexes = regexp.MustCompile(`(^|\.)[0-9]+(\.|$)`)

// findings takes an error of the validator apart.
func (o operation) findings(part string, err error) []Finding {
	if err == nil {
		return nil
	}
	var many openapi3.MultiError
	var request *openapi3filter.RequestError
	var response *openapi3filter.ResponseError
	var schema *openapi3.SchemaError
	switch {
	case errors.As(err, &request) && request.Parameter != nil:
		return []Finding{{Route: o.key, Part: part, Field: request.Parameter.Name, Problem: request.Error()}}
	case errors.As(err, &many):
		var findings []Finding
		for _, one := range many {
			findings = append(findings, o.findings(part, one)...)
		}
		return findings
	case errors.As(err, &schema):
		field := strings.Join(schema.JSONPointer(), ".")
		return []Finding{{Route: o.key, Part: part, Field: indexes.ReplaceAllString(field, "$1[]$2"), Problem: schema.Reason}}
	case errors.As(err, &response):
		return []Finding{{Route: o.key, Part: part, Field: "status", Problem: response.Error()}}
	}
	return []Finding{{Route: o.key, Part: part, Problem: err.Error()}}
}

// twilioError is what Twilio answers with where it refuses. The files do not have it; Twilio's clients read these four fields.
type twilioError struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// checkError holds an answer against the form of Twilio's errors.
func checkError(route string, e faketwilio.Exchange) []Finding {
	decoder := json.NewDecoder(strings.NewReader(e.Response))
	decoder.DisallowUnknownFields()
	var body twilioError
	fault := func(field, problem string) []Finding {
		return []Finding{{Route: route, Part: "error", Field: field, Problem: problem}}
	}
	switch err := decoder.Decode(&body); {
	case err != nil:
		return fault("body", err.Error())
	case body.Status != e.Status:
		return fault("status", fmt.Sprintf("says %d in the body and %d in front of it", body.Status, e.Status))
	case body.Code < 20001 || body.Code > 99999:
		return fault("code", fmt.Sprintf("%d is no code of Twilio", body.Code))
	case body.MoreInfo != fmt.Sprintf("https://www.twilio.com/docs/errors/%d", body.Code):
		return fault("more_info", body.MoreInfo)
	case body.Message == "":
		return fault("message", "is empty")
	}
	return nil
}
