// Command flexsweep provisions and operates flexsweep: `go run ./tools help`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/flexsweep/flexsweep/tools/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program, err := cli.New(version())
	if err != nil {
		fmt.Fprintln(os.Stderr, "flexsweep:", err)
		os.Exit(cli.ExitError)
	}
	code := program.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// version is what the Go command stamped: a module version or a revision.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}
