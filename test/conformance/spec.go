package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// specFiles are the OpenAPI files of the products that the fake has, by the first label of their hosts.
var specFiles = map[string]string{
	"sync":          "sync_v1",
	"chat":          "chat_v2",
	"conversations": "conversations_v1",
	"flex-api":      "flex_v1",
	"taskrouter":    "taskrouter_v1",
	"events":        "events_v1",
}

// Specs are Twilio's OpenAPI files, by product.
type Specs map[string]*product

type product struct {
	doc   *openapi3.T
	paths map[int][]path // by their number of segments
}

// path is one path of a product, taken apart.
type path struct {
	pattern  string
	segments []string // "{Name}" for a variable
	item     *openapi3.PathItem
}

// LoadSpecs reads the files of all products and makes their schemas say what they mean.
func LoadSpecs(o Originals) (Specs, error) {
	specs := Specs{}
	for name, file := range specFiles {
		doc, err := openapi3.NewLoader().LoadFromFile(o.spec(file))
		if err != nil {
			return nil, fmt.Errorf("read OpenAPI file of %s: %w", name, err)
		}
		p := &product{doc, map[int][]path{}}
		for pattern, item := range doc.Paths.Map() {
			for _, operation := range item.Operations() {
				closeAnswers(operation)
				textForms(operation)
			}
			segments := strings.Split(pattern, "/")
			p.paths[len(segments)] = append(p.paths[len(segments)], path{pattern, segments, item})
		}
		specs[name] = p
	}
	return specs, nil
}

// closeAnswers makes an operation's answers exact. Twilio's files call no field of an answer required and forbid none; but what
// they list is what Twilio sends, and a fake that leaves out a field, or makes one up, is a fake to mend.
func closeAnswers(operation *openapi3.Operation) {
	for _, response := range operation.Responses.Map() {
		for _, content := range response.Value.Content {
			closeSchema(content.Schema)
		}
	}
}

func closeSchema(ref *openapi3.SchemaRef) {
	if ref == nil || ref.Value == nil {
		return
	}
	schema := ref.Value
	closeSchema(schema.Items)
	if len(schema.Properties) == 0 || schema.AdditionalProperties.Has != nil {
		return // any object, or closed before
	}
	no := false
	schema.AdditionalProperties.Has = &no
	schema.Required = slices.Sorted(maps.Keys(schema.Properties))
	for _, property := range schema.Properties {
		closeSchema(property)
	}
}

// formatJSON is the format of a form's parameter whose text is JSON.
const formatJSON = "json"

// textForms says what a parameter of a form is that may be anything according to the files: JSON, as text.
func textForms(operation *openapi3.Operation) {
	form := formOf(operation)
	if form == nil {
		return
	}
	for _, property := range form.Properties {
		schema := property.Value
		if schema.Type.Is(openapi3.TypeArray) {
			schema = schema.Items.Value
		}
		if schema.Type == nil {
			schema.Type, schema.Format = &openapi3.Types{openapi3.TypeString}, formatJSON
		}
	}
}

// formOf is the schema of an operation's form, or nil.
func formOf(operation *openapi3.Operation) *openapi3.Schema {
	if operation.RequestBody == nil {
		return nil
	}
	content := operation.RequestBody.Value.Content.Get("application/x-www-form-urlencoded")
	if content == nil || content.Schema == nil {
		return nil
	}
	return content.Schema.Value
}

// operation is one method and path of a product, and the values of the path's variables.
type operation struct {
	key    string // such as "GET sync.twilio.com/v1/Services/{Sid}"
	doc    *openapi3.T
	path   path
	spec   *openapi3.Operation
	values map[string]string
}

// find returns the operation of a request. Where two paths fit, the one with more words wins over the one with a variable.
func (s Specs) find(name, method, address string) (operation, bool) {
	p := s[name]
	if p == nil {
		return operation{}, false
	}
	got := strings.Split(address, "/")
	var found operation
	best := -1
	for _, candidate := range p.paths[len(got)] {
		spec := candidate.item.GetOperation(method)
		values, words, ok := candidate.bind(got)
		if spec == nil || !ok || words <= best {
			continue
		}
		best = words
		found = operation{
			key: method + " " + name + ".twilio.com" + candidate.pattern,
			doc: p.doc, path: candidate, spec: spec, values: values,
		}
	}
	return found, best >= 0
}

// bind fits a path into the pattern and counts the segments that are words.
func (p path) bind(got []string) (values map[string]string, words int, ok bool) {
	values = map[string]string{}
	for i, segment := range p.segments {
		switch {
		case strings.HasPrefix(segment, "{"):
			values[strings.Trim(segment, "{}")] = got[i]
		case segment == got[i]:
			words++
		default:
			return nil, 0, false
		}
	}
	return values, words, true
}
