package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// notices are the files of the project's root that go with the source.
var notices = []string{"LICENSE", "NOTICE"}

// copySource copies what ships from root to stage: the Go files that the root package
// is built from, and the licence. Whatever else lies in the folders stays where it is.
func copySource(root, stage string) error {
	packages := map[string][]string{} // folder below cloudfunction/ → its files
	if err := follow(filepath.Join(root, "cloudfunction"), ".", packages); err != nil {
		return fmt.Errorf("stage the bundle: %w", err)
	}
	for dir, files := range packages {
		for _, f := range files {
			if err := copyText(filepath.Join(root, "cloudfunction", dir, f), filepath.Join(stage, dir, f)); err != nil {
				return fmt.Errorf("stage the bundle: %w", err)
			}
		}
	}
	for _, name := range notices {
		err := copyText(filepath.Join(root, name), filepath.Join(stage, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("stage the bundle: %w", err)
		}
	}
	return nil
}

// follow lists the Go files of the package in dir and of every package of ours that it
// imports, as Google builds them: for its platform, and without tests. Google's
// converter parses a root _test.go as part of the package and refuses "multiple
// packages".
func follow(source, dir string, packages map[string][]string) error {
	if _, seen := packages[dir]; seen {
		return nil
	}
	platform := build.Default
	platform.GOOS, platform.GOARCH, platform.CgoEnabled, platform.BuildTags = "linux", "amd64", false, nil
	p, err := platform.ImportDir(filepath.Join(source, filepath.FromSlash(dir)), 0)
	if err != nil {
		return err
	}
	if len(p.EmbedPatterns) > 0 {
		return fmt.Errorf("package %s embeds files (%s), and a bundle has Go files only", path.Join(Module, dir), strings.Join(p.EmbedPatterns, ", "))
	}
	packages[dir] = p.GoFiles
	for _, imported := range p.Imports {
		below, ours := strings.CutPrefix(imported, Module+"/")
		if !ours {
			continue
		}
		if err := follow(source, below, packages); err != nil {
			return err
		}
	}
	return nil
}

// copyText copies a text with the line ends that git keeps: a checkout may have
// others, and the bundle is to have the same bytes.
func copyText(from, to string) error {
	content, err := readText(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

func readText(file string) ([]byte, error) {
	content, err := os.ReadFile(file)
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), err
}

// writeModule writes the archive's go.mod and go.sum: the project's, under the
// archive's module path. Versions stay those that the project tests with.
func writeModule(root, stage string) error {
	text, err := readText(filepath.Join(root, "go.mod"))
	if err != nil {
		return fmt.Errorf("read the project's go.mod: %w", err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return fmt.Errorf("read the project's go.mod: %w", err)
	}
	for _, r := range mod.Replace {
		if r.New.Version == "" {
			return fmt.Errorf("bundle go.mod: %s is replaced by the folder %s, which Google's build does not have", r.Old.Path, r.New.Path)
		}
	}
	if err := mod.AddModuleStmt(Module); err != nil {
		return fmt.Errorf("rewrite the module line: %w", err)
	}
	out, err := mod.Format()
	if err != nil {
		return fmt.Errorf("write the bundle's go.mod: %w", err)
	}
	if err := os.WriteFile(filepath.Join(stage, "go.mod"), out, 0o644); err != nil {
		return fmt.Errorf("write the bundle's go.mod: %w", err)
	}
	sums, err := readText(filepath.Join(root, "go.sum"))
	if os.IsNotExist(err) {
		return nil // a module without dependencies
	}
	if err != nil {
		return fmt.Errorf("read the project's go.sum: %w", err)
	}
	if err := os.WriteFile(filepath.Join(stage, "go.sum"), sums, 0o644); err != nil {
		return fmt.Errorf("write the bundle's go.sum: %w", err)
	}
	return nil
}

// goMod runs `go mod ARGS` in dir, first without the network, then with what the
// user's GOPROXY allows: the cache nearly always has everything.
func goMod(ctx context.Context, dir string, args ...string) error {
	err := goCommand(ctx, dir, []string{"GOPROXY=off"}, append([]string{"mod"}, args...)...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return goCommand(ctx, dir, nil, append([]string{"mod"}, args...)...)
}

// goCommand runs the go command in dir, away from any workspace around it and
// without stamping it with this repository's revision.
func goCommand(ctx context.Context, dir string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod -buildvcs=false")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
