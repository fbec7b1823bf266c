package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// functionsPackage is what the root package must import, so that Google's build
// takes the functions that it registered.
const functionsPackage = "github.com/GoogleCloudPlatform/functions-framework-go/functions"

// program is the main package that Google's Go buildpack puts into the module,
// in its declarative form, written anew from what it does. HOST is ours: at home
// the functions listen on loopback only.
const program = `// Package main serves the functions that the module registered.
package main

import (
	"log"
	"os"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"

	_ %q
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	if err := funcframework.StartHostPort(os.Getenv("HOST"), port); err != nil {
		log.Fatalf("serve: %%v", err)
	}
}
`

// BuildFunction builds the unpacked archive in dir as Google's Go buildpack does
// and writes the program to binary. Which function it serves is decided when it
// starts, by FUNCTION_TARGET. The buildpack's refusals are refusals here.
func BuildFunction(ctx context.Context, dir, binary string) error {
	pkg, err := inspectRoot(dir)
	if err != nil {
		return fmt.Errorf("build the function: %w", err)
	}
	app := filepath.Join(dir, "functions.local", "app")
	if err := os.MkdirAll(app, 0o755); err != nil {
		return fmt.Errorf("build the function: %w", err)
	}
	source := fmt.Sprintf(program, pkg)
	if err := os.WriteFile(filepath.Join(app, "main.go"), []byte(source), 0o644); err != nil {
		return fmt.Errorf("build the function: %w", err)
	}
	if err := goMod(ctx, dir, "tidy"); err != nil {
		return fmt.Errorf("build the function: %w", err)
	}
	if err := goCommand(ctx, dir, nil, "build", "-o", binary, "./functions.local/app"); err != nil {
		return fmt.Errorf("build the function: %w", err)
	}
	return nil
}

// inspectRoot applies the converter's rules to the archive's root and returns its
// import path.
func inspectRoot(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("the archive has no go.mod at its root: %w", err)
	}
	path := modfile.ModulePath(text)
	if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
		return "", fmt.Errorf("the module path %q must have a dot in its first element", path)
	}
	files, err := rootFiles(dir)
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", errors.New("no Go package at the archive's root")
	}
	name, declarative := files[0].Name.Name, false
	for _, f := range files {
		if f.Name.Name != name {
			return "", fmt.Errorf("multiple packages at the archive's root: %s and %s", name, f.Name.Name)
		}
		declarative = declarative || imports(f, functionsPackage)
	}
	if name == "main" {
		return "", errors.New("the archive's root is package main, which cannot be imported")
	}
	if !declarative {
		return "", fmt.Errorf("no file at the archive's root imports %s, so Google's build would look for functions by name", functionsPackage)
	}
	return path, nil
}

// rootFiles parses the Go files at the root, tests too, as the converter does.
func rootFiles(dir string) ([]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, n := range names {
		src, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Base(n), bytes.NewReader(src), parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func imports(f *ast.File, path string) bool {
	for _, i := range f.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil && p == path {
			return true
		}
	}
	return false
}
