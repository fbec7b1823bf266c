package cli

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
)

// self is how the tool was started, as it can be typed again.
func self() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	if found, err := exec.LookPath("flexsweep"); err == nil && sameFile(found, program) {
		return "flexsweep"
	}
	if strings.Contains(program, string(filepath.Separator)+"go-build") {
		return "go run ./tools"
	}
	return os.Args[0]
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// findHome sets HOME where it is not, as under cron and in some containers: Go keeps
// its caches below it, and the tool the Terraform that it installed.
func findHome() error {
	if os.Getenv("HOME") != "" {
		return nil
	}
	u, err := user.Current()
	if err != nil || u.HomeDir == "" {
		return errors.New("HOME is not set, and the system knows no home for this user; set HOME to a folder that can be written to")
	}
	return os.Setenv("HOME", u.HomeDir)
}
