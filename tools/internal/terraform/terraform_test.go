package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

func TestStream(t *testing.T) {
	t.Parallel()
	var events []Event
	s := &stream{observe: func(e Event) { events = append(events, e) }, secrets: []string{"s3cret", "y"}} // "y" stands in "type": only what is quoted is blotted out
	text := `Warning: something of the CLI's own
{"@level":"info","@message":"v","type":"version"}
{"type":"apply_start","hook":{"resource":{"addr":"a.b"},"action":"create"}}
{"type":"apply_progress","hook":{"resource":{"addr":"a.b"},"action":"create","elapsed_seconds":10}}
{"type":"apply_complete","hook":{"resource":{"addr":"a.b"},"action":"create","elapsed_seconds":12}}
{"type":"apply_errored","hook":{"resource":{"addr":"c.d"},"action":"delete"}}
{"type":"diagnostic","diagnostic":{"severity":"error","summary":"bad token s3cret","address":"c.d"}}
`
	for len(text) > 0 { // in pieces of seven bytes: a line may come in parts
		n := min(7, len(text))
		if _, err := s.Write([]byte(text[:n])); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	want := []Event{
		{Started, "a.b", "create", 0}, {Running, "a.b", "create", 10 * time.Second},
		{Completed, "a.b", "create", 12 * time.Second}, {Errored, "c.d", "delete", 0},
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	err := (&Runner{}).ended("apply", s, errors.New("exit status 1"))
	if got := err.Error(); !strings.Contains(got, "bad token (hidden)") || strings.Contains(got, "s3cret") {
		t.Errorf("the diagnostic is missing or its secret is not blotted out: %s", got)
	}
}

func TestFailureClasses(t *testing.T) {
	t.Parallel()
	diagnostic := func(summary, address string) tfjson.Diagnostic {
		return tfjson.Diagnostic{Severity: "error", Summary: summary, Address: address}
	}
	const gone = "Status: 404 - ApiError 20404: The requested resource /v1/Sinks/DG1 was not found (null) More info: https://www.twilio.com/docs/errors/20404"
	for _, row := range []struct {
		name        string
		diagnostics []tfjson.Diagnostic
		passing     bool
		vanished    []Vanished
		reason      string
	}{
		{"429", []tfjson.Diagnostic{diagnostic("Status: 429 - ApiError 20429: Too Many Requests (null)", "a.b")}, true, nil, "the provider does not repeat, so the tool does"},
		{"500", []tfjson.Diagnostic{diagnostic("Status: 500 - ApiError 20500: Internal Server Error (null)", "a.b")}, true, nil, "so does a server error pass"},
		{"gateway page", []tfjson.Diagnostic{diagnostic("error decoding the response for an HTTP error code: 502: invalid character '<' looking for beginning of value", "a.b")}, true, nil, "a gateway's page is no JSON"},
		{"connection reset", []tfjson.Diagnostic{diagnostic(`Post "https://events.twilio.com/v1/Sinks": read: connection reset by peer`, "a.b")}, true, nil, "nor does the line hold always"},
		{"401", []tfjson.Diagnostic{diagnostic("Status: 401 - ApiError 20003: Authenticate (null)", "a.b")}, false, nil, "a wrong key stays wrong"},
		{"429 and 401", []tfjson.Diagnostic{diagnostic("Status: 429 - ApiError 20429", "a.b"), diagnostic("Status: 401 - ApiError 20003", "c.d")}, false, nil, "one that stays spoils it"},
		{"none", nil, false, nil, "no diagnostic, no reason to try again"},
		{"404", []tfjson.Diagnostic{diagnostic(gone, "twilio_events_sinks_v1.webhook")}, false, []Vanished{{"twilio_events_sinks_v1.webhook", "/v1/Sinks/DG1"}}, "the provider's 404 names address and path"},
		{"404 without an address", []tfjson.Diagnostic{diagnostic(gone, "")}, false, nil, "nothing can be taken out of the state without its name"},
		{"429 as a warning", []tfjson.Diagnostic{{Severity: "warning", Summary: "Status: 429 - ApiError 20429"}}, false, nil, "a warning is no failure"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := &Failure{Command: "apply", Diagnostics: row.diagnostics, Err: errors.New("exit status 1")}
			if got := f.IsPassing(); got != row.passing {
				t.Errorf("passing = %t: %s", got, row.reason)
			}
			if diff := cmp.Diff(row.vanished, f.Vanished()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row.reason, diff)
			}
		})
	}
}

func TestLacking(t *testing.T) {
	t.Parallel()
	const words = "Could not retrieve the list of available versions for provider twilio/twilio: could not connect"
	missing := tfjson.Diagnostic{Severity: "error", Summary: "Failed to query available provider packages", Detail: words + "\n\nTo see which modules"}
	warning := missing
	warning.Severity = "warning"
	for _, row := range []struct {
		name    string
		failure Failure
		want    string
		reason  string
	}{
		{"not to be had", Failure{Command: "init", Diagnostics: []tfjson.Diagnostic{{Severity: "error", Detail: "other"}, missing}}, words, "Terraform's first line says why"},
		{"another command", Failure{Command: "plan", Diagnostics: []tfjson.Diagnostic{missing}}, "", "only init looks for providers"},
		{"another provider", Failure{Command: "init", Diagnostics: []tfjson.Diagnostic{{Severity: "error", Detail: "hashicorp/google"}}}, "", "it is about one provider"},
		{"incomplete lock", Failure{Command: "init", Diagnostics: []tfjson.Diagnostic{warning}}, "", "a warning stops nothing"},
		{"cancelled", Failure{Command: "init", Diagnostics: []tfjson.Diagnostic{missing}, Err: context.Canceled}, "", "Ctrl-C says nothing about the provider"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := row.failure.Lacking("twilio/twilio"); got != row.want {
				t.Errorf("lacking = %q, want %q: %s", got, row.want, row.reason)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	snippet := &tfjson.DiagnosticSnippet{Code: `  schedule = "nonsense"`, StartLine: 7}
	at := func(file string) *tfjson.Range { return &tfjson.Range{Filename: file, Start: tfjson.Pos{Line: 7}} }
	got := Format(tfjson.Diagnostic{Severity: "error", Summary: "Invalid value", Detail: "Not a cron line.\nSee there.", Range: at("scheduler.tf"), Snippet: snippet, Address: "a.b"})
	want := "Error: Invalid value\n  with a.b, on infra/scheduler.tf line 7\n     7:   schedule = \"nonsense\"\n  Not a cron line.\n  See there.\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = Format(tfjson.Diagnostic{Severity: "error", Summary: "Bad variable", Range: at("/somewhere/secrets-1.tfvars.json"), Snippet: snippet})
	if strings.Contains(got, "nonsense") || strings.Contains(got, "/somewhere") {
		t.Errorf("a line of a variables file, or its place on this machine, is shown: %s", got)
	}
}

func TestLocate(t *testing.T) {
	if _, err := Locate(t.Context(), t.TempDir(), false, io.Discard); err != nil {
		t.Skipf("terraform is not on PATH: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	_, err := Locate(t.Context(), t.TempDir(), false, io.Discard)
	if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), Constraint()) {
		t.Errorf("without Terraform the error is %v, want what is wanted and where to get it", err)
	}
}

// runner gives a Runner in a folder with the configuration, or skips.
func runner(t *testing.T, configuration string) (*Runner, string) {
	t.Helper()
	path, err := Locate(t.Context(), t.TempDir(), false, io.Discard)
	if err != nil {
		t.Skipf("terraform is not on PATH: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := New(dir, path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r, dir
}

func TestRunner(t *testing.T) {
	t.Parallel()
	r, dir := runner(t, `
variable "word" { type = string }
resource "terraform_data" "a" { input = var.word }
output "word" { value = terraform_data.a.output }
`)
	ctx := t.Context()
	vars := filepath.Join(dir, "x.tfvars")
	if err := os.WriteFile(vars, []byte(`word = "hello"`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.Init(ctx, ""); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "p.tfplan")
	changed, err := r.Plan(ctx, PlanInput{Out: file, VarFiles: []string{vars}}, nil)
	if err != nil || !changed {
		t.Fatalf("plan: changed %t, %v", changed, err)
	}
	if p, err := r.Show(ctx, file); err != nil || len(p.ResourceChanges) != 1 {
		t.Fatalf("show: %v", err)
	}
	var done []string
	if err := r.Apply(ctx, file, nil, func(e Event) { done = append(done, fmt.Sprint(e.Kind, " ", e.Address)) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"apply_start terraform_data.a", "apply_complete terraform_data.a"}, done); diff != "" {
		t.Error(diff)
	}
	out, err := r.Outputs(ctx)
	if err != nil || string(out["word"]) != `"hello"` {
		t.Errorf("outputs: %s, %v", out["word"], err)
	}
	if changed, err := r.Plan(ctx, PlanInput{Out: file, VarFiles: []string{vars}}, nil); err != nil || changed {
		t.Errorf("second plan: changed %t, %v", changed, err)
	}
	if err := r.Forget(ctx, "terraform_data.a"); err != nil {
		t.Error(err)
	}
}

func TestRunnerCancelled(t *testing.T) {
	t.Parallel()
	r, _ := runner(t, `resource "terraform_data" "a" {}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Init(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run ends with %v", err)
	}
}
