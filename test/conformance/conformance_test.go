package conformance

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/flexsweep/flexsweep/test/faketwilio"
)

// root is the project's folder, from here.
const root = "../.."

// insist, if set, makes packages that npm cannot install a failure. make conformance sets it.
const insist = "FLEXSWEEP_CONFORMANCE"

// originals installs what the fake is held against, or skips the test.
func originals(t *testing.T) Originals {
	t.Helper()
	if testing.Short() {
		t.Skip("short: the fake is not held against Twilio's originals")
	}
	ctx, cancel := timeout(t, 3*time.Minute)
	defer cancel()
	path, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	o, err := Install(ctx, path, ".")
	switch {
	case errors.Is(err, ErrNoNPM):
		t.Skip("npm is not installed: the fake is not held against Twilio's originals")
	case err != nil && os.Getenv(insist) == "":
		t.Skipf("npm cannot install Twilio's originals, so the fake is not held against them: %v", err)
	case err != nil:
		t.Fatalf("install Twilio's originals: %v", err)
	}
	return o
}

func specsOf(t *testing.T, o Originals) Specs {
	t.Helper()
	specs, err := LoadSpecs(o)
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

// TestConformance lets everybody talk to the fake, and then holds all that was said against Twilio's OpenAPI files.
func TestConformance(t *testing.T) {
	t.Parallel()
	o := originals(t)
	specs := specsOf(t, o)
	said := &tape{}
	folder := t.TempDir()
	t.Run("clients and suites", func(t *testing.T) {
		t.Run("Node SDK", func(t *testing.T) { testSDK(t, o, said) })
		t.Run("twilio-cli", func(t *testing.T) { testCLI(t, o, said) })
		t.Run("suites", func(t *testing.T) { testSuites(t, folder) })
	})
	if t.Failed() {
		return // what was not said cannot be judged
	}
	audit := NewAudit()
	for _, suite := range suites {
		if err := audit.AddFolder(t.Context(), specs, filepath.Join(folder, filepath.Base(suite.folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range said.exchanges {
		audit.Add(t.Context(), specs, e)
	}
	t.Run("deviations", func(t *testing.T) { testDeviations(t, audit) })
	t.Run("routes", func(t *testing.T) { testRoutes(t, specs, audit) })
	t.Run("report", func(t *testing.T) { report(t, audit) })
}

// testDeviations asks that every departure from the files is known, and every known one still there.
func testDeviations(t *testing.T, audit *Audit) {
	t.Helper()
	left, unused := unexplained(audit.Findings(), knownDeviations)
	for _, f := range left {
		t.Errorf("%s: %s %q: %s\n\te.g. %.1000s", f.Route, f.Part, f.Field, f.Problem, f.Example)
	}
	for _, row := range unused {
		t.Errorf("nothing departs any more by the known deviation of %s, %s %q: take the row out", row.Route, row.Part, row.Field)
	}
}

var variable = regexp.MustCompile(`\{[A-Za-z]+\}`)

// testRoutes asks that each of the fake's routes is one of Twilio's, and was answered with success.
func testRoutes(t *testing.T, specs Specs, audit *Audit) {
	t.Helper()
	seen := maps.Clone(audit.Operations)
	for _, route := range faketwilio.New(faketwilio.Options{}).Routes() {
		method, product, path := split(t, route)
		op, ok := specs.find(product, method, variable.ReplaceAllString(path, "x"))
		switch {
		case !ok:
			t.Errorf("the fake has %s, and Twilio has not", route)
		case seen[op.key] == 0:
			t.Errorf("%s was never answered with success, so nothing shows that its answers are Twilio's", route)
		}
		delete(seen, op.key)
	}
	for _, rest := range slices.Sorted(maps.Keys(seen)) {
		t.Errorf("%s was answered, and is none of the fake's routes", rest)
	}
}

var routePattern = regexp.MustCompile(`^([A-Z]+) ([a-z-]+)\.twilio\.com(/.*)$`)

func split(t *testing.T, route string) (method, product, path string) {
	t.Helper()
	parts := routePattern.FindStringSubmatch(route)
	if parts == nil {
		t.Fatalf("route %q is not method, host and path", route)
	}
	return parts[1], parts[2], parts[3]
}

// report writes the numbers down.
func report(t *testing.T, audit *Audit) {
	t.Helper()
	numbers := map[string]int{
		"exchanges": audit.Exchanges, "refused": audit.Refused, "disturbed": audit.Disturbed,
		"routes": len(audit.Operations), "known_deviations": len(knownDeviations),
	}
	text, err := json.MarshalIndent(numbers, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "build", "conformance", "report.json"), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d exchanges, %d of them refused and %d disturbed on purpose, over %d routes; %d known deviations",
		audit.Exchanges, audit.Refused, audit.Disturbed, len(audit.Operations), len(knownDeviations))
}
