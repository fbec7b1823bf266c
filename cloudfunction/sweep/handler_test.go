package sweep_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/cloudfunction/ledger"
	"github.com/flexsweep/flexsweep/cloudfunction/sweep"
)

func TestHandler(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason string
		method string
		body   string
		memory func(*memory)
		status int
		dryRun bool
		asked  int
	}{
		"empty":            {"Scheduler sends nothing", "POST", "", nil, 200, false, 2},
		"blank":            {"white space is nothing", "POST", " \n", nil, 200, false, 2},
		"an object":        {"an ordinary run", "POST", `{}`, nil, 200, false, 2},
		"dry":              {"nothing is retired", "POST", `{"dryRun":true}`, nil, 200, true, 0},
		"a limit":          {"not more than asked", "POST", `{"limit":1}`, nil, 200, false, 1},
		"all fields":       {"as documented", "POST", `{"tick":true,"dryRun":false,"limit":5}` + "\n", nil, 200, false, 2},
		"an old field":     {"an old caller wants something that is no more", "POST", `{"ignoreDueShare":true}`, nil, 400, false, 0},
		"a tick too early": {"there is nothing to do, which is not a failure", "POST", `{"tick":true}`, func(m *memory) { m.history.Pass = &ledger.Pass{Started: noon, Ended: noon} }, 200, false, 0},
		"paused":           {"not a failure: Scheduler must not repeat it", "POST", "", func(m *memory) { m.control = ledger.Control{Paused: true} }, 200, false, 0},
		"down":             {"Scheduler tries again", "POST", "", func(m *memory) { m.before = failing("page") }, 500, false, 0},
		"misspelt":         {"a misspelt dryRun must not retire anything", "POST", `{"dry_run":true}`, nil, 400, false, 0},
		"dryRun as text":   {"it may mean anything", "POST", `{"dryRun":"yes"}`, nil, 400, false, 0},
		"a negative limit": {"it may mean anything", "POST", `{"limit":-1}`, nil, 400, false, 0},
		"half a limit":     {"it may mean anything", "POST", `{"limit":0.5}`, nil, 400, false, 0},
		"cut off":          {"half a request is none", "POST", `{"dryRun":true`, nil, 400, false, 0},
		"two objects":      {"which one counts?", "POST", `{} {"dryRun":true}`, nil, 400, false, 0},
		"a brace too many": {"which one counts?", "POST", `{}}`, nil, 400, false, 0},
		"an array":         {"a request is an object", "POST", `[]`, nil, 400, false, 0},
		"a form":           {"a request is an object", "POST", `dryRun=true`, nil, 400, false, 0},
		"too large":        {"a request is a handful of fields", "POST", strings.Repeat(" ", 64<<10) + `{"dryRun":true}`, nil, 400, false, 0},
		"GET":              {"a link must not sweep", "GET", "", nil, 405, false, 0},
		"PUT":              {"a sweep is a POST", "PUT", "{}", nil, 405, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newRoom(newMemory(ended(1, 9*time.Hour), ended(2, 9*time.Hour)))
			if row.memory != nil {
				row.memory(room.memory)
			}
			r, w := room.retirer, httptest.NewRecorder()
			sweep.NewHandler(room.sweeper(), func(*http.Request) *slog.Logger { return discard }).ServeHTTP(w, httptest.NewRequest(row.method, "/", strings.NewReader(row.body)))
			if w.Code != row.status || len(r.asked) != row.asked {
				t.Errorf("%s: status %d, want %d; asked %v: %s", row.reason, w.Code, row.status, r.asked, w.Body)
			}
			if row.status == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow: %q", w.Header().Get("Allow"))
			}
			if row.status != 200 && row.status != 500 {
				return
			}
			var report sweep.Report
			if err := json.Unmarshal(w.Body.Bytes(), &report); err != nil || report.Run != "run" || report.DryRun != row.dryRun || report.Items == nil || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s: %v, the answer is %s", row.reason, err, w.Body)
			}
		})
	}
}
