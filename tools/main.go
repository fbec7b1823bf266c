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

// stamped is the version that "make install" and a release give by -ldflags.
var stamped string

// version is the module's version or the revision that was built, and "-dirty" if
// something in the checkout was not committed.
func version() string {
	if stamped != "" {
		return stamped
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	switch revision := settings["vcs.revision"]; {
	case revision != "" && settings["vcs.modified"] == "true":
		return revision + "-dirty"
	case revision != "":
		return revision
	case info.Main.Version != "" && info.Main.Version != "(devel)":
		return info.Main.Version
	}
	return "unknown (built without version control)"
}
