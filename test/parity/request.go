package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

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
