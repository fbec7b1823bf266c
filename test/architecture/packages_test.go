package architecture

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// TestPackageComments: every package says what it is.
func TestPackageComments(t *testing.T) {
	t.Parallel()
	files := readSource(t)
	for _, dir := range undocumented(files) {
		t.Errorf("package %s has no package comment: say in a sentence what it is, above a package clause", dir)
	}
}

func TestPackageCommentsCanFail(t *testing.T) {
	t.Parallel()
	files := slices.Clone(readSource(t))
	for i := range files {
		if files[i].dir == "cloudfunction/channel" {
			syntax := *files[i].syntax
			syntax.Doc = nil
			files[i].syntax = &syntax
		}
	}
	if !slices.Contains(undocumented(files), "cloudfunction/channel") {
		t.Error("a package without a package comment was not found")
	}
}

// undocumented lists the packages without a package comment. That of a test file counts
// only where there is nothing else.
func undocumented(files []goFile) []string {
	documented, shipped := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		shipped[f.dir] = shipped[f.dir] || !f.test()
	}
	for _, f := range files {
		if f.syntax.Doc != nil && (!f.test() || !shipped[f.dir]) {
			documented[f.dir] = true
		}
	}
	return slices.DeleteFunc(packageDirs(files), func(dir string) bool { return documented[dir] })
}

// clockReads are the functions of package time that ask or wait for the machine's clock.
var clockReads = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// TestDomainHasNoClock: the time is an argument there, so that a test can be at any time.
func TestDomainHasNoClock(t *testing.T) {
	t.Parallel()
	for _, f := range readSource(t) {
		if f.dir != "cloudfunction/channel" || f.test() {
			continue
		}
		for _, read := range clockUses(f) {
			t.Errorf("%s/%s calls %s: take the time as an argument", f.dir, f.name, read)
		}
	}
}

func TestClockUsesAreFound(t *testing.T) {
	t.Parallel()
	for _, f := range readSource(t) {
		if f.dir == "cloudfunction/twilio" && f.name == "client.go" {
			if got := clockUses(f); !slices.Contains(got, "time.NewTimer") {
				t.Errorf("clock uses of %s/%s: %v, and time.NewTimer is missing", f.dir, f.name, got)
			}
			return
		}
	}
	t.Error("cloudfunction/twilio/client.go is gone; name another file that waits")
}

func clockUses(f goFile) []string {
	var uses []string
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && from.Name == "time" && slices.Contains(clockReads, selector.Sel.Name) {
			uses = append(uses, "time."+selector.Sel.Name)
		}
		return true
	})
	return uses
}

// TestNoTestify: tests are written with the standard library and go-cmp, and nothing else
// to learn.
func TestNoTestify(t *testing.T) {
	t.Parallel()
	for _, f := range readSource(t) {
		for _, imported := range f.imports() {
			if strings.HasPrefix(imported, "github.com/stretchr/") {
				t.Errorf("%s/%s imports %s: use the standard library and go-cmp", f.dir, f.name, imported)
			}
		}
	}
}
