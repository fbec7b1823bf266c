package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// String describes the step for the trace.
func (s *step) String() string {
	if s.request == nil {
		return s.text
	}
	product, _, _ := strings.Cut(s.request.URL.Host, ".")
	text := fmt.Sprintf("%s %s %s", s.request.Method, product, shortPath(s.request.URL.Path))
	if match := s.request.Header.Get("If-Match"); match != "" {
		text += " If-Match " + match
	}
	form := s.form()
	if data := form.Get("Data"); data != "" {
		text += ": " + view{document: data}.record().String()
	}
	for _, name := range []string{"Attributes", "State", "Status"} {
		if value := form.Get(name); value != "" {
			text += " " + name + "=" + value
		}
	}
	return text
}

// form returns what the request carries; nothing if that cannot be read again.
func (s *step) form() url.Values {
	if s.request.GetBody == nil {
		return nil
	}
	body, err := s.request.GetBody()
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return nil
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil
	}
	return form
}

// shortPath leaves the version and the SIDs out, but for the last word.
func shortPath(path string) string {
	var words []string
	for word := range strings.SplitSeq(path, "/") {
		if len(word) < 30 && len(word) > 2 {
			words = append(words, word)
		}
	}
	return strings.Join(words, "/")
}

// String sums a record up.
func (r record) String() string {
	parts := []string{r.Status}
	for _, sid := range slices.Sorted(maps.Keys(r.Tasks)) {
		parts = append(parts, fmt.Sprintf("task %s %s", strings.TrimLeft(strings.TrimPrefix(sid, "WT"), "0"), r.Tasks[sid].Phase))
	}
	if r.Claim != nil {
		parts = append(parts, "claim of "+r.Claim.Run)
		if r.Claim.Done {
			parts = append(parts, "which has let go")
		}
	}
	if r.Retirement != nil {
		parts = append(parts, "retirement by "+r.Retirement.Run)
	}
	return strings.Join(parts, ", ")
}

// describeAnswer sums an answer of the fake up.
func describeAnswer(answer string) string {
	status, body, _ := strings.Cut(answer, " ")
	var a struct {
		resource
		Code      int        `json:"code"`
		Documents []resource `json:"documents"`
		Messages  []any      `json:"messages"`
	}
	if json.Unmarshal([]byte(body), &a) != nil {
		return answer
	}
	text := status
	if a.Code != 0 {
		text += fmt.Sprintf(" code %d", a.Code)
	}
	for _, r := range append(a.Documents, a.resource) {
		text += r.String()
	}
	if a.Messages != nil {
		text += fmt.Sprintf(" %d messages", len(a.Messages))
	}
	return text
}

// resource is what the trace shows of a document, a channel or a conversation.
type resource struct {
	Revision   string          `json:"revision"`
	Data       json.RawMessage `json:"data"`
	Attributes string          `json:"attributes"`
	State      string          `json:"state"`
}

func (r resource) String() string {
	var text string
	if r.Revision != "" {
		text += fmt.Sprintf(" revision %s: %s", r.Revision, view{document: string(r.Data)}.record())
	}
	if r.State != "" {
		text += " state " + r.State
	}
	if r.Attributes != "" {
		text += " attributes " + r.Attributes
	}
	return text
}
