package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	module = "github.com/flexsweep/flexsweep"
	root   = "../.."
)

// goFile is one Go file of the project.
type goFile struct {
	dir    string // of its package, from the project's root: "cloudfunction/channel"
	name   string
	syntax *ast.File
}

func (f goFile) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// imports lists the import paths of the file. Those of the project come as "./" and the
// folder, all others as they are written.
func (f goFile) imports() []string {
	var paths []string
	for _, spec := range f.syntax.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
		paths = append(paths, short(imported))
	}
	return paths
}

func short(imported string) string {
	if rest, ours := strings.CutPrefix(imported, module); ours {
		return "." + rest
	}
	return imported
}

// standard tells whether an import path is one of the standard library: only there does
// the first element have no dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// readSource parses every Go file of the project, once for all tests. Nobody may change
// what it returns.
func readSource(t *testing.T) []goFile {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatalf("read the source: %v", err)
	}
	return files
}

var parsed = sync.OnceValues(func() ([]goFile, error) {
	var files []goFile
	for _, top := range []string{"cloudfunction", "test", "tools"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return filepath.SkipDir
			case entry.IsDir() || filepath.Ext(name) != ".go":
				return nil
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			syntax, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dir, err := filepath.Rel(root, filepath.Dir(name))
			if err != nil {
				return err
			}
			files = append(files, goFile{dir: filepath.ToSlash(dir), name: entry.Name(), syntax: syntax})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
})

// packageDirs lists the folders that hold a package, sorted.
func packageDirs(files []goFile) []string {
	var dirs []string
	for _, f := range files {
		dirs = append(dirs, f.dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// within tells whether name is the pattern, or below it if the pattern ends in "/...".
func within(name, pattern string) bool {
	tree, isTree := strings.CutSuffix(pattern, "/...")
	return name == tree || isTree && strings.HasPrefix(name, tree+"/")
}

func withinAny(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return within(name, p) })
}

// readText reads a file of the project by its path from the root.
func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(text)
}

// exists tells whether the project has a file or folder of that path from the root.
func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path.Clean(name))))
	return err == nil
}
