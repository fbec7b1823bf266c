package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// Sources are the hashes of what a plan was made of.
type Sources struct {
	Infra     string `json:"infra"`     // the configuration
	Bundle    string `json:"bundle"`    // the function's archive
	Variables string `json:"variables"` // the environment's files and what the tool adds
}

// Differ names what is not the same, in the words of the project's folders.
func (s Sources) Differ(other Sources) []string {
	var out []string
	if s.Infra != other.Infra {
		out = append(out, "infra/")
	}
	if s.Bundle != other.Bundle {
		out = append(out, "cloudfunction/")
	}
	if s.Variables != other.Variables {
		out = append(out, "the environment's variables")
	}
	return out
}

// hashConfiguration hashes the staged configuration: names and contents.
func hashConfiguration(dir string) (string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".terraform" {
			return filepath.SkipDir
		}
		rel, _ := filepath.Rel(dir, path)
		// The lock file is written by init, and overrides only lift a protection
		// that the plan itself shows.
		if !d.IsDir() && isConfiguration(rel) && rel != lockFile && rel != "flexsweep_override.tf.json" {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("hash infra/: %w", err)
	}
	return hashFiles(dir, files)
}

func hashFiles(base string, files []string) (string, error) {
	sort.Strings(files)
	h := sha256.New()
	for _, f := range files {
		content, err := os.ReadFile(f)
		if err != nil {
			return "", fmt.Errorf("hash sources: %w", err)
		}
		rel, err := filepath.Rel(base, f)
		if err != nil {
			return "", fmt.Errorf("hash sources: %w", err)
		}
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(rel), len(content))
		h.Write(content)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
