package page

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// ask sends a request to the stage's fake as this machine's browser would, headers as "Name: value".
func (s *stage) ask(method, path string, form url.Values, headers ...string) (status int, header http.Header, body string) {
	s.t.Helper()
	request := httptest.NewRequestWithContext(s.t.Context(), method, s.address+path, strings.NewReader(form.Encode()))
	request.RemoteAddr = "127.0.0.1:50000"
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Host":
			request.Host = value
		case "Peer":
			request.RemoteAddr = value
		default:
			request.Header.Set(name, value)
		}
	}
	recorder := httptest.NewRecorder()
	s.fake.ServeHTTP(recorder, request)
	text, err := io.ReadAll(recorder.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return recorder.Code, recorder.Header(), string(text)
}

func TestShow(t *testing.T) {
	t.Parallel()
	s := newStage(t, 500)
	s.populate()
	status, header, body := s.ask(http.MethodGet, "/", nil)
	if status != http.StatusOK || header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("answered %d %s", status, header)
	}
	tests := []struct{ name, want, reason string }{
		{"state of a channel", `<span class="chip ">closed</span>`, "a conversation that was closed"},
		{"attribute of a channel", `<span class="chip ">long_lived false</span>`, "what retires a chat channel"},
		{"attributes that are no JSON", `<span class="chip warn">attributes are no object</span>`, "the page shows what the fake keeps"},
		{"digits", `12345678901234567890`, "numbers keep all their digits"},
		{"record", `&#34;status&#34;: &#34;retiring&#34;`, "the data of a document, indented"},
		{"status of a record", `<span class="chip warn">retiring</span>`, "a field that every record has"},
		{"task", `<span class="chip ">completed</span>`, "the status of a task"},
		{"message", `Is anybody there?`, "the messages of a channel"},
		{"interaction", `<span class="chip good">interaction active</span>`, "the Flex face of a conversation"},
		{"sink", `/EventStreams`, "where events go"},
		{"subscription", "com.twilio.taskrouter.task.completed", "which events go there"},
		{"attempts", `<span class="chip warn">2 attempts</span>`, "a delivery that was repeated"},
		{"request", `/Documents?PageSize=50`, "a request with its query"},
		{"form", `UniqueName = flexsweep-CH`, "the fields of a request"},
		{"answer", `Unique name already exists`, "the body of an answer"},
		{"fault", `<span class="chip bad">fault-1</span>`, "the fault that struck a request"},
		{"clock", `datetime="2026-01-05T10:30:00Z"`, "the time of the fake"},
	}
	s.document("flexsweep-twice", `{}`)
	s.document("flexsweep-twice", `{}`)
	_, _, body = s.ask(http.MethodGet, "/", nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(body, test.want) {
				t.Errorf("the page does not show %s: %s", test.want, test.reason)
			}
		})
	}
}

// Whatever anybody puts into the fake is text on the page, and never markup.
func TestShowEscapes(t *testing.T) {
	t.Parallel()
	const attack = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	s := newStage(t)
	ch := s.fake.NewChannel(s.chat, attack)
	s.fake.Say(ch, attack, attack)
	s.fake.NewTask(s.workspace, attack)
	s.fake.NewSink("http://127.0.0.1:1/" + attack)
	s.document(attack, fmt.Sprintf(`{"status":%q}`, attack))
	s.call(http.MethodPost, "https://sync.twilio.com/v1/"+url.PathEscape(attack), url.Values{attack: {attack}})
	s.fake.Faults().Add(faketwilio.Fault{Path: `<img src=x onerror=alert(2)>`, Status: 500})
	for _, path := range []string{"/", "/?q=" + url.QueryEscape(attack)} {
		_, _, body := s.ask(http.MethodGet, path, nil)
		if !strings.Contains(body, "alert(1)") {
			t.Errorf("%s does not show the attack at all, so this test shows nothing", path)
		}
		for _, markup := range []string{"<script>alert", "<img"} {
			if strings.Contains(body, markup) {
				t.Errorf("%s has %s as markup", path, markup)
			}
		}
	}
	if _, _, body := s.ask(http.MethodPost, prefix+"faults", url.Values{"effect": {attack}}); strings.Contains(body, "<img") {
		t.Error("what a form is refused for is markup on the page")
	}
}

func TestShowNarrows(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i := range 30 {
		s.fake.NewChannel(s.chat, fmt.Sprintf(`{"n":"number %02d"}`, i))
	}
	tests := []struct {
		name, query  string
		shows, hides string
		reason       string
	}{
		{"the newest", "/", "number 29", "number 09", "20 rows unless said otherwise, the newest"},
		{"how many", "/", "20 of 30", "number 00", "it says how many there are"},
		{"more rows", "/?show=100", "number 00", "20 of 30", "100 rows on demand"},
		{"no such size", "/?show=1000000", "number 29", "number 09", "the page must not grow without bounds"},
		{"by text", "/?q=NUMBER+03", "number 03", "number 29", "the filter reaches beyond the rows shown, in any case"},
		{"by nothing", "/?q=+", "number 29", "Show all", "an empty filter is none"},
		{"without a match", "/?q=nowhere", "None of the newest contains that.", "No channel or conversation has been made", "none found is not none there"},
		{"none at all", "/", "Nothing has been delivered yet.", "None of the newest", "none there is not none found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, _, body := s.ask(http.MethodGet, test.query, nil)
			if !strings.Contains(body, test.shows) {
				t.Errorf("%s does not show %q: %s", test.query, test.shows, test.reason)
			}
			if strings.Contains(body, test.hides) {
				t.Errorf("%s shows %q: %s", test.query, test.hides, test.reason)
			}
		})
	}
}

// A reader who has the page gets it again only when something has changed.
func TestShowUnchanged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	_, header, _ := s.ask(http.MethodGet, "/", nil)
	tag := "If-None-Match: " + header.Get("Etag")
	if status, _, body := s.ask(http.MethodGet, "/", nil, tag); status != http.StatusNotModified || body != "" {
		t.Errorf("an unchanged page is answered by %d with %d bytes, want 304 with none", status, len(body))
	}
	for what, change := range map[string]func(){
		"the clock":  func() { s.fake.Clock().Advance(time.Minute) },
		"a channel":  func() { s.fake.NewChannel(s.chat, "{}") },
		"a fault":    func() { s.fake.Faults().Add(faketwilio.Fault{Status: 500}) },
		"a request":  func() { s.call(http.MethodGet, "https://sync.twilio.com/v1/Services", nil) },
		"a delivery": func() { s.fake.NewTask(s.workspace, "{}"); s.fake.Flush() },
	} {
		_, header, _ := s.ask(http.MethodGet, "/", nil)
		change()
		if status, _, _ := s.ask(http.MethodGet, "/", nil, "If-None-Match: "+header.Get("Etag")); status != http.StatusOK {
			t.Errorf("after a change of %s the page is answered by %d, want 200", what, status)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for name, want := range map[string]string{"style.css": "text/css", "script.js": "text/javascript", "icon.svg": "image/svg+xml"} {
		status, header, body := s.ask(http.MethodGet, prefix+name, nil)
		if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), want) || body == "" {
			t.Errorf("%s: %d %s, %d bytes", name, status, header.Get("Content-Type"), len(body))
		}
		if _, _, page := s.ask(http.MethodGet, "/", nil); !strings.Contains(page, prefix+name) {
			t.Errorf("the page does not use %s", name)
		}
	}
	if status, _, _ := s.ask(http.MethodGet, prefix+"page.tmpl", nil); status != http.StatusNotFound {
		t.Errorf("the template is served with %d", status)
	}
}
