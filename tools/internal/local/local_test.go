package local

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flexsweep/flexsweep/test/tfdouble/applied"
)

func at(text string) time.Time {
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return v
}

func TestTimetable(t *testing.T) {
	t.Parallel()
	start := at("2026-01-05T08:00:00Z")
	for _, row := range []struct {
		name   string
		job    applied.Job
		looks  []string // when the clock is looked at
		want   []bool
		reason string
	}{
		{"every minute", applied.Job{Schedule: "* * * * *"}, []string{"2026-01-05T08:00:30Z", "2026-01-05T08:01:00Z", "2026-01-05T08:01:01Z", "2026-01-05T08:02:00Z"}, []bool{false, true, false, true}, "once a minute, however often one looks"},
		{"leap", applied.Job{Schedule: "*/15 * * * *"}, []string{"2026-01-07T09:00:00Z", "2026-01-07T09:00:01Z"}, []bool{true, false}, "a leap over many times is one run"},
		{"paused", applied.Job{Schedule: "* * * * *", Paused: true}, []string{"2026-01-05T09:00:00Z"}, []bool{false}, "paused is paused"},
		{"time zone", applied.Job{Schedule: "0 10 * * *", TimeZone: "Europe/Berlin"}, []string{"2026-01-05T08:59:00Z", "2026-01-05T09:00:00Z"}, []bool{false, true}, "ten in Berlin is nine in winter's UTC"},
		{"frozen", applied.Job{Schedule: "* * * * *"}, []string{"2026-01-05T08:00:00Z", "2026-01-05T08:00:00Z"}, []bool{false, false}, "a clock that stands brings nothing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			table, err := newTimetable(row.job, start)
			if err != nil {
				t.Fatal(err)
			}
			var got []bool
			for _, look := range row.looks {
				got = append(got, table.due(at(look)))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
	if _, err := newTimetable(applied.Job{Name: "j", Schedule: "now and then"}, start); err == nil {
		t.Error("a schedule that cannot be read is taken")
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	function := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	t.Cleanup(function.Close) // after the parallel rows
	port := function.Listener.Addr().(*net.TCPAddr).Port
	for _, row := range []struct {
		name          string
		public        bool
		authorization string
		want          int
		reason        string
	}{
		{"public", true, "", http.StatusOK, "the webhook's gate is the signature"},
		{"private, nobody", false, "", http.StatusForbidden, "the public stays outside"},
		{"private, wrong token", false, "Bearer guess", http.StatusForbidden, "a guess stays outside"},
		{"private, no scheme", false, "token", http.StatusForbidden, "only a bearer token counts"},
		{"private, invoker", false, "Bearer token", http.StatusOK, "the scheduler gets in"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			req := httptest.NewRequest(http.MethodPost, "http://front/some/path", nil)
			if row.authorization != "" {
				req.Header.Set("Authorization", row.authorization)
			}
			rec := httptest.NewRecorder()
			gate(row.public, "token", port).ServeHTTP(rec, req)
			if rec.Code != row.want {
				t.Errorf("status %d, want %d: %s", rec.Code, row.want, row.reason)
			}
			if rec.Code == http.StatusOK && rec.Body.String() != "/some/path" {
				t.Errorf("the function saw the path %q", rec.Body.String())
			}
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestApplied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "functions/e.json", `{"name":"x-events","entry_point":"EventStreams","timeout_seconds":10,"environment_variables":{"A":"1"},"secret_environment_variables":[{"key":"TOKEN","file":"secrets/t/1"}]}`)
	write(t, dir, "functions/s.json", `{"name":"x-sweep","entry_point":"Sweep"}`)
	write(t, dir, "iam/a.json", `{"resource":"projects/p/locations/l/services/x-events","role":"roles/run.invoker","member":"allUsers"}`)
	write(t, dir, "iam/b.json", `{"resource":"projects/p/locations/l/services/x-sweep","role":"roles/run.invoker","member":"serviceAccount:i@p"}`)
	write(t, dir, "iam/c.json", `{"resource":"projects/p/locations/l/services/x-sweep","role":"roles/run.viewer","member":"allUsers"}`)
	write(t, dir, "secrets/t/1", "s3cret")
	a, err := readApplied(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !a.public(a.functions[0]) || a.public(a.functions[1]) {
		t.Error("allUsers may invoke the webhook and nothing else")
	}
	env, err := a.environment(a.functions[0], 8081)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A=1", "TOKEN=s3cret", "FUNCTION_TARGET=EventStreams", "PORT=8081", "CLOUD_RUN_TIMEOUT_SECONDS=10"} {
		if !slices.Contains(env, want) {
			t.Errorf("%s is not in the environment", want)
		}
	}
	for _, pair := range env {
		if strings.HasPrefix(pair, "TWILIO_") || strings.HasPrefix(pair, "GOOGLE_") {
			t.Errorf("%s comes from nowhere that was applied", pair)
		}
	}
	if err := os.Remove(filepath.Join(dir, "secrets/t/1")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.environment(a.functions[0], 8081); err == nil || !strings.Contains(err.Error(), "TOKEN") {
		t.Errorf("a secret that is not there must be named: %v", err)
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	s := New(Options{Dir: t.TempDir(), Log: io.Discard})
	p, err := s.start(Process{Name: "sleeper", Binary: "/bin/sleep"}, plainEnv(), "600")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Alive() {
		t.Fatal("it does not run")
	}
	stranger := p
	stranger.Binary = "/bin/another"
	if stranger.Alive() {
		t.Error("a process that got the id later is taken for ours")
	}
	if err := s.Down(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if p.Alive() {
		t.Error("it still runs")
	}
	if _, err := os.Stat(s.o.Dir); !os.IsNotExist(err) {
		t.Error("its folder is still there")
	}
}

func TestProcessThatEndsIsTold(t *testing.T) {
	t.Parallel()
	s := New(Options{Dir: t.TempDir(), Log: io.Discard})
	p, err := s.start(Process{Name: "broken", Binary: "/bin/sh"}, plainEnv(), "-c", "echo RETENTION is missing; exit 1")
	if err != nil {
		t.Fatal(err)
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ready(t.Context(), p, port); err == nil || !strings.Contains(err.Error(), "RETENTION is missing") {
		t.Errorf("what it said on ending must be told: %v", err)
	}
}
