package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/faketwilio"
	"github.com/flexsweep/flexsweep/test/rig"
	"github.com/flexsweep/flexsweep/test/world"
)

// program builds the function as Google does, once, with its main in test/function.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "function")
	return path, rig.Build(context.Background(), "github.com/flexsweep/flexsweep/test/function", path)
})

var programs string // where the program is built

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "flexsweep-integration-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(programs) // a temporary folder
	os.Exit(code)
}

// process is one function that runs by itself.
type process struct {
	*rig.Process
	address string
}

// launch starts a function over the fake, which is reached by HTTP, and returns when it
// listens.
func launch(t *testing.T, entryPoint function.EntryPoint, own world.Settings) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	address, err := rig.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	p, err := rig.Serve(t.Context(), t.TempDir(), path, string(entryPoint), address, own)
	if p != nil {
		t.Cleanup(p.Kill)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &process{p, address}
}

// sweep calls the sweep. An error means that it gave no answer.
func (p *process) sweep() (report sweep.Report, err error) {
	res, err := http.Post("http://"+p.address+"/", "application/json", strings.NewReader("{}"))
	if err != nil {
		return report, err
	}
	defer res.Body.Close()
	return report, json.NewDecoder(res.Body).Decode(&report)
}

// listen makes the fake reachable by HTTP, for processes.
func listen(w *world.World) {
	server := httptest.NewServer(w.Fake)
	w.T.Cleanup(server.Close)
	w.Settings["TWILIO_BASE_URL"], w.Settings["CLOCK_URL"] = server.URL, server.URL
}

func TestProcessWithBadSettings(t *testing.T) {
	t.Parallel()
	for entryPoint, faulty := range map[function.EntryPoint]world.Settings{
		function.EventStreams: {
			"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_KEY": "SK1", "TWILIO_AUTH_TOKEN": "not-a-token", "WEBHOOK_URLS": "ftp://example.com",
			"SYNC_SERVICE_SID": "", "DOCUMENT_PREFIX": "a/b", "TWILIO_REQUESTS_PER_SECOND": "many", "TWILIO_BASE_URL": "http://example.com", "CLOCK_URL": "http://example.com",
		},
		function.Sweep: {
			"TWILIO_ACCOUNT_SID": "", "TWILIO_API_SECRET": "not-a-secret", "SYNC_SERVICE_SID": "ZS1", "CHAT_SERVICE_SIDS": "IS1,IS2", "RETENTION": "48",
			"RETENTION_BY_CHANNEL_TYPE": "web", "QUIET_PERIOD": "-1m", "CHAT_DISPOSITION": "close", "CONVERSATIONS_DISPOSITION": "deactivate",
			"MAX_RETIREMENTS_PER_RUN": "0", "MAX_UNEXPLAINED": "0", "SWEEP_CONCURRENCY": "x", "TOMBSTONE_TTL": "1h",
		},
	} {
		t.Run(string(entryPoint), func(t *testing.T) {
			t.Parallel()
			path, err := program()
			if err != nil {
				t.Fatal(err)
			}
			p, err := rig.StartFunction(t.TempDir(), path, string(entryPoint), "127.0.0.1:1", faulty)
			if err != nil {
				t.Fatal(err)
			}
			code, text := p.Wait()
			want(t, "exit code", code, 1)
			for name := range faulty {
				want(t, "the text names "+name, strings.Contains(text, name+": "), true)
			}
			for _, secret := range []string{"not-a-token", "not-a-secret", "goroutine"} {
				want(t, "the text has "+secret, strings.Contains(text, secret), false)
			}
		})
	}
}

func TestProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "the two programs as Google runs them, with real signed HTTP deliveries", nil)
	listen(w)
	started := time.Now()
	webhook := launch(t, function.EventStreams, w.Settings)
	t.Logf("from the start of the process to its first connection: %s", time.Since(started).Round(time.Millisecond))
	sweeps := launch(t, function.Sweep, w.Settings)
	w.Deliver = func(r *http.Request) (*http.Response, error) {
		r.URL.Scheme, r.URL.Host = "http", webhook.address
		r.Host = webhook.address
		return http.DefaultTransport.RoundTrip(r)
	}
	chat, conversation := w.NewChat(), w.NewConversation()
	chat.NewTask().Complete()
	conversation.NewTask().Complete()
	for _, d := range w.Fake.Deliveries() {
		want(t, "outcome of the delivery", d.Outcome, "delivered")
	}
	w.Pass(retention - time.Second)
	report, err := sweeps.sweep()
	if err != nil {
		t.Fatal(err)
	}
	want(t, "kept a second before", report.Skipped[channel.ReasonRetention], 2)
	w.Pass(time.Second)
	if report, err = sweeps.sweep(); err != nil {
		t.Fatal(err)
	}
	want(t, "retired", report.Retired, 2)
	chat.MustHave(world.AttributesRetired, "after the sweep")
	conversation.MustBe(retired, "after the sweep")

	res, err := http.Post("http://"+webhook.address+"/", "application/json", strings.NewReader("[]"))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close() // it was only read
	want(t, "HTTP status of an unsigned request", res.StatusCode, http.StatusForbidden)
}

// SIGKILL strikes while a request is on its way: before it took effect at Twilio, or
// after. crash_test.go plays the same in process; this shows that a real process has
// nothing else up its sleeve.
func TestProcessIsKilledDuringASweep(t *testing.T) {
	t.Parallel()
	for _, way := range []way{ways[0], ways[2]} {
		for step := range way.requests() {
			for _, late := range []bool{false, true} {
				t.Run(cut{way, step, late}.String(), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, "a new process finishes what a killed one began, when the claim's lease is over", way.settings)
					listen(w)
					c := way.begin(w)
					c.NewTask().Complete()
					w.Pass(retention)
					hangs := make(chan struct{})
					w.Fake.Journal().Observe(func(e faketwilio.Exchange) {
						if e.Outcome == "hang" {
							close(hangs)
						}
					})
					w.Fake.Faults().Add(faketwilio.Fault{Nth: firstOfChannel + step, Times: 1, Hang: true, Late: late})
					doomed := launch(t, function.Sweep, w.Settings)
					answered := make(chan error, 1)
					go func() {
						_, err := doomed.sweep()
						answered <- err
					}()
					select {
					case <-hangs:
					case err := <-answered:
						t.Fatalf("the sweep ended before it could be killed: %v", err)
					}
					doomed.Kill()
					if err := <-answered; err == nil {
						t.Fatal("a killed process answered")
					}
					next := launch(t, function.Sweep, w.Settings)
					w.Pass(channel.Lease)
					if _, err := next.sweep(); err != nil {
						t.Fatal(err)
					}
					c.MustBe(way.end, "after the next process's sweep")
					want(t, "status of the record", c.Record().Status, channel.Retired)
				})
			}
		}
	}
}
