package taskrouter_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/cloudfunction/channel"
	"github.com/flexsweep/flexsweep/cloudfunction/taskrouter"
	"github.com/flexsweep/flexsweep/cloudfunction/twilio"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// sid returns the n-th SID of a kind.
func sid(kind string, n int) string { return fmt.Sprintf("%s%032x", kind, n) }

// exchange is one GET request that is expected, by its whole address, and its answer, "200 {…}".
type exchange struct{ address, answer string }

// script answers the expected requests, in order.
type script struct {
	exchanges []exchange

	mu  sync.Mutex
	got []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := r.URL.String()
	if r.Method != http.MethodGet {
		line = r.Method + " " + line
	}
	s.got = append(s.got, line)
	if len(s.got) > len(s.exchanges) {
		return nil, fmt.Errorf("unexpected request: %s", line)
	}
	status, body, _ := strings.Cut(s.exchanges[len(s.got)-1].answer, " ")
	res := &http.Response{Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}
	_, err := fmt.Sscan(status, &res.StatusCode)
	return res, err
}

func (s *script) check(t *testing.T) {
	t.Helper()
	var want []string
	for _, e := range s.exchanges {
		want = append(want, e.address)
	}
	if d := cmp.Diff(want, s.got); d != "" {
		t.Errorf("the requests (-want +got):\n%s", d)
	}
}

func refusal(status int) string {
	return fmt.Sprintf(`%d {"code":%d,"message":"no","more_info":"","status":%d}`, status, 20000+status, status)
}

func asker(s *script, now func() time.Time, workspaces ...string) *taskrouter.Asker {
	client := twilio.New(twilio.Config{AccountSID: "AC1", Username: "AC1", Password: "secret", Transport: s, Attempts: 1, RequestsPerSecond: 1e6})
	return taskrouter.New(client, workspaces, now)
}

func still() time.Time { return noon }

const root = "https://taskrouter.twilio.com/v1/Workspaces"

var (
	ws1, ws2 = sid("WS", 1), sid("WS", 2)
	listing  = root + "?PageSize=100"
)

// workspaces is the answer that lists them.
func workspaces(sids ...string) string {
	var list []string
	for _, sid := range sids {
		list = append(list, fmt.Sprintf(`{"sid":%q}`, sid))
	}
	return `200 {"workspaces":[` + strings.Join(list, ",") + `],"meta":{}}`
}

func taskAt(workspace string, n int) string { return root + "/" + workspace + "/Tasks/" + sid("WT", n) }

// record returns the record of the first channel, with an open task for each workspace, "" for unknown.
func record(inWorkspaces ...string) channel.Record {
	r := channel.Record{SID: sid("CH", 1), Backend: channel.Conversations, Tasks: map[string]channel.Task{}}
	for i, workspace := range inWorkspaces {
		r.Tasks[sid("WT", i+1)] = channel.Task{Phase: channel.Open, Workspace: workspace}
	}
	return r
}

func contains(t *testing.T, reason string, err error, text string) {
	t.Helper()
	if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("%s: got the error %v, want one with %q", reason, err, text)
	}
}
