// Package bundle makes the source archive that Cloud Functions builds from: the
// Go files of cloudfunction/ that are built, at the archive's root, with a go.mod of
// its own and the licence, and the same bytes on every machine.
package bundle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// Module is the module path inside the archive. It is the path that the packages
// have in this repository too, so no import has to be rewritten.
const Module = "github.com/flexsweep/flexsweep/cloudfunction"

// Bundle is a finished archive.
type Bundle struct {
	Path   string `json:"path"`   // absolute
	SHA256 string `json:"sha256"` // of the archive, hex
}

// Build stages root/cloudfunction, tidies its go.mod and writes
// build/function-<first 16 of the hash>.zip. It runs the go command, without the
// network wherever the module cache has everything.
func Build(ctx context.Context, root, build string) (Bundle, error) {
	stage, err := os.MkdirTemp("", "flexsweep-bundle-")
	if err != nil {
		return Bundle{}, fmt.Errorf("stage the bundle: %w", err)
	}
	defer os.RemoveAll(stage)
	if err := copySource(root, stage); err != nil {
		return Bundle{}, err
	}
	if err := writeModule(root, stage); err != nil {
		return Bundle{}, err
	}
	if err := goMod(ctx, stage, "tidy"); err != nil {
		return Bundle{}, fmt.Errorf("tidy the bundle's go.mod: %w", err)
	}
	archive, err := pack(stage)
	if err != nil {
		return Bundle{}, err
	}
	sum := sha256.Sum256(archive)
	b := Bundle{SHA256: hex.EncodeToString(sum[:])}
	b.Path, err = filepath.Abs(filepath.Join(build, "function-"+b.SHA256[:16]+".zip"))
	if err != nil {
		return Bundle{}, fmt.Errorf("name the bundle: %w", err)
	}
	return b, store(b.Path, archive)
}

// store writes the archive under its name, whole or not at all.
func store(path string, archive []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".function-*.zip")
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(archive)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}
