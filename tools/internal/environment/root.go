package environment

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// module is the line that tells this project's go.mod from another's.
const module = "module github.com/flexsweep/flexsweep"

// FindRoot looks for the project's folder from dir upwards.
func FindRoot(dir string) (string, error) {
	start := dir
	for {
		if isRoot(dir) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no flexsweep project in %s or above it; go there, or name it with --project", start)
		}
		dir = parent
	}
}

func isRoot(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "go.mod"))
	if errors.Is(err, os.ErrNotExist) || err != nil {
		return false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.TrimSpace(lines.Text()) == module {
			return true
		}
	}
	return false
}
