package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ours names a file or folder that goes with this process: kind-PID-random. What a
// killed process left is known by its id.
func ours(kind string) string { return fmt.Sprintf("%s-%d-", kind, os.Getpid()) }

// removeLeftovers removes from an environment's folder what commands that no longer run
// have left: files with secrets, folders to read the state from.
func removeLeftovers(build string) {
	for _, kind := range []string{secretsKind, readKind} {
		found, _ := filepath.Glob(filepath.Join(build, kind+"-*"))
		for _, path := range found {
			id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), kind+"-"), "-")
			if pid, err := strconv.Atoi(id); err != nil || !alive(pid) {
				os.RemoveAll(path)
			}
		}
	}
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
