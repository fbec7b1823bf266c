package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Originals is where the packages of package-lock.json are installed.
type Originals struct{ dir string }

// ErrNoNPM says that there is no npm on PATH, so the originals cannot be had.
var ErrNoNPM = errors.New("npm is not installed")

// pinned are the files that say what is installed.
var pinned = []string{"package.json", "package-lock.json", ".npmrc"}

// Install returns the originals, and installs them below root's build/conformance first, if they are not there yet. Another lock
// file is another folder, and a folder appears whole or not at all, so several tests may do this at once. source is the folder of
// package-lock.json. The error is ErrNoNPM, or what npm said.
func Install(ctx context.Context, root, source string) (Originals, error) {
	sum := sha256.New()
	files := map[string][]byte{}
	for _, name := range pinned {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return Originals{}, fmt.Errorf("read pinned versions: %w", err)
		}
		files[name] = content
		sum.Write(content)
	}
	store := filepath.Join(root, "build", "conformance")
	o := Originals{filepath.Join(store, hex.EncodeToString(sum.Sum(nil))[:12])}
	if _, err := os.Stat(o.dir); err == nil {
		return o, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return o, ErrNoNPM
	}
	if err := os.MkdirAll(store, 0o755); err != nil {
		return o, fmt.Errorf("make folder for npm packages: %w", err)
	}
	fresh, err := os.MkdirTemp(store, "installing-")
	if err != nil {
		return o, fmt.Errorf("make folder for npm packages: %w", err)
	}
	defer os.RemoveAll(fresh)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), content, 0o644); err != nil {
			return o, fmt.Errorf("copy pinned versions: %w", err)
		}
	}
	if err := npmCI(ctx, fresh); err != nil {
		return o, err
	}
	err = os.Rename(fresh, o.dir)
	if _, there := os.Stat(o.dir); err != nil && there != nil {
		return o, fmt.Errorf("keep npm packages: %w", err)
	}
	return o, nil
}

// npmCI installs exactly what the lock file says, and runs no script of a package.
func npmCI(ctx context.Context, dir string) error {
	cmd := exec.CommandContext(ctx, "npm", "ci", "--loglevel=error", "--no-progress")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Modules is the folder node_modules.
func (o Originals) Modules() string { return filepath.Join(o.dir, "node_modules") }

// spec is the path of one of Twilio's OpenAPI files, such as sync_v1.
func (o Originals) spec(name string) string {
	return filepath.Join(o.Modules(), "@twilio", "cli-core", "src", "services", "twilio-api", "twilio_"+name+".json")
}
