// Package page is what a person sees at the fake's address: the world inside it, what was
// asked of it, its clock, and its faults. It is rendered on the server and works without a
// script; with its script it follows the fake as it changes.
package page

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"net/http"
	"path"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

//go:embed static
var static embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"short": short, "stamp": stamp, "iso": iso, "age": age, "count": count,
}).ParseFS(static, "static/*.tmpl"))

// prefix is where everything of the page is, but for the page itself, which is at /.
const prefix = "/_fake/page/"

// page serves one fake.
type page struct {
	fake *faketwilio.Server
}

// Mount puts the page at / of the fake, on every host that is no product of Twilio. It
// answers only to this machine.
func Mount(fake *faketwilio.Server) {
	p := page{fake}
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /{$}":                    p.show,
		"GET " + prefix + "style.css": asset("text/css; charset=utf-8"),
		"GET " + prefix + "script.js": asset("text/javascript; charset=utf-8"),
		"GET " + prefix + "icon.svg":  asset("image/svg+xml"),
		"POST " + prefix + "clock":    p.act(p.turnClock),
		"POST " + prefix + "faults":   p.act(p.addFault),
		"POST " + prefix + "mend":     p.act(p.removeFault),
	} {
		fake.Handle(pattern, withPolicy(serve))
	}
}

// show renders the page: ?q= narrows it to what contains a text, ?show= says how many rows
// of each kind.
func (p page) show(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, "")
}

// render writes the page, or 304 if the reader has it already.
func (p page) render(w http.ResponseWriter, r *http.Request, status int, problem string) {
	view := look(p.fake, readSelection(r.URL.Query()))
	view.Problem = problem
	var body bytes.Buffer
	if err := templates.ExecuteTemplate(&body, "page.tmpl", view); err != nil {
		http.Error(w, fmt.Sprintf("show page: %v", err), http.StatusInternalServerError)
		return
	}
	hash := fnv.New64a()
	_, _ = hash.Write(body.Bytes()) // never fails [hash.Hash]
	tag := fmt.Sprintf(`"%x"`, hash.Sum64())
	w.Header().Set("Etag", tag)
	if status == http.StatusOK && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader went away: nobody is left to tell
}

// asset serves the embedded file of the request's name.
func asset(contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		content, err := static.ReadFile("static/" + path.Base(r.URL.Path))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content) // the reader went away: nobody is left to tell
	}
}
