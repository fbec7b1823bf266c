// Package terraform drives the Terraform program. It is the only importer of
// terraform-exec and hc-install: everybody else sees a Runner, events and
// diagnostics.
package terraform

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/fs"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// pinned is the version constraint of the project, one line.
// Write-only arguments need 1.11.
//
//go:embed terraform-version
var pinned string

// Constraint is the range of Terraform versions that the project accepts.
func Constraint() string { return strings.TrimSpace(pinned) }

// ErrNotFound says that no fitting Terraform is on PATH and that none could be
// installed.
var ErrNotFound = errors.New("no fitting Terraform")

// Locate returns the path of a Terraform that fits Constraint: the one on PATH,
// else one installed before into cacheDir, else the newest release, installed
// there. With install false nothing is downloaded. notice gets one line before a
// download. The error is ErrNotFound with what to do.
func Locate(ctx context.Context, cacheDir string, download bool, notice io.Writer) (string, error) {
	constraints, err := version.NewConstraint(Constraint())
	if err != nil {
		return "", fmt.Errorf("parse the pinned Terraform version %q: %w", Constraint(), err)
	}
	found := []src.Source{&fs.Version{
		Product:     product.Terraform,
		Constraints: constraints,
		ExtraPaths:  []string{cacheDir},
	}}
	path, err := install.NewInstaller().Ensure(ctx, found)
	if err == nil {
		return path, nil
	}
	if !download {
		return "", fmt.Errorf("%w: none on PATH is %s; install it from https://developer.hashicorp.com/terraform/install", ErrNotFound, Constraint())
	}
	return downloadInto(ctx, cacheDir, constraints, notice)
}

func downloadInto(ctx context.Context, dir string, constraints version.Constraints, notice io.Writer) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("create the cache for Terraform: %w", err)
	}
	fmt.Fprintf(notice, "No Terraform %s on PATH; installing one into %s\n", Constraint(), dir)
	newest := &releases.LatestVersion{Product: product.Terraform, Constraints: constraints, InstallDir: dir}
	path, err := install.NewInstaller().Ensure(ctx, []src.Source{newest})
	if err != nil {
		return "", fmt.Errorf("%w: none on PATH is %s and none could be downloaded from releases.hashicorp.com (%w); install it by hand from https://developer.hashicorp.com/terraform/install", ErrNotFound, Constraint(), err)
	}
	return path, nil
}

// CacheDir is where Terraform is installed when PATH has none: a folder of the
// user's cache.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(base, "flexsweep", "terraform"), nil
}
