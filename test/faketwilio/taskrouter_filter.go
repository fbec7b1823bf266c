package faketwilio

import (
	"encoding/json"
	"regexp"
)

// attributeTest is the one form of EvaluateTaskAttributes that the fake knows: name == "value", with either kind of quotation
// mark or none, and = for ==.
var attributeTest = regexp.MustCompile(`^\s*([A-Za-z_][\w.]*)\s*={1,2}\s*(?:"([^"]*)"|'([^']*)'|(\S+))\s*$`)

// parseAttributeTest takes an expression apart.
func parseAttributeTest(expression string) (name, value string, err error) {
	match := attributeTest.FindStringSubmatch(expression)
	if match == nil {
		return "", "", invalid("EvaluateTaskAttributes: the fake knows only expressions such as name == \"value\", not %q", expression)
	}
	return match[1], match[2] + match[3] + match[4], nil
}

// attribute is one attribute of a task as text; a path such as customers.phone leads into objects.
func (t *task) attribute(path string) string {
	var value any
	if json.Unmarshal([]byte(t.attributes), &value) != nil {
		return ""
	}
	for _, name := range attributePath.FindAllString(path, -1) {
		object, isObject := value.(map[string]any)
		if !isObject {
			return ""
		}
		value = object[name]
	}
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

var attributePath = regexp.MustCompile(`[^.]+`)
