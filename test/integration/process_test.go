package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	function "github.com/flexsweep/flexsweep/cloudfunction"
	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// program builds the function as Google does, once, with its main in test/function.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programs, "function")
	out, err := exec.Command("go", "build", "-o", path, "../function").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
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
	t       *testing.T
	cmd     *exec.Cmd
	address string
	output  bytes.Buffer // to be read when it has ended
	ended   chan struct{}
}

// command prepares a process with nothing in its environment but the settings.
func command(t *testing.T, entryPoint function.EntryPoint, own settings) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, address: freeAddress(t), ended: make(chan struct{})}
	_, port, _ := net.SplitHostPort(p.address)
	p.cmd = exec.Command(path)
	p.cmd.Env = []string{"FUNCTION_TARGET=" + string(entryPoint), "PORT=" + port}
	for name, value := range own {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	return p
}

// given are the addresses that a process has been given; none is given twice.
var given sync.Map

// freeAddress returns an address of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := listener.Addr().String()
		_ = listener.Close() // nothing was accepted
		if _, twice := given.LoadOrStore(address, true); !twice {
			return address
		}
	}
}

// launch starts a function over the fake, which is reached by HTTP, and returns when it
// listens.
func (w *world) launch(entryPoint function.EntryPoint) *process {
	w.t.Helper()
	p := command(w.t, entryPoint, w.settings)
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // it is killed in the end
		close(p.ended)
	}()
	w.t.Cleanup(p.kill)
	for deadline := time.Now().Add(time.Minute); ; {
		connection, err := net.Dial("tcp", p.address)
		if err == nil {
			_ = connection.Close() // it was only to see
			return p
		}
		select {
		case <-p.ended:
			w.t.Fatalf("%s does not start:\n%s", entryPoint, p.output.String())
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s does not listen: %v", entryPoint, err)
		}
	}
}

// kill ends the process at once, as the kernel does: SIGKILL.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
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
func (w *world) listen() {
	server := httptest.NewServer(w.fake)
	w.t.Cleanup(server.Close)
	w.settings["TWILIO_BASE_URL"] = server.URL
}

func TestProcessWithBadSettings(t *testing.T) {
	t.Parallel()
	for entryPoint, faulty := range map[function.EntryPoint]settings{
		function.EventStreams: {
			"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_KEY": "SK1", "TWILIO_AUTH_TOKEN": "not-a-token", "WEBHOOK_URLS": "ftp://example.com",
			"SYNC_SERVICE_SID": "", "DOCUMENT_PREFIX": "a/b", "TWILIO_REQUESTS_PER_SECOND": "many", "TWILIO_BASE_URL": "http://example.com",
		},
		function.Sweep: {
			"TWILIO_ACCOUNT_SID": "", "TWILIO_API_SECRET": "not-a-secret", "SYNC_SERVICE_SID": "ZS1", "CHAT_SERVICE_SIDS": "IS1,IS2", "RETENTION": "48",
			"RETENTION_BY_CHANNEL_TYPE": "web", "QUIET_PERIOD": "-1m", "CHAT_DISPOSITION": "close", "CONVERSATIONS_DISPOSITION": "deactivate",
			"MAX_RETIREMENTS_PER_RUN": "0", "MAX_DUE_SHARE": "2", "SWEEP_CONCURRENCY": "x", "TOMBSTONE_TTL": "1h",
		},
	} {
		t.Run(string(entryPoint), func(t *testing.T) {
			t.Parallel()
			p := command(t, entryPoint, faulty)
			err := p.cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("the function ran with bad settings: %v", err)
			}
			want(t, "exit code", exit.ExitCode(), 1)
			text := p.output.String()
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
	w.listen()
	started := time.Now()
	webhook := w.launch(function.EventStreams)
	t.Logf("from the start of the process to its first connection: %s", time.Since(started).Round(time.Millisecond))
	sweeps := w.launch(function.Sweep)
	w.deliver = func(r *http.Request) (*http.Response, error) {
		r.URL.Scheme, r.URL.Host = "http", webhook.address
		r.Host = webhook.address
		return http.DefaultTransport.RoundTrip(r)
	}
	chat, conversation := w.chat(), w.conversation()
	chat.task().work()
	conversation.task().work()
	for _, d := range w.fake.Deliveries() {
		want(t, "outcome of the delivery", d.Outcome, "delivered")
	}
	w.pass(retention - time.Second)
	report, err := sweeps.sweep()
	if err != nil {
		t.Fatal(err)
	}
	want(t, "kept a second before", report.Skipped[channel.ReasonRetention], 2)
	w.pass(time.Second)
	if report, err = sweeps.sweep(); err != nil {
		t.Fatal(err)
	}
	want(t, "retired", report.Retired, 2)
	chat.mustHave(attributesRetired, "after the sweep")
	conversation.mustBe(retired, "after the sweep")

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
		for step := range way.calls {
			for _, late := range []bool{false, true} {
				t.Run(cut{way, step, late}.String(), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, "a new process finishes what a killed one began, when the claim's lease is over", way.settings)
					w.listen()
					c := way.begin(w)
					c.task().work()
					w.pass(retention)
					hangs := make(chan struct{})
					w.fake.Journal().Observe(func(e faketwilio.Exchange) {
						if e.Outcome == "hang" {
							close(hangs)
						}
					})
					w.fake.Faults().Add(faketwilio.Fault{Nth: firstOfChannel + step, Times: 1, Hang: true, Late: late})
					doomed := w.launch(function.Sweep)
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
					doomed.kill()
					if err := <-answered; err == nil {
						t.Fatal("a killed process answered")
					}
					next := w.launch(function.Sweep)
					w.pass(channel.Lease)
					if _, err := next.sweep(); err != nil {
						t.Fatal(err)
					}
					c.mustBe(way.end, "after the next process's sweep")
					want(t, "status of the record", c.record().Status, channel.Retired)
				})
			}
		}
	}
}
