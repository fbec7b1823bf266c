package faketwilio

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the largest request body the fake reads. Twilio's own limit is not published.
const maxBody = 1 << 20

// call is one request to a product, read and taken apart.
type call struct {
	route  *route
	method string
	host   string // as asked for, without port
	path   string // as sent, still escaped
	vars   []string
	query  url.Values
	form   url.Values
	raw    string
	header http.Header
	now    time.Time

	unverified *Unverified
}

// readCall reads a request. The body must be a form, or JSON for the few paths that take it.
func readCall(r *http.Request, host string) (*call, error) {
	c := &call{method: r.Method, host: host, path: r.URL.EscapedPath(), header: r.Header}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return c, invalid("Invalid query string")
	}
	c.query = query
	if r.Body == nil || r.Body == http.NoBody {
		return c, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return c, invalid("Request body could not be read")
	}
	if len(body) > maxBody {
		return c, fail(http.StatusRequestEntityTooLarge, codeTooLarge, "Request entity too large")
	}
	c.raw = string(body)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return c, nil
	}
	if c.form, err = url.ParseQuery(c.raw); err != nil {
		return c, invalid("Request body is not a form")
	}
	return c, nil
}

// v returns the path variable of that name.
func (c *call) v(name string) string {
	i := 0
	for _, segment := range c.route.segments {
		if segment[0] != '{' {
			continue
		}
		if segment[1:len(segment)-1] == name {
			return c.vars[i]
		}
		i++
	}
	panic("faketwilio: route " + c.route.key + " has no variable " + name)
}

// url is an address on the host the client asked for: Twilio's bodies carry absolute addresses.
func (c *call) url(parts ...string) string {
	return "https://" + c.host + strings.Join(parts, "")
}

// get returns a form parameter, and whether it was sent at all.
func (c *call) get(name string) (string, bool) {
	values, ok := c.form[name]
	if !ok || len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// value returns a form parameter, or fallback.
func (c *call) value(name, fallback string) string {
	if v, ok := c.get(name); ok {
		return v
	}
	return fallback
}

// need returns a form parameter that must be there.
func (c *call) need(name string) (string, error) {
	v, ok := c.get(name)
	if !ok || v == "" {
		return "", invalid("Missing required parameter %s in the post body", name)
	}
	return v, nil
}

// reply is an answer: body is marshalled to JSON unless it is nil or []byte.
type reply struct {
	status int
	body   any
	header map[string]string
}

func ok(body any) reply      { return reply{status: http.StatusOK, body: body} }
func created(body any) reply { return reply{status: http.StatusCreated, body: body} }
func noContent() reply       { return reply{status: http.StatusNoContent} }

// with adds a header.
func (r reply) with(name, value string) reply {
	header := map[string]string{name: value}
	for k, v := range r.header {
		header[k] = v
	}
	r.header = header
	return r
}

// encode renders the body. JSON is written without HTML escapes, as Twilio does.
func (r reply) encode() []byte {
	switch body := r.body.(type) {
	case nil:
		return nil
	case []byte:
		return body
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r.body); err != nil {
		panic("faketwilio: encode answer: " + err.Error())
	}
	return bytes.TrimRight(buffer.Bytes(), "\n")
}

// iso is Twilio's form of a time: ISO 8601 in whole seconds.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// isoOrNull is iso, or nil for no time.
func isoOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := iso(t)
	return &text
}

// orNull is nil for the empty string.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
