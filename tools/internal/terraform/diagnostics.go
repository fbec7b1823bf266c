package terraform

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
)

// Failure is a Terraform command that did not succeed, with what Terraform said.
type Failure struct {
	Command     string // plan, apply, …
	Diagnostics []tfjson.Diagnostic
	Err         error // what the process ended with
}

// Error shows the diagnostics as Terraform shows them, with file and line.
func (f *Failure) Error() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "terraform %s", f.Command)
	shown := 0
	for _, d := range f.Diagnostics {
		if d.Severity == tfjson.DiagnosticSeverityError {
			out.WriteString("\n" + Format(d))
			shown++
		}
	}
	if shown == 0 {
		fmt.Fprintf(out, ": %v", f.Err)
	}
	return strings.TrimRight(out.String(), "\n")
}

// Unwrap gives the process's own error, so that a cancelled context is seen.
func (f *Failure) Unwrap() error { return f.Err }

// Format renders one diagnostic: summary, place, snippet, detail.
func Format(d tfjson.Diagnostic) string {
	out := &strings.Builder{}
	word := "Error"
	if d.Severity == tfjson.DiagnosticSeverityWarning {
		word = "Warning"
	}
	fmt.Fprintf(out, "%s: %s\n", word, d.Summary)
	if place := placeOf(d); place != "" {
		fmt.Fprintf(out, "  %s\n", place)
	}
	if d.Snippet != nil && !isValues(d) {
		fmt.Fprintf(out, "  %4d: %s\n", d.Snippet.StartLine, d.Snippet.Code)
	}
	if d.Detail != "" {
		for _, line := range strings.Split(strings.TrimSpace(d.Detail), "\n") {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	return out.String()
}

// hide blots the secrets out of a diagnostic, wherever it quotes one.
func hide(d tfjson.Diagnostic, secrets []string) tfjson.Diagnostic {
	blot := func(text *string) {
		for _, secret := range secrets {
			*text = strings.ReplaceAll(*text, secret, "(hidden)")
		}
	}
	blot(&d.Summary)
	blot(&d.Detail)
	if d.Snippet != nil {
		snippet := *d.Snippet
		blot(&snippet.Code)
		snippet.Values = nil // not shown
		d.Snippet = &snippet
	}
	return d
}

// isValues reports whether the diagnostic is about a file of values, whose lines
// are not to be quoted: the private file's are secrets.
func isValues(d tfjson.Diagnostic) bool {
	return d.Range != nil && !strings.HasSuffix(d.Range.Filename, ".tf") && !strings.HasSuffix(d.Range.Filename, ".tf.json")
}

// fileOf names the file as a person finds it: the configuration that Terraform sees
// is a copy of infra/.
func fileOf(d tfjson.Diagnostic) string {
	if isValues(d) {
		return path.Base(d.Range.Filename)
	}
	return path.Join("infra", d.Range.Filename)
}

func placeOf(d tfjson.Diagnostic) string {
	switch {
	case d.Range != nil && d.Address != "":
		return fmt.Sprintf("with %s, on %s line %d", d.Address, fileOf(d), d.Range.Start.Line)
	case d.Range != nil:
		return fmt.Sprintf("on %s line %d", fileOf(d), d.Range.Start.Line)
	case d.Address != "":
		return "with " + d.Address
	}
	return ""
}

// What the Twilio provider says when Twilio refuses: its client's own text, or,
// for an answer that is no JSON, the status inside a decoder's complaint.
var (
	passing  = regexp.MustCompile(`Status: (429|5\d\d) - ApiError|HTTP error code: (429|5\d\d)|(?i)twilio\.com.*(connection reset|timeout|EOF)`)
	vanished = regexp.MustCompile(`Status: 404 - ApiError 20404: The requested resource (\S+) was not found`)
)

// IsPassing reports whether every error is one of those that pass by themselves:
// Twilio's 429 and 5xx, which its provider does not repeat.
func (f *Failure) IsPassing() bool {
	errors := 0
	for _, d := range f.Diagnostics {
		if d.Severity != tfjson.DiagnosticSeverityError {
			continue
		}
		errors++
		if !passing.MatchString(d.Summary + " " + d.Detail) {
			return false
		}
	}
	return errors > 0
}

// IsStale reports whether the plan file was made of another state than the one that
// stands: somebody else has applied, or this very plan was begun before.
func (f *Failure) IsStale() bool {
	for _, d := range f.Diagnostics {
		if d.Severity == tfjson.DiagnosticSeverityError && d.Summary == "Saved plan is stale" {
			return true
		}
	}
	return false
}

// Lacking gives Terraform's words when init could not have the provider of source,
// such as twilio/twilio: neither registry nor mirror has it, or its checksum is not
// the one that was locked. It is empty for every other failure.
func (f *Failure) Lacking(source string) string {
	if f.Command != "init" || errors.Is(f.Err, context.Canceled) {
		return ""
	}
	for _, d := range f.Diagnostics {
		if d.Severity == tfjson.DiagnosticSeverityError && strings.Contains(d.Detail, source) {
			words, _, _ := strings.Cut(d.Detail, "\n")
			return words
		}
	}
	return ""
}

// Vanished is an object that stands in the state and no longer in Twilio.
type Vanished struct {
	Address string // as Terraform names it
	Path    string // as Twilio names it, such as /v1/Sinks/DG…
}

// Vanished lists the resources that Twilio answered 404 for. The provider makes
// an error of that, which stops plan, apply and destroy until the resource is
// taken out of the state.
func (f *Failure) Vanished() []Vanished {
	var out []Vanished
	for _, d := range f.Diagnostics {
		m := vanished.FindStringSubmatch(d.Summary + " " + d.Detail)
		if m != nil && d.Severity == tfjson.DiagnosticSeverityError && d.Address != "" {
			out = append(out, Vanished{Address: d.Address, Path: m[1]})
		}
	}
	return out
}
