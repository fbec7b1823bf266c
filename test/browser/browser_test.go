package browser

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// A page that does everything wrong at once: the helper must not overlook any of it.
func TestTabSeesWhatIsWrong(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "img-src 'none'; style-src 'self'")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><link rel="icon" href="data:,"><title>wrong</title>
			<div id="wide">wide</div><p style="color:red">inline</p><input id="name"><b id="faint">faint</b>
			<script>document.getElementById('faint').attributeStyleMap.set('color', 'rgb(200, 200, 200)');document.getElementById('wide').attributeStyleMap.set('width', CSS.px(2000));
			console.error('said aloud'); queueMicrotask(() => { throw new Error('thrown') });
			fetch('http://192.0.2.1/').catch(() => {}); setTimeout(() => document.title = 'loaded')</script>`))
	}))
	defer server.Close()

	tab := Open(t)
	tab.Resize(390, 800)
	tab.Visit(server.URL)
	tab.Await("the script ran", `document.title === 'loaded'`)
	if pixels, guilty := tab.Overflow(); pixels < 1000 || !strings.Contains(guilty, "#wide") {
		t.Errorf("overflow is %v by %s, want more than 1000 by #wide", pixels, guilty)
	}

	if faint := tab.Faint(); !strings.Contains(faint, "B. faint 1.67") {
		t.Errorf("faint texts are %q, want the one of ratio 1.67 among them", faint)
	}
	all := strings.Join(tab.Problems(), "\n")
	for _, want := range []string{"said aloud", "thrown", "Content Security Policy", "request to another machine: http://192.0.2.1/"} {
		if !strings.Contains(all, want) {
			t.Errorf("the problems do not name %q:\n%s", want, all)
		}
	}
}

// A page that does nothing wrong: no false alarm, and the keyboard, the schemes and the camera work.
func TestTab(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>right</title><input autofocus id="name"><p>text</p>`))
	}))
	defer server.Close()

	tab := Open(t)
	tab.Resize(390, 800)
	tab.Visit(server.URL)
	tab.Await("the field has the focus", `document.activeElement.id === 'name'`)
	tab.Press("Hi")
	if typed := tab.Text(`document.getElementById('name').value`); typed != "Hi" {
		t.Errorf("typed %q, want Hi", typed)
	}
	if width := tab.Number(`innerWidth`); width != 390 {
		t.Errorf("the window is %v wide, want 390", width)
	}
	for _, scheme := range []string{"dark", "light"} {
		tab.Scheme(scheme)
		tab.Await(scheme+" is preferred", `matchMedia('(prefers-color-scheme: `+scheme+`)').matches`)
	}
	tab.Print()
	tab.Await("the page is printed", `matchMedia('print').matches`)
	tab.Scheme("light")
	if pixels, guilty := tab.Overflow(); pixels != 0 || guilty != "" {
		t.Errorf("overflow is %v by %s, want none", pixels, guilty)
	}
	if faint := tab.Faint(); faint != "" {
		t.Errorf("faint texts are %q, want none in black on white", faint)
	}
	if info, err := os.Stat(tab.Screenshot("browser-test")); err != nil || info.Size() == 0 {
		t.Errorf("screenshot: %v, %v", info, err)
	}
	if problems := tab.Problems(); len(problems) != 0 {
		t.Errorf("problems of a good page: %q", problems)
	}
}

func TestLeavesMachine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		address string
		want    bool
		reason  string
	}{
		{"http://127.0.0.1:80/x", false, "the loopback address"},
		{"http://[::1]/", false, "the loopback address of IPv6"},
		{"http://localhost:1/", false, "the loopback address by name"},
		{"https://fonts.example.com/", true, "another machine"},
		{"http://127.0.0.1.example.com/", true, "a name that only looks like the loopback address"},
		{"wss://192.0.2.1/", true, "a socket is traffic as well"},
		{"data:,", false, "no traffic"},
		{"file:///tmp/page.html", false, "no traffic"},
	}
	for _, test := range tests {
		t.Run(test.address, func(t *testing.T) {
			t.Parallel()
			if got := leavesMachine(test.address); got != test.want {
				t.Errorf("leavesMachine is %v: %s", got, test.reason)
			}
		})
	}
}
