package page

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	own := strings.TrimPrefix(s.address, "http://")
	tests := []struct {
		name    string
		headers []string
		want    int
		reason  string
	}{
		{"own address", nil, http.StatusOK, "the address that the program prints"},
		{"localhost", []string{"Host: localhost:4010"}, http.StatusOK, "its name"},
		{"IPv6", []string{"Host: [::1]:4010", "Peer: [::1]:9"}, http.StatusOK, "the same in IPv6"},
		{"no port", []string{"Host: 127.0.0.1"}, http.StatusOK, "a port is not needed"},
		{"another name", []string{"Host: evil.example.com"}, http.StatusForbidden, "a site's name that leads here is DNS rebinding"},
		{"a name like ours", []string{"Host: 127.0.0.1.example.com"}, http.StatusForbidden, "only the whole name counts"},
		{"a product that does not exist", []string{"Host: voice.twilio.com"}, http.StatusForbidden, "a client of Twilio must not take the page for an answer"},
		{"no host", []string{"Host: "}, http.StatusForbidden, "every browser sends one"},
		{"another machine", []string{"Peer: 192.0.2.7:1234"}, http.StatusForbidden, "only this machine"},
		{"no peer", []string{"Peer: "}, http.StatusForbidden, "whoever cannot be told is not let in"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/", prefix + "script.js"} {
				status, header, body := s.ask(http.MethodGet, path, nil, test.headers...)
				if status != test.want {
					t.Errorf("%s is answered by %d, want %d: %s\n%s", path, status, test.want, test.reason, body)
				}
				served := status == http.StatusOK
				if served && header.Get("Content-Security-Policy") != policy || header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s is answered without its policy: %v", path, header)
				}
			}
		})
	}
	forms := []struct {
		name    string
		headers []string
		want    int
		reason  string
	}{
		{"own form", []string{"Sec-Fetch-Site: same-origin"}, http.StatusSeeOther, "the page's own"},
		{"form of another site", []string{"Sec-Fetch-Site: cross-site"}, http.StatusForbidden, "a site that the reader visits must not turn the clock"},
		{"form of another port", []string{"Sec-Fetch-Site: same-site"}, http.StatusForbidden, "another program of this machine's is another site"},
		{"form of an old browser", []string{"Origin: http://evil.example.com"}, http.StatusForbidden, "the origin tells as well"},
		{"own form in an old browser", []string{"Origin: http://" + own}, http.StatusSeeOther, "the origin is the page's own"},
	}
	for _, test := range forms {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, _, body := s.ask(http.MethodPost, prefix+"clock", url.Values{"turn": {"0s"}}, test.headers...)
			if status != test.want {
				t.Errorf("answered %d, want %d: %s\n%s", status, test.want, test.reason, body)
			}
		})
	}
}

// The page stands beside the products and the control API, and takes nothing from them.
func TestMountLeavesTheRestAlone(t *testing.T) {
	t.Parallel()
	plain, mounted := faketwilio.New(faketwilio.Options{Seed: 1}), faketwilio.New(faketwilio.Options{Seed: 1})
	Mount(mounted)
	for _, path := range []string{"/_fake/clock", "/_fake/state", "/nowhere", "/_fake/page/nowhere"} {
		want, _, wantBody := (&stage{t: t, fake: plain, address: "http://127.0.0.1"}).ask(http.MethodGet, path, nil)
		got, _, gotBody := (&stage{t: t, fake: mounted, address: "http://127.0.0.1"}).ask(http.MethodGet, path, nil)
		if got != want || gotBody != wantBody {
			t.Errorf("%s is answered by %d %s with the page, and by %d %s without", path, got, gotBody, want, wantBody)
		}
	}
	s := &stage{t: t, fake: mounted, address: "http://127.0.0.1"}
	if status, _, body := s.ask(http.MethodGet, "/", nil, "Host: sync.twilio.com"); status != http.StatusUnauthorized && status != http.StatusNotFound {
		t.Errorf("/ of a product is answered by %d %s, want the product's own answer", status, body)
	}
}
