package faketwilio

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// client calls one server in process, as the account's owner.
type client struct {
	t      *testing.T
	server *Server
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func newClient(t *testing.T, options Options) (*client, *Server) {
	t.Helper()
	s := New(options)
	return &client{t, s}, s
}

// do sends a request; form is name, value, name, value… and headers are "Name: value".
func (c *client) do(method, address string, form []string, headers ...string) answered {
	c.t.Helper()
	request := c.request(method, address, form, headers...)
	response, err := c.server.Transport().RoundTrip(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: read answer: %v", method, address, err)
	}
	out := answered{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if len(raw) > 0 && json.Unmarshal(raw, &out.body) != nil {
		c.t.Fatalf("%s %s: answer is no JSON: %s", method, address, raw)
	}
	return out
}

func (c *client) request(method, address string, form []string, headers ...string) *http.Request {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, "https://"+address, strings.NewReader(values.Encode()))
	if err != nil {
		c.t.Fatalf("make request: %v", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	credentials := c.server.Credentials()
	request.SetBasicAuth(credentials.APIKey, credentials.APISecret)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	return request
}

func (c *client) get(address string) answered { c.t.Helper(); return c.do("GET", address, nil) }
func (c *client) post(address string, form ...string) answered {
	c.t.Helper()
	return c.do("POST", address, form)
}
func (c *client) delete(address string) answered { c.t.Helper(); return c.do("DELETE", address, nil) }

// text is a field of the body as text; a path such as meta.next_page_url leads into objects.
func (a answered) text(path string) string {
	var value any = a.body
	for _, name := range strings.Split(path, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	text, _ := value.(string)
	return text
}

// rows is a list of the body.
func (a answered) rows(key string) []map[string]any {
	list, _ := a.body[key].([]any)
	rows := make([]map[string]any, 0, len(list))
	for _, row := range list {
		object, _ := row.(map[string]any)
		rows = append(rows, object)
	}
	return rows
}

// code is Twilio's error code, or 0.
func (a answered) code() int {
	code, _ := a.body["code"].(float64)
	return int(code)
}

// want checks a status and an error code (0: a success, which has none).
func (a answered) want(t *testing.T, status, code int, reason string) {
	t.Helper()
	if a.status != status || (code != 0 && a.code() != code) {
		t.Errorf("answered %d/%d, want %d/%d: %s\n%s", a.status, a.code(), status, code, reason, a.raw)
	}
}

// walk follows next_page_url from an address to the end and returns one field of every row.
func (c *client) walk(address, key, field string) (values []string, pages int) {
	c.t.Helper()
	for address != "" {
		page := c.get(strings.TrimPrefix(address, "https://"))
		page.want(c.t, 200, 0, "a page of a list")
		for _, row := range page.rows(key) {
			value, _ := row[field].(string)
			values = append(values, value)
		}
		address = page.text("meta.next_page_url")
		if pages++; pages > 100 {
			c.t.Fatal("the list does not end")
		}
	}
	return values, pages
}
