package eventstream_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/eventstream"
)

var verifier = eventstream.NewVerifier([]string{hookURL}, []string{token})

// patience is how long a test waits for an answer that never comes. Nothing waits for it
// where all is well.
const patience = 20 * time.Second

// serve runs the webhook in a real server, and returns its address.
func (h hook) serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// send opens a connection and writes a request with these header lines and this much of a
// body, and no more.
func send(t *testing.T, address, target, headers, body string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, "POST "+target+" HTTP/1.1\r\nHost: hook\r\n"+headers+"\r\n"+body); err != nil {
		t.Fatal(err)
	}
	return conn
}

func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	return res.StatusCode
}

// used is the memory that the process holds for data and stacks.
func used() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// A thousand strangers at once, who hold their connections and send no byte of what they
// announce, are answered and cost next to nothing.
// Not parallel: memory is the process's.
func TestHeldForgedRequestsCostNothing(t *testing.T) {
	const strangers, limit = 1000, 64 << 20
	forged := "X-Twilio-Signature: " + sign("stranger", hookURL) + "\r\n"
	query := "/?bodySHA256=" + hash("x")
	for _, row := range []struct {
		name, target, headers, body string
		want                        int
	}{
		{"4 MiB announced", query, forged + "Content-Length: 4194304\r\n", "", 429},
		{"200 KiB announced", query, forged + "Content-Length: 204800\r\n", "", 429}, // less than net/http reads of a body that nobody wants
		{"chunked", query, forged + "Transfer-Encoding: chunked\r\n", "", 429},
		{"chunked, and begun", query, forged + "Transfer-Encoding: chunked\r\n", "10000\r\n" + strings.Repeat(" ", 1000), 429},
		{"unsigned", query, "Content-Length: 4194304\r\n", "", 403},
		{"asking before it sends", query, forged + "Content-Length: 4194304\r\nExpect: 100-continue\r\n", "", 429},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHook(newMemory())
			address := h.serve(t)
			before := used()
			var held []net.Conn
			for range strangers {
				held = append(held, send(t, address, row.target, row.headers, row.body))
			}
			for _, conn := range held {
				if got := status(t, conn); got != row.want {
					t.Fatalf("status %d, want %d", got, row.want)
				}
			}
			if cost := used() - before; cost > limit {
				t.Errorf("%d held requests cost %d MiB", strangers, cost>>20)
			} else {
				t.Logf("%d held requests cost %.1f MiB", strangers, float64(cost)/(1<<20))
			}
			if lines := strings.Count(h.lines.String(), "\n"); lines != 1 {
				t.Errorf("%d lines are logged of them", lines)
			}
			runtime.KeepAlive(held)
		})
	}
}

// Who has seen a signed request can send its header and hash again, and no body.
func TestStalledBodyEndsWithItsDeadline(t *testing.T) {
	t.Parallel()
	body := array(taskEvent(1, 1, "created", noon))
	query := "/?bodySHA256=" + hash(body)
	captured := "X-Twilio-Signature: " + sign(token, hookURL+"?bodySHA256="+hash(body)) + "\r\n"
	large := strings.Repeat(" ", 200<<10)
	for name, row := range map[string]struct {
		reason, headers, sent string
		want                  int
	}{
		"nothing sent":        {"a delivery of Twilio's that stalls comes again", "Content-Length: 4194304\r\n", "", 503},
		"half of it":          {"half a delivery is none", fmt.Sprintf("Content-Length: %d\r\n", len(body)), body[:len(body)/2], 503},
		"chunked":             {"nor is one of unknown length", "Transfer-Encoding: chunked\r\n", "5\r\n[\r\n", 503},
		"a large one":         {"past the size for which memory is rationed", "Content-Length: 4194304\r\n", large, 503},
		"more than allowed":   {"what is announced is believed", "Content-Length: 4194305\r\n", "", 413},
		"all of another body": {"the hash is the signed one's", "Content-Length: 2\r\n", "[]", 403},
		"all of it":           {"the captured request itself is harmless: events are joined", fmt.Sprintf("Content-Length: %d\r\n", len(body)), body, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHookWith(newMemory(), eventstream.Config{Verifier: verifier, ReadTimeout: 50 * time.Millisecond})
			conn := send(t, h.serve(t), query, captured+row.headers, row.sent)
			if got := status(t, conn); got != row.want {
				t.Errorf("%s: status %d, want %d", row.reason, got, row.want)
			}
		})
	}
}

// deadlines is a writer that notes its read deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

// A read deadline that outlives the reading would cut the storing short: net/http ends the
// request's context with it.
func TestReadDeadlineEndsWithReading(t *testing.T) {
	t.Parallel()
	w, began := &deadlines{ResponseRecorder: httptest.NewRecorder()}, time.Now()
	newHook(newMemory()).ServeHTTP(w, attempt{}.request())
	if len(w.set) != 2 || w.set[0].Sub(began) < 2*time.Second || !w.set[1].IsZero() {
		t.Errorf("the deadlines are %v, want one and then none", w.set)
	}
	w = &deadlines{ResponseRecorder: httptest.NewRecorder()}
	newHook(newMemory()).ServeHTTP(w, attempt{header: constant("x")}.request())
	if len(w.set) != 1 || w.set[0].IsZero() || w.set[0].Year() != 1970 || !w.Flushed {
		t.Errorf("refused: the deadlines are %v, flushed %t, want one long past, after the answer", w.set, w.Flushed)
	}
}

func TestSourceRanges(t *testing.T) {
	t.Parallel()
	config := eventstream.Config{Verifier: verifier, Sources: []netip.Prefix{netip.MustParsePrefix("35.90.102.128/25"), netip.MustParsePrefix("2001:db8::/32")}}
	for name, row := range map[string]struct {
		reason    string
		forwarded []string
		remote    string
		want      int
	}{
		"on the list":              {"what Google's front end adds", []string{"35.90.102.200"}, "169.254.1.1:80", 0},
		"the other range":          {"any of them", []string{"2001:db8::1"}, "169.254.1.1:80", 0},
		"IPv4 as IPv6":             {"the same address", []string{"::ffff:35.90.102.200"}, "169.254.1.1:80", 0},
		"after a claimed one":      {"only the last entry is Google's", []string{"1.2.3.4, 35.90.102.200"}, "169.254.1.1:80", 0},
		"claimed":                  {"whoever calls may write the entries before", []string{"35.90.102.200, 1.2.3.4"}, "169.254.1.1:80", 429},
		"claimed in a line":        {"in a line of its own, too", []string{"35.90.102.200", "1.2.3.4"}, "169.254.1.1:80", 429},
		"just outside":             {"the range has its ends", []string{"35.90.102.127"}, "169.254.1.1:80", 429},
		"from behind Google":       {"the header counts, not the proxy that it came through", []string{"1.2.3.4"}, "35.90.102.200:80", 429},
		"no address":               {"nothing fits no range", []string{"unknown"}, "35.90.102.200:80", 429},
		"an empty header":          {"nothing fits no range", []string{""}, "35.90.102.200:80", 429},
		"with nothing in between":  {"the caller itself", nil, "35.90.102.200:80", 0},
		"from elsewhere, directly": {"the caller itself", nil, "1.2.3.4:80", 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHookWith(newMemory(), config)
			r := attempt{}.request()
			r.RemoteAddr = row.remote
			r.Header["X-Forwarded-For"] = row.forwarded
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Code; got != row.want && (got != 200 || row.want != 0) {
				t.Errorf("%s: status %d, want %d", row.reason, got, row.want)
			}
			if strings.Contains(h.lines.String(), `"refused":"source","count":1`) != (row.want == 429) {
				t.Errorf("the log does not say why: %s", h.lines)
			}
		})
	}
}

// The log tells the doors apart, and the lines stand for all refusals.
func TestRefusalsAreSampled(t *testing.T) {
	t.Parallel()
	now := noon
	h := newHookAt(newMemory(), eventstream.Config{Verifier: verifier}, func() time.Time { return now })
	type line struct {
		Refused string
		Count   int
	}
	knock := func(n int, a attempt) {
		for range n {
			h.refusal(a)
		}
	}
	unsigned, unknown := attempt{header: constant()}, attempt{key: "stranger"}
	knock(3, unsigned)
	knock(2, unknown)
	now = now.Add(59 * time.Second)
	knock(5, unsigned)
	now = now.Add(time.Second)
	knock(1, unsigned)
	knock(1, unknown)
	now = now.Add(time.Hour)
	knock(1, unknown)
	var got []line
	for _, each := range h.logged(t) {
		kind, _ := each["refused"].(string)
		count, _ := each["count"].(float64)
		if each["msg"] != "request refused" {
			t.Errorf("another line: %v", each)
		}
		got = append(got, line{kind, int(count)})
	}
	want := []line{{"malformed", 1}, {"token", 1}, {"malformed", 8}, {"token", 2}, {"token", 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the lines (-want +got):\n%s", d)
	}
}
