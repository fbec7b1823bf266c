package bundle

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// copySource copies what ships from source to stage.
func copySource(source, stage string) error {
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		if rel != "." && !ships(d) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		target := filepath.Join(stage, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		return fmt.Errorf("stage the bundle: %w", err)
	}
	return nil
}

// ships reports whether a file or folder belongs into the archive. Tests do not:
// Google's converter parses a root _test.go as part of the package and refuses
// "multiple packages".
func ships(d fs.DirEntry) bool {
	name := d.Name()
	switch {
	case strings.HasPrefix(name, "."), name == "testdata":
		return false
	case d.IsDir():
		return true
	case !d.Type().IsRegular():
		return false
	}
	return !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, ".md")
}

// writeModule writes the archive's go.mod and go.sum: the project's, under the
// archive's module path. Versions stay those that the project tests with.
func writeModule(root, stage string) error {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
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
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
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
