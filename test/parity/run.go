package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// run is one variant of one case under way.
type run struct {
	target
	ctx     context.Context
	variant string // "a" or "b": every name and value that the case makes up differs between the two
	prefix  string // begins every name of this run
	*normaliser

	exchanges []exchange
	raw       []rawExchange
	failed    []string
	cleanup   []string // addresses to delete, oldest first
	seen      map[string]bool
	now       time.Time // by the last answer's Date
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   any
}

// stopped ends a case from within: by an error, or because the account has not what it needs.
type stopped struct {
	err     error
	skipped string
}

// name is a name of this run for a thing that is made.
func (r *run) name(label string) string {
	text := r.prefix + "-" + label
	r.stand(text, "<name:"+label+">")
	return text
}

// text is a value that differs between the variants.
func (r *run) value(label string) string {
	text := "value-" + r.variant + strings.Repeat(r.variant, len(label)) + "-" + label
	r.stand(text, "<value:"+label+">")
	return text
}

// call makes a request, keeps what is to be kept of it, and returns the answer. form is name, value, name, value… A header is
// "Name: value".
func (r *run) call(step, method, address string, form []string, headers ...string) answer {
	got := r.ask(method, address, form, headers...)
	r.raw = append(r.raw, rawExchange{step, method, address, got})
	if at, err := http.ParseTime(got.header.Get("Date")); err == nil {
		r.now = at
	}
	kept := exchange{Step: step, Request: method + " " + r.text(address), Status: got.status, Headers: r.headers(got.header)}
	if code, numbered := field(got.body, "code").(float64); numbered {
		kept.Code = int(code)
	}
	for _, sid := range sidPattern.FindAllString(address, -1) {
		r.seen[sid] = true
	}
	kept.Body = r.normaliser.value("", r.own(got.body))
	if sid, made := field(got.body, "sid").(string); made {
		r.seen[sid] = true
	}
	r.exchanges = append(r.exchanges, kept)
	return got
}

// ask makes a request that is not kept.
func (r *run) ask(method, address string, form []string, headers ...string) answer {
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	request, err := http.NewRequestWithContext(r.ctx, method, "https://"+address, strings.NewReader(values.Encode()))
	if err != nil {
		panic(stopped{err: err})
	}
	if len(form) > 0 {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.SetBasicAuth(r.user, r.password)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := r.client.Do(request)
	if err != nil {
		panic(stopped{err: err})
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		panic(stopped{err: fmt.Errorf("read answer to %s %s: %w", method, address, err)})
	}
	got := answer{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if len(raw) > 0 && json.Unmarshal(raw, &got.body) != nil {
		got.body = "no JSON"
	}
	return got
}

// keptHeaders are compared; everything else in a header is of the day.
var keptHeaders = []string{"Content-Type", "Etag", "Retry-After", "Www-Authenticate"}

func (r *run) headers(header http.Header) map[string]string {
	kept := map[string]string{}
	for _, name := range keptHeaders {
		if value := header.Get(name); value != "" {
			kept[name] = r.normaliser.text(value)
		}
	}
	return kept
}

// own leaves out the rows of a list that are none of this run's: an account may have a default service.
func (r *run) own(body any) any {
	object, isObject := body.(map[string]any)
	key, isList := field(field(body, "meta"), "key").(string)
	rows, hasRows := object[key].([]any)
	if !isObject || !isList || !hasRows {
		return body
	}
	kept := []any{}
	for _, row := range rows {
		if r.knows(text(row)) {
			kept = append(kept, row)
		}
	}
	object[key] = kept
	return object
}

func (r *run) knows(row string) bool {
	if strings.Contains(row, r.prefix) {
		return true
	}
	for _, sid := range sidPattern.FindAllString(row, -1) {
		if r.seen[sid] {
			return true
		}
	}
	return false
}

// make creates something that is deleted when the case is over, and returns its SID.
func (r *run) make(step, address string, form ...string) (sid string) {
	got := r.call(step, http.MethodPost, address, form)
	sid, _ = field(got.body, "sid").(string)
	if got.status >= 300 || sid == "" {
		panic(stopped{err: fmt.Errorf("%s: POST %s: HTTP %d: %.300s", step, address, got.status, got.raw)})
	}
	r.cleanup = append(r.cleanup, address+"/"+sid)
	return sid
}

// must notes a failure unless what the code relies on is so.
func (r *run) must(so bool, what string) {
	if !so {
		r.failed = append(r.failed, what)
	}
}

// skip ends the case: the account has not what it needs.
func (r *run) skip(why string) { panic(stopped{skipped: why}) }

// wait lets time pass.
func (r *run) wait(d time.Duration) {
	if err := r.pass(r.ctx, d); err != nil {
		panic(stopped{err: err})
	}
}

// clean deletes what the case made, newest first, whatever became of it.
func (r *run) clean() (err error) {
	defer func() {
		if p, ok := recover().(stopped); ok {
			err = p.err
		}
	}()
	r.ctx = context.WithoutCancel(r.ctx) // what was made must go, also after Ctrl-C
	for i := len(r.cleanup) - 1; i >= 0; i-- {
		if got := r.ask(http.MethodDelete, r.cleanup[i], nil); got.status >= 300 && got.status != http.StatusNotFound {
			err = errors.Join(err, fmt.Errorf("delete %s: HTTP %d", r.cleanup[i], got.status))
		}
	}
	return err
}

// field is a field of a JSON object, nil if there is none.
func field(value any, name string) any {
	object, _ := value.(map[string]any)
	return object[name]
}
