package faketwilio

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// attributeFilter is an EvaluateTaskAttributes expression: a task passes if all comparisons of one alternative hold.
type attributeFilter [][]attributeTest

// attributeTest is one comparison: an attribute, or a path of them, is equal to a text.
type attributeTest struct{ name, value string }

// Comparisons are written name == "value", with either kind of quotation mark or none, and = for ==. AND binds closer than OR.
var (
	comparison = regexp.MustCompile(`^\s*([A-Za-z_][\w.]*)\s*={1,2}\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|$)`)
	connective = regexp.MustCompile(`^(?i)(AND|OR)\s+`)
)

// parseAttributeFilter takes an expression apart.
func parseAttributeFilter(expression string) (attributeFilter, error) {
	filter, rest := attributeFilter{nil}, expression
	for {
		match := comparison.FindStringSubmatch(rest)
		if match == nil {
			return nil, refuseFilter(expression)
		}
		last := len(filter) - 1
		filter[last] = append(filter[last], attributeTest{match[1], match[2] + match[3] + match[4]})
		if rest = rest[len(match[0]):]; rest == "" {
			return filter, nil
		}
		word := connective.FindString(rest)
		switch strings.ToUpper(strings.TrimSpace(word)) {
		case "":
			return nil, refuseFilter(expression)
		case "OR":
			filter = append(filter, nil)
		}
		rest = rest[len(word):]
	}
}

func refuseFilter(expression string) error {
	return invalid(`EvaluateTaskAttributes: the fake knows only comparisons such as name == "value", joined by AND and OR, not %q`,
		expression)
}

// passes reports whether a task fits the expression.
func (f attributeFilter) passes(t *task) bool {
	return slices.ContainsFunc(f, func(all []attributeTest) bool {
		return !slices.ContainsFunc(all, func(one attributeTest) bool { return t.attribute(one.name) != one.value })
	})
}

// tasksFor narrows a list down to the tasks that name what the expression asks for, if every alternative asks for a SID that is
// kept in the index: a contact centre has many tasks.
func (s *Server) tasksFor(w *workspace, filter attributeFilter) *collection[*task] {
	var narrowed collection[*task]
	seen := map[*task]bool{}
	for _, all := range filter {
		i := slices.IndexFunc(all, func(one attributeTest) bool {
			return slices.Contains(indexedAttributes, one.name) && one.value != ""
		})
		if i < 0 {
			return &w.tasks
		}
		for t := range s.taskrouter.byChannel[all[i].value] {
			if t.workspace == w && !seen[t] {
				seen[t] = true
				narrowed.entries = append(narrowed.entries, entry[*task]{seq: t.seq, value: t, live: true})
			}
		}
	}
	slices.SortFunc(narrowed.entries, func(a, b entry[*task]) int { return int(a.seq) - int(b.seq) })
	return &narrowed
}

// attribute is one attribute of a task as text; a path such as customers.phone leads into objects.
func (t *task) attribute(path string) string {
	var value any
	if json.Unmarshal([]byte(t.attributes), &value) != nil {
		return ""
	}
	for _, name := range strings.Split(path, ".") {
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
