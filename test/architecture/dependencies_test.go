package architecture

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	versions "golang.org/x/mod/module"
)

// TestDecisionNamesDependencies: decision 0001 says of each direct dependency what it is for,
// of what ships in a table of its own, and names none that is gone.
func TestDecisionNamesDependencies(t *testing.T) {
	t.Parallel()
	shipped, others, _ := strings.Cut(readText(t, "docs/decisions/0001-dependencies.md"), "| tools and tests use |")
	names := directDependencies(t)
	for modulePath, name := range names {
		switch inCode := importedByCloudFunction(t, modulePath); {
		case inCode && !mentions(shipped, name):
			t.Errorf("decision 0001 does not name %s among what ships", name)
		case !inCode && !mentions(others, name):
			t.Errorf("decision 0001 does not name %s among what tools and tests use", name)
		}
	}
	rows := 0
	for _, row := range firstCell.FindAllStringSubmatch(shipped+others, -1) {
		if strings.HasSuffix(row[1], " use") || strings.HasSuffix(row[1], " uses") || strings.HasPrefix(row[1], "-") {
			continue // the head of a table
		}
		rows++
		known := false
		for _, name := range names {
			known = known || mentions(row[1], name)
		}
		if !known {
			t.Errorf("decision 0001 has a row for %q, which go.mod does not require directly", row[1])
		}
	}
	if rows < 20 {
		t.Errorf("only %d rows were found in decision 0001: their form has changed, and this test with it", rows)
	}
}

var firstCell = regexp.MustCompile(`(?m)^\| ?([^|]+?) ?\|`)

// directDependencies maps the paths of modules to what people call them: the last element, but
// for golang.org/x, whose elements are words of everyday life.
func directDependencies(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, require := range file.Require {
		if require.Indirect {
			continue
		}
		name := require.Mod.Path
		if prefix, _, ok := versions.SplitPathVersion(name); ok && !strings.HasPrefix(name, "golang.org/x/") {
			name = path.Base(prefix)
		}
		names[require.Mod.Path] = name
	}
	return names
}

func importedByCloudFunction(t *testing.T, modulePath string) bool {
	t.Helper()
	for _, f := range readSource(t) {
		if f.test() || !strings.HasPrefix(f.dir, "cloudfunction") {
			continue
		}
		for _, imported := range f.imports() {
			if imported == modulePath || strings.HasPrefix(imported, modulePath+"/") {
				return true
			}
		}
	}
	return false
}

// mentions reports whether a text has a name as a word of its own: go-version is not version.
func mentions(text, name string) bool {
	return regexp.MustCompile(`(^|[^\w/-])` + regexp.QuoteMeta(name) + `($|[^\w-])`).MatchString(text)
}
