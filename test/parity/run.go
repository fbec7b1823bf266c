package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// make creates something that is deleted when the case is over, and returns its SID.
func (r *run) make(step, address string, form ...string) (sid string) {
	sid = r.sid(r.call(step, http.MethodPost, address, form))
	r.cleanup = append(r.cleanup, address+"/"+sid)
	return sid
}

// sid is the SID of what was made. Where nothing was, the case ends: what follows would ask for something else.
func (r *run) sid(made answer) string {
	sid, _ := field(made.body, "sid").(string)
	if made.status >= 300 || sid == "" {
		panic(stopped{err: fmt.Errorf("nothing was made: HTTP %d: %.300s", made.status, made.raw)})
	}
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
