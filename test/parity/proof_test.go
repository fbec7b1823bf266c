package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/faketwilio/proxy"
)

// alteration makes a fake behave otherwise, so that it can play a Twilio that surprises us.
type alteration struct {
	name       string
	unverified faketwilio.Unverified
	path       string                                             // regular expression of the requests whose answers are altered
	ask        func(*http.Request)                                // alters a request on its way
	edit       func(*http.Request, *http.Response, []byte) []byte // alters an answer
	deliver    func(*http.Request)                                // alters a delivery
	refuse     bool                                               // nothing that a receiver refused comes again
	want       []string                                           // the steps, as case/step, at which it must be reported, and at no others
}

// The fake plays Twilio behind its HTTPS proxy: unaltered there is nothing to report.
func TestNoDifference(t *testing.T) {
	t.Parallel()
	if got := reported(t, alteration{}); len(got) > 0 {
		t.Errorf("reported %v", got)
	}
}

// One behaviour altered at a time: each is reported where it shows, and nowhere else.
func TestAlterations(t *testing.T) {
	t.Parallel()
	all := append(switchAlterations, otherAlterations...)
	if len(all) < 20 {
		t.Errorf("%d alterations, want at least 20", len(all))
	}
	for _, a := range all {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(a.want, reported(t, a)); diff != "" {
				t.Errorf("reported (-want +got):\n%s", diff)
			}
		})
	}
}

// Each of the fake's switches names the step that decides it, and that step notices the switch.
func TestSwitches(t *testing.T) {
	t.Parallel()
	listed, noticed := map[string]bool{}, map[string]bool{}
	for _, a := range switchAlterations {
		for _, s := range switches {
			if s.Switch == a.name && slices.Contains(a.want, s.Case+"/"+s.Step) {
				noticed[s.Switch] = true
			}
		}
	}
	for _, s := range switches {
		listed[s.Switch] = true
		if !noticed[s.Switch] {
			t.Errorf("%s: no alteration shows that %s, %s notices it", s.Switch, s.Case, s.Step)
		}
	}
	fields := reflect.TypeFor[faketwilio.Unverified]()
	for i := range fields.NumField() {
		if !listed[fields.Field(i).Name] {
			t.Errorf("no case decides %s: add one, and a row to switches.go", fields.Field(i).Name)
		}
		delete(listed, fields.Field(i).Name)
	}
	if len(listed) > 0 {
		t.Errorf("rows of switches that the fake has not: %v", listed)
	}
}

// reported plays a LIVE run against an altered fake, and returns the steps at which the fake as it is differs from it.
func reported(t *testing.T, a alteration) []string {
	t.Helper()
	dir := t.TempDir()
	s := session{twilio: asTwilio(t, a), dir: dir, out: io.Discard}
	s.secrets = []string{s.twilio.token, s.twilio.password}
	if _, err := s.record(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := judge(dir, asItIs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if v.recorded != len(battery()) {
		t.Errorf("%d of %d cases were recorded", v.recorded, len(battery()))
	}
	var steps []string
	for _, d := range v.unknown {
		if step := d.Case + "/" + d.Step; !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps
}

// asItIs is what the fake does, unaltered.
var asItIs = sync.OnceValue(func() []record {
	to, _ := newFake(faketwilio.Options{})
	records, err := playAll(context.Background(), to, battery(), nil)
	if err != nil {
		panic(err)
	}
	return records
})

// asTwilio is an altered fake behind its HTTPS proxy, which the client takes for Twilio.
func asTwilio(t *testing.T, a alteration) target {
	t.Helper()
	hook := newReceiver("https://hooks.example.com")
	fake := faketwilio.New(faketwilio.Options{
		Seed: 7, Unverified: a.unverified, DeliveryTransport: altered{next: hook, ask: a.deliver, lie: a.refuse},
		Start: time.Date(2026, time.June, 30, 12, 0, 0, 0, time.UTC),
	})
	p, err := proxy.Start("127.0.0.1:0", altered{next: fake.Transport(), path: regexp.MustCompile(a.path), ask: a.ask, edit: a.edit})
	if err != nil {
		t.Fatal(err)
	}
	through, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(p.CA())
	transport := &http.Transport{Proxy: http.ProxyURL(through), TLSClientConfig: &tls.Config{RootCAs: trusted}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := p.Close(); err != nil {
			t.Errorf("close proxy: %v", err)
		}
	})
	to, _ := newFake(faketwilio.Options{})
	credentials := fake.Credentials()
	to.client, to.receiver, to.run = &http.Client{Transport: transport}, hook, ours+"live"
	to.account, to.token, to.user, to.password = credentials.AccountSID, credentials.AuthToken, credentials.APIKey, credentials.APISecret
	to.pass, to.clock = turning(fake), fake.Clock().Now
	return to
}

// altered is a transport that alters requests, answers, or what a receiver says.
type altered struct {
	next http.RoundTripper
	path *regexp.Regexp
	ask  func(*http.Request)
	edit func(*http.Request, *http.Response, []byte) []byte
	lie  bool
}

func (a altered) RoundTrip(r *http.Request) (*http.Response, error) {
	concerns := a.path == nil || a.path.MatchString(r.Method+" "+r.URL.String())
	if a.ask != nil && concerns {
		r = r.Clone(r.Context())
		a.ask(r)
	}
	response, err := a.next.RoundTrip(r)
	if err != nil {
		return response, err
	}
	if a.lie && response.StatusCode >= 400 {
		response.StatusCode = http.StatusOK
	}
	if a.edit == nil || !concerns {
		return response, nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return response, err
	}
	body = a.edit(r, response, body)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response.Header.Del("Content-Length")
	return response, nil
}

// swap replaces a text in answers.
func swap(from, to string) func(*http.Request, *http.Response, []byte) []byte {
	return func(_ *http.Request, _ *http.Response, body []byte) []byte {
		return []byte(strings.ReplaceAll(string(body), from, to))
	}
}
